namespace MailOps.Relay.Server.Limits;

/// <summary>The longest line of a message while it streams by.</summary>
/// <param name="limit">In bytes, without CR LF.</param>
internal sealed class LineLength(int limit)
{
    // Of the line so far, with its CR, if that has come.
    private long _length;

    /// <summary>Whether a line was longer than the limit.</summary>
    public bool Exceeded { get; private set; }

    /// <summary>Looks at more of the message.</summary>
    public void Count(ReadOnlySpan<byte> bytes)
    {
        while (!Exceeded && !bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            _length += end < 0 ? bytes.Length : end;
            // Up to its end a line may have one byte more, which may be its CR.
            if (_length > limit + 1L) Exceeded = true;
            if (end < 0) return;
            _length = 0;
            bytes = bytes[(end + 1)..];
        }
    }
}
