namespace MailOps.Relay.Server;

/// <summary>What was found where a line was looked for.</summary>
internal enum LineState
{
    /// <summary>A whole line.</summary>
    Complete,
    /// <summary>Not yet its end.</summary>
    Incomplete,
    /// <summary>Longer than <see cref="CommandLine.MaxLength"/>.</summary>
    TooLong,
    /// <summary>Too long already, and its end is not there yet.</summary>
    Overflowing,
    /// <summary>It ends with a bare LF, or holds CR or NUL.</summary>
    Malformed,
}

/// <summary>A line from the client, or why there is none.</summary>
/// <param name="Text">The line without CR LF; valid until the next wait for input.</param>
/// <param name="Reply">What to say of something that is no line; null otherwise.</param>
/// <param name="Ended">Whether the client closed its side.</param>
internal readonly record struct Line(ReadOnlyMemory<byte> Text, Reply? Reply, bool Ended);

/// <summary>Cuts the client's bytes into lines.</summary>
internal static class CommandLine
{
    /// <summary>
    /// 4096 octets with CR LF: RFC 5321 section 4.5.3.1.4 asks for 512, the extensions add to it (RFC 3461 section 4.2: 500 for ORCPT, RFC 4954 section 3: 500
    /// for AUTH=).
    /// </summary>
    public const int MaxLength = 4096;

    /// <summary>RFC 4954 section 4: what a line of an AUTH exchange may have; access tokens need it.</summary>
    public const int MaxAuthenticationLength = 12288;

    /// <summary>Finds the first line. One that is not <see cref="LineState.Complete"/> is taken too, where its end is there.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="line">The line without CR LF; valid as long as the buffer.</param>
    /// <param name="taken">How many bytes it is with its end.</param>
    /// <param name="maxLength">The longest it may be, with CR LF.</param>
    public static LineState TryTake(ReadOnlyMemory<byte> buffer, out ReadOnlyMemory<byte> line, out int taken, int maxLength = MaxLength)
    {
        line = default;
        var end = buffer.Span.IndexOf((byte)'\n');
        taken = end + 1;
        if (end < 0) return buffer.Length >= maxLength && buffer.Length >= Limit(buffer.Span, maxLength) ? LineState.Overflowing : LineState.Incomplete;
        if (taken > maxLength && taken > Limit(buffer.Span, maxLength)) return LineState.TooLong;
        // RFC 5321 section 2.3.8: only CR LF ends a line; a lone one of them, or NUL, is in no command.
        if (end == 0 || buffer.Span[end - 1] != '\r') return LineState.Malformed;
        line = buffer[..(end - 1)];
        return line.Span.ContainsAny((byte)'\r', (byte)'\0') ? LineState.Malformed : LineState.Complete;
    }

    // Clients send the token with the command, although it is longer than a command may be (RFC 4954 section 4 would have them wait for 334).
    private static int Limit(ReadOnlySpan<byte> line, int maxLength) =>
        maxLength == MaxLength && System.Text.Ascii.EqualsIgnoreCase(line[..5], "AUTH "u8) ? MaxAuthenticationLength : maxLength;
}
