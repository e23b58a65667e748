namespace MailOps.Relay.Delivery.Smtp;

/// <summary>
/// Writes content for DATA: a dot before every dot that begins a line, CRLF at the end if it lacks one, and the final dot
/// (RFC 5321 section 4.5.2). Lines end with CRLF only: content with bare CR or LF does not get here.
/// </summary>
internal sealed class DotStuffing(SmtpChannel channel)
{
    private byte _last = (byte)'\n';

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_last == '\n' && bytes[0] == '.') channel.Write("."u8);
            var dot = bytes.IndexOf("\n."u8);
            var part = dot < 0 ? bytes : bytes[..(dot + 1)];
            channel.Write(part);
            _last = part[^1];
            bytes = bytes[part.Length..];
        }
    }

    public void End() => channel.Write(_last == '\n' ? ".\r\n"u8 : "\r\n.\r\n"u8);
}
