using System.Text;

namespace MailOps.Authenticity.Signatures;

/// <summary>One field of a header, byte for byte.</summary>
internal sealed class RawField
{
    private readonly byte[] _header;
    private readonly int _start, _end, _colon;

    private RawField(byte[] header, int start, int end, int colon, string name)
    {
        (_header, _start, _end, _colon) = (header, start, end, colon);
        Name = name;
    }

    /// <summary>The name in small letters.</summary>
    public string Name { get; }

    /// <summary>The number of bytes, the line end not among them.</summary>
    public int Length => _end - _start;

    /// <summary>What is behind the colon, as text; bytes beyond ASCII are read as UTF-8.</summary>
    public string Value => Encoding.UTF8.GetString(_header, _colon + 1, _end - _colon - 1);

    /// <summary>The fields as a header, for a reader that does not take what is between them.</summary>
    public static byte[] Join(IEnumerable<RawField> fields)
    {
        using var header = new MemoryStream();
        foreach (var field in fields)
        {
            header.Write(field._header, field._start, field.Length);
            header.Write([(byte)'\r', (byte)'\n'], 0, 2);
        }
        return header.ToArray();
    }

    /// <summary>Takes a header apart.</summary>
    /// <param name="header">Lines, each with its end.</param>
    /// <param name="malformed">How many lines belong to no field.</param>
    public static List<RawField> ReadAll(byte[] header, out int malformed)
    {
        var fields = new List<RawField>();
        malformed = 0;
        for (var start = 0; start < header.Length;)
        {
            var end = EndOfField(header, start);
            var text = end;
            if (text > start && header[text - 1] == '\n') text--;
            if (text > start && header[text - 1] == '\r') text--;
            if (TryRead(header, start, text) is { } field) fields.Add(field);
            else malformed++;
            start = end;
        }
        return fields;
    }

    /// <summary>The field as a signature sees it, without the end of its last line (RFC 6376 section 3.4).</summary>
    /// <param name="relaxed">Whether the name is in small letters, and white space is one space (section 3.4.2); otherwise the bytes are those that are there.</param>
    /// <param name="withoutSignature">Whether the value of its tag b is left out (section 3.7).</param>
    public byte[] Canonical(bool relaxed, bool withoutSignature = false)
    {
        var bytes = withoutSignature ? WithoutSignature(out var colon) : Copy(out colon);
        return relaxed ? Relaxed(bytes, colon) : bytes;
    }

    private static RawField? TryRead(byte[] header, int start, int end)
    {
        var colon = Array.IndexOf(header, (byte)':', start, end - start);
        if (colon < 0) return null;
        var nameEnd = colon;
        while (nameEnd > start && header[nameEnd - 1] is (byte)' ' or (byte)'\t') nameEnd--;
        if (nameEnd == start) return null;
        // RFC 5322 section 2.2: printable ASCII without the colon.
        for (var i = start; i < nameEnd; i++)
        {
            if (header[i] is < 33 or > 126) return null;
        }
        return new RawField(header, start, end, colon, Encoding.ASCII.GetString(header, start, nameEnd - start).ToLowerInvariant());
    }

    // A line that begins with white space goes on with the one before (RFC 5322 section 2.2.3).
    private static int EndOfField(byte[] header, int start)
    {
        for (var at = start; ;)
        {
            var feed = Array.IndexOf(header, (byte)'\n', at);
            if (feed < 0) return header.Length;
            at = feed + 1;
            if (at >= header.Length || header[at] is not ((byte)' ' or (byte)'\t')) return at;
        }
    }

    private byte[] Copy(out int colon)
    {
        var copy = new byte[Length];
        Array.Copy(_header, _start, copy, 0, copy.Length);
        colon = _colon - _start;
        return copy;
    }

    // What is between the equals sign of the tag b and the next semicolon, or the end.
    private byte[] WithoutSignature(out int colon)
    {
        var bytes = Copy(out colon);
        for (var start = colon + 1; start < bytes.Length;)
        {
            var end = Array.IndexOf(bytes, (byte)';', start);
            if (end < 0) end = bytes.Length;
            var equals = Array.IndexOf(bytes, (byte)'=', start, end - start);
            if (equals > 0 && Encoding.ASCII.GetString(bytes, start, equals - start).Trim(' ', '\t', '\r', '\n') == "b") return [.. bytes.Take(equals + 1), .. bytes.Skip(end)];
            start = end + 1;
        }
        return bytes;
    }

    private byte[] Relaxed(byte[] bytes, int colon)
    {
        using var relaxed = new MemoryStream(bytes.Length);
        relaxed.Write(Encoding.ASCII.GetBytes(Name), 0, Name.Length);
        relaxed.WriteByte((byte)':');
        var (space, begun) = (false, false);
        for (var i = colon + 1; i < bytes.Length; i++)
        {
            switch (bytes[i])
            {
                case (byte)' ' or (byte)'\t':
                    space = true;
                    continue;
                case (byte)'\r' when i + 1 < bytes.Length && bytes[i + 1] == '\n':
                    i++;
                    continue;
            }
            if (space && begun) relaxed.WriteByte((byte)' ');
            relaxed.WriteByte(bytes[i]);
            (space, begun) = (false, true);
        }
        return relaxed.ToArray();
    }
}
