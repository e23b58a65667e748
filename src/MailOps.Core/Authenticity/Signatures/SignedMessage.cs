namespace MailOps.Authenticity.Signatures;

/// <summary>A message byte for byte: its header in memory, its body where it lies.</summary>
internal sealed class SignedMessage
{
    private const int BlockSize = 64 * 1024;

    private readonly Stream _content;
    private readonly long _bodyStart;

    private SignedMessage(Stream content, byte[] header, long bodyStart, LineEnds ends)
    {
        _content = content;
        _bodyStart = bodyStart;
        Ends = ends;
        Fields = RawField.ReadAll(header, out var malformed);
        Header = malformed == 0 ? header : RawField.Join(Fields);
        MalformedLines = malformed;
    }

    /// <summary>The header, without the empty line behind it and without lines that belong to no field.</summary>
    public byte[] Header { get; }

    /// <summary>Its fields, the topmost first.</summary>
    public IReadOnlyList<RawField> Fields { get; }

    /// <summary>Lines of the header that belong to no field.</summary>
    public int MalformedLines { get; }

    /// <summary>How the lines end.</summary>
    public LineEnds Ends { get; }

    /// <summary>Whether the header does not end within the limit, so that what is behind it is not known.</summary>
    public bool IsHeaderEndless { get; private init; }

    /// <summary>Reads header and line ends.</summary>
    /// <param name="content">The whole message; it stays the caller's, and is read again for the body.</param>
    /// <param name="maxHeader">How many bytes a header may have.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<SignedMessage> ReadAsync(Stream content, int maxHeader, CancellationToken cancellationToken)
    {
        using var head = new MemoryStream();
        var ends = new LineEnds();
        var block = new byte[BlockSize];
        content.Position = 0;
        while (await content.ReadAsync(block, 0, block.Length, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            ends.Count(block, read);
            head.Write(block, 0, (int)Math.Min(read, maxHeader - head.Length));
        }
        var bytes = head.ToArray();
        var start = StartOf(bytes);
        var (end, bodyStart) = EndOf(bytes, start);
        var isEndless = end < 0 && content.Length > bytes.Length;
        var header = new byte[(end < 0 ? bytes.Length : end) - start];
        Array.Copy(bytes, start, header, 0, header.Length);
        return new SignedMessage(content, ends.AreBareFeeds ? LineEnds.ToCrLf(header) : header, end < 0 ? content.Length : bodyStart, ends) { IsHeaderEndless = isEndless };
    }

    /// <summary>Runs the body through hashes.</summary>
    public async Task HashAsync(IReadOnlyCollection<BodyHash> hashes, CancellationToken cancellationToken)
    {
        if (hashes.Count == 0) return;
        var block = new byte[BlockSize];
        _content.Position = _bodyStart;
        while (await _content.ReadAsync(block, 0, block.Length, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (bytes, count) = (block, read);
            if (Ends.AreBareFeeds)
            {
                bytes = LineEnds.ToCrLf(block, read);
                count = bytes.Length;
            }
            foreach (var hash in hashes) hash.Add(bytes, count);
        }
        foreach (var hash in hashes) hash.End();
    }

    // Mailbox files have a line before the first field that is no field.
    private static int StartOf(byte[] bytes)
    {
        var start = 0;
        while (start < bytes.Length && bytes[start] is (byte)'\r' or (byte)'\n') start++;
        var isMailbox = bytes.Length - start > 5 && bytes[start] == 'F' && bytes[start + 1] == 'r' && bytes[start + 2] == 'o' && bytes[start + 3] == 'm' && bytes[start + 4] == ' ';
        var feed = isMailbox ? Array.IndexOf(bytes, (byte)'\n', start) : -1;
        return feed < 0 ? start : feed + 1;
    }

    // The first empty line, its end LF with or without CR; -1 where there is none.
    private static (int End, int BodyStart) EndOf(byte[] bytes, int start)
    {
        for (var at = start; at < bytes.Length;)
        {
            if (bytes[at] == '\n') return (at, at + 1);
            if (bytes[at] == '\r' && at + 1 < bytes.Length && bytes[at + 1] == '\n') return (at, at + 2);
            var feed = Array.IndexOf(bytes, (byte)'\n', at);
            if (feed < 0) break;
            at = feed + 1;
        }
        return (-1, 0);
    }
}
