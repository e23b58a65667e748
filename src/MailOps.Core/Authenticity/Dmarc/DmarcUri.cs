using MailOps.Messages;

namespace MailOps.Authenticity.Dmarc;

/// <summary>A place that reports go to.</summary>
/// <param name="Text">The URI, without the limit of size that older records have behind it.</param>
/// <param name="Host">For mailto, the domain; null for others.</param>
/// <param name="HasLimit">Whether there is a limit of size, which RFC 9990 knows no more.</param>
/// <param name="Column">Where it begins in the record, from 1.</param>
/// <param name="Fault">What is wrong with it, as a sentence; null where nothing is.</param>
internal sealed record DmarcUri(string Text, string? Host, bool HasLimit, int Column, string? Fault)
{
    private static readonly char[] Space = [' ', '\t'];

    /// <summary>Those of a tag (RFC 9989 section 4.8).</summary>
    public static IReadOnlyList<DmarcUri> ReadAll(Tag? tag)
    {
        var uris = new List<DmarcUri>();
        var column = tag?.ValueColumn ?? 0;
        foreach (var part in tag?.Value.Split(',') ?? [])
        {
            uris.Add(Read(part.Trim(Space), column + part.Length - part.TrimStart(Space).Length));
            column += part.Length + 1;
        }
        return uris;
    }

    private static DmarcUri Read(string text, int column)
    {
        var mark = text.IndexOf('!');
        var uri = mark < 0 ? text : text.Substring(0, mark);
        if (mark >= 0 && !IsLimit(text.Substring(mark + 1))) return Not($"'{Printable.Shorten(text.Substring(mark))}' is no limit of size.");
        var colon = uri.IndexOf(':');
        if (colon < 1 || !Uri.TryCreate(uri, UriKind.Absolute, out var parsed)) return Not($"'{Printable.Shorten(text)}' is no URI.");
        if (!string.Equals(parsed.Scheme, "mailto", StringComparison.OrdinalIgnoreCase)) return new DmarcUri(uri, null, mark >= 0, column, null);
        var address = uri.Substring(colon + 1).Split('?')[0];
        return EmailAddress.TryParse(Uri.UnescapeDataString(address), out var mailbox)
            ? new DmarcUri(uri, DomainName.ToAscii(mailbox.Domain), mark >= 0, column, null)
            : Not($"'{Printable.Shorten(address)}' is no e-mail address.");

        DmarcUri Not(string fault) => new(uri, null, mark >= 0, column, fault);
    }

    // RFC 7489 section 6.4 had a number of bytes here, perhaps with k, m, g or t.
    private static bool IsLimit(string text)
    {
        var digits = text.Length > 1 && char.ToLowerInvariant(text[text.Length - 1]) is 'k' or 'm' or 'g' or 't' ? text.Substring(0, text.Length - 1) : text;
        return digits.Length is > 0 and <= 18 && digits.All(c => c is >= '0' and <= '9');
    }
}
