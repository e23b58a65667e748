namespace MailOps.Authenticity.Signatures;

/// <summary>How the lines of a message end. On its way each ends with CRLF (RFC 5321 section 2.3.8), and so it was signed (RFC 6376 section 5.3).</summary>
internal sealed class LineEnds
{
    private byte _previous;

    /// <summary>Lines that end with CRLF.</summary>
    public long CrLf { get; private set; }

    /// <summary>Line feeds without a carriage return before them.</summary>
    public long BareFeeds { get; private set; }

    /// <summary>NUL bytes.</summary>
    public long Nuls { get; private set; }

    /// <summary>Whether all lines end with LF alone, as files of Unix do: then a reader can know what they were on the way.</summary>
    public bool AreBareFeeds => BareFeeds > 0 && CrLf == 0;

    /// <summary>Whether some do and some do not.</summary>
    public bool AreMixed => BareFeeds > 0 && CrLf > 0;

    /// <summary>Counts those of a block; the blocks follow one another.</summary>
    public void Count(byte[] block, int length)
    {
        for (var i = 0; i < length; i++)
        {
            if (block[i] == 0) Nuls++;
            if (block[i] == '\n' && _previous == '\r') CrLf++;
            else if (block[i] == '\n') BareFeeds++;
            _previous = block[i];
        }
    }

    /// <summary>The bytes with CRLF for LF.</summary>
    public static byte[] ToCrLf(byte[] bytes, int? length = null)
    {
        var count = length ?? bytes.Length;
        var wide = new byte[count * 2];
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            if (bytes[i] == '\n') wide[at++] = (byte)'\r';
            wide[at++] = bytes[i];
        }
        Array.Resize(ref wide, at);
        return wide;
    }
}
