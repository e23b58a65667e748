using System.Text;

namespace MailOps.Relay.Mail;

/// <summary>
/// Finds <c>TLS-Required: No</c> in a header (RFC 8689 section 3). It is looked for once, when a message is accepted and its header is in memory or just written, and kept with the envelope:
/// to plan a delivery the content is not opened, and most messages are planned more often than accepted.
/// </summary>
internal static class TlsRequiredField
{
    private const int MaxHeader = 64 * 1024;

    public static bool SaysNo(MailContent content)
    {
        if (content.TryGetMemory(out var bytes)) return SaysNo(bytes.Span);
        var start = new byte[MaxHeader];
        using var stream = content.OpenRead();
        return SaysNo(start.AsSpan(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)));
    }

    public static bool SaysNo(ReadOnlySpan<byte> content)
    {
        while (NextLine(ref content) is { IsEmpty: false } line)
        {
            if ((line[0] | 0x20) != 't' || !IsField(line, out var value)) continue;
            var isFolded = value.IsEmpty && content is [(byte)' ' or (byte)'\t', ..];
            if (Ascii.EqualsIgnoreCase(isFolded ? NextLine(ref content).Trim(" \t"u8) : value, "no"u8)) return true;
        }
        return false;
    }

    private static bool IsField(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> value)
    {
        var colon = line.IndexOf((byte)':');
        value = colon < 0 ? default : line[(colon + 1)..].Trim(" \t"u8);
        return colon > 0 && Ascii.EqualsIgnoreCase(line[..colon].TrimEnd(" \t"u8), "tls-required"u8);
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> content)
    {
        var end = content.IndexOf((byte)'\n');
        var line = end < 0 ? content : content[..end];
        content = end < 0 ? default : content[(end + 1)..];
        return line.TrimEnd((byte)'\r');
    }
}
