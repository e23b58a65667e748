using MailOps.Messages;

namespace MailOps.Policies;

/// <summary>The TXT record at <c>_smtp._tls.DOMAIN</c> (RFC 8460 section 3): that the domain wants reports on TLS, and where to.</summary>
/// <param name="Uris">Where reports go, <c>mailto:</c> and <c>https:</c>, in the order of the record; those of other schemes are there too, and nobody serves them.</param>
public sealed record TlsRptRecord(IReadOnlyList<string> Uris)
{
    /// <summary>What such a record begins with.</summary>
    public const string Version = "v=TLSRPTv1";

    private static readonly char[] Space = [' ', '\t'];

    /// <summary>The name of the record of a domain.</summary>
    public static string NameFor(string domain) => "_smtp._tls." + domain;

    /// <summary>The one record among all TXT records of the name. None counts where several are of this version (RFC 8460 section 3).</summary>
    public static PolicyReading<TlsRptRecord> Choose(IReadOnlyList<string> records) => TaggedRecord.Choose(records, Version, Parse);

    /// <summary>Reads one record, its strings joined.</summary>
    public static PolicyReading<TlsRptRecord> Parse(string text)
    {
        var uris = new List<string>();
        var fields = TaggedRecord.Read(text, Version, out var malformed);
        foreach (var field in fields)
        {
            var fault = field.Name == "rua" ? AddUris(uris, field) : TaggedRecord.Extension(field);
            if (fault is not null) return PolicyReading.Not<TlsRptRecord>(fault);
        }
        if (malformed is not null) return PolicyReading.Not<TlsRptRecord>(malformed);
        return uris.Count > 0 ? PolicyReading.Of(new TlsRptRecord(uris)) : PolicyReading.Not<TlsRptRecord>(PolicyFault.Whole("there is no rua"));
    }

    private static PolicyFault? AddUris(List<string> uris, TaggedField field)
    {
        var column = field.ValueColumn;
        foreach (var part in field.Value.Split(','))
        {
            var uri = part.Trim(Space);
            if (!IsUri(uri)) return new PolicyFault(1, column, $"'{Printable.Shorten(uri)}' is no URI");
            uris.Add(uri);
            column += part.Length + 1;
        }
        return null;
    }

    // RFC 3986 section 3, as far as the characters go; RFC 8460 section 3 wants comma, semicolon and exclamation mark encoded.
    private static bool IsUri(string text)
    {
        var colon = text.IndexOf(':');
        if (colon < 1 || colon == text.Length - 1) return false;
        var scheme = text.Substring(0, colon);
        if (!IsLetter(scheme[0]) || !scheme.All(c => TaggedRecord.IsAlphanumeric(c) || c is '+' or '-' or '.')) return false;
        for (var i = colon + 1; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                if (i + 2 >= text.Length || !IsHex(text[i + 1]) || !IsHex(text[i + 2])) return false;
                i += 2;
            }
            else if (!TaggedRecord.IsAlphanumeric(text[i]) && "-._~:/?#[]@$&'()*+=".IndexOf(text[i]) < 0)
            {
                return false;
            }
        }
        return Uri.IsWellFormedUriString(text, UriKind.Absolute) || scheme.Equals("mailto", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsLetter(char c) => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z';

    private static bool IsHex(char c) => c is >= '0' and <= '9' or >= 'a' and <= 'f' or >= 'A' and <= 'F';
}
