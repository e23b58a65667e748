using System.Text;
using MimeKit.Utils;

namespace MailOps.Relay.Mail;

/// <summary>
/// What people know a message by, its Message-ID and its subject (RFC 5322 section 3.6.4 and 3.6.5), read from the beginning of its header and made fit for a line of
/// a log: no control characters, encoded words decoded (RFC 2047), not longer than makes sense. Anybody can write anything there; none of it is believed.
/// </summary>
/// <param name="MessageId">The Message-ID as it stands there, with its angle brackets; null without.</param>
/// <param name="Subject">The subject; null without.</param>
internal readonly record struct HeaderGlance(string? MessageId, string? Subject)
{
    /// <summary>How far is looked, in bytes: a header that says it further down is no one's that matters.</summary>
    public const int Reach = 16 * 1024;

    private const int LongestField = 998, LongestText = 255;   // RFC 5322 section 2.1.1: of a line; as Exchange keeps of a subject

    /// <summary>Looks at the beginning of a content.</summary>
    public static async ValueTask<HeaderGlance> OfAsync(MailContent content, bool subject, CancellationToken cancellationToken)
    {
        if (content.TryGetMemory(out var memory)) return Of(memory.Span, subject);
        var beginning = new byte[Math.Min(Reach, content.Length)];
        var stream = content.OpenRead();
        await using (stream.ConfigureAwait(false))
        {
            var count = await stream.ReadAtLeastAsync(beginning, beginning.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return Of(beginning.AsSpan(0, count), subject);
        }
    }

    /// <summary>Looks at the beginning of a message.</summary>
    public static HeaderGlance Of(ReadOnlySpan<byte> message, bool subject)
    {
        var rest = message[..Math.Min(message.Length, Reach)];
        string? id = null, words = null;
        while ((id is null || (subject && words is null)) && TakeField(ref rest, out var field))
        {
            if (id is null && Value(field, "message-id:"u8) is { IsEmpty: false } found) id = Clean(Encoding.UTF8.GetString(found));
            else if (subject && words is null && Value(field, "subject:"u8) is { IsEmpty: false } text) words = Clean(Rfc2047.DecodeText(text.ToArray()));
        }
        return new HeaderGlance(id, words);
    }

    // A line and those folded under it; false at the empty line that ends the header, or at the end.
    private static bool TakeField(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> field)
    {
        field = default;
        if (rest.IsEmpty || rest[0] is (byte)'\r' or (byte)'\n') return false;
        var length = 0;
        do
        {
            var end = rest[length..].IndexOf((byte)'\n');
            length = end < 0 ? rest.Length : length + end + 1;
        }
        while (length < rest.Length && rest[length] is (byte)' ' or (byte)'\t');
        field = rest[..length];
        rest = rest[length..];
        return true;
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name)
    {
        if (field.Length < name.Length || !Ascii.EqualsIgnoreCase(field[..name.Length], name)) return default;
        var value = field[name.Length..];
        return value[..Math.Min(value.Length, LongestField)];
    }

    private static string? Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.Trim().EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > LongestText) break;
            if (!Rune.IsControl(rune)) clean.Append(rune.ToString());
            else if (rune.Value is '\t' && clean.Length > 0 && clean[^1] != ' ') clean.Append(' ');   // where a line was folded
        }
        return clean.Length > 0 ? clean.ToString().TrimEnd() : null;
    }
}
