using MailOps.Messages;

namespace MailOps.Authenticity.Dkim;

/// <summary>How a key is published in the DNS.</summary>
public static class DkimKeyPublication
{
    private const int LongestString = 255;   // octets; RFC 1035 section 3.3

    /// <summary>The name of the record (RFC 6376 section 3.6.2.1).</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidDomain"/>: one of them is no domain name, or both together are too long.</exception>
    public static (string Domain, string Selector, string Name) NameOf(string domain, string selector)
    {
        if (!DomainName.TryToAscii(domain, out var ascii) || ascii.IndexOf('.') < 0)
            throw new MailOpsException(ErrorCode.InvalidDomain, $"'{Printable.Escape(domain)}' is not a domain that can sign mail.", "Give the domain of the senders' addresses, as example.com.");
        // RFC 6376 section 3.1: a selector is one or more labels.
        if (!DomainName.TryToAscii(selector, out var label))
            throw new MailOpsException(ErrorCode.InvalidDomain, $"'{Printable.Escape(selector)}' is not a selector.", "Use letters, digits and hyphens, as s202611: it becomes part of a name in the DNS.");
        var name = $"{label}._domainkey.{ascii}";
        // RFC 1035 section 2.3.4: 255 octets with the length of each label and the root.
        if (name.Length > 253) throw new MailOpsException(ErrorCode.InvalidDomain, $"The name '{name}' has {name.Length} characters, and a name of the DNS 253 at most.", "Use a shorter selector.");
        return (ascii, label, name);
    }

    /// <summary>The text of the record (RFC 6376 section 3.6.1).</summary>
    /// <param name="type">The kind of key.</param>
    /// <param name="publicKey">What p= holds.</param>
    /// <param name="isTest">Whether receivers are to take signatures for a test (t=y).</param>
    public static string RecordOf(DkimKeyType type, string publicKey, bool isTest) =>
        $"v=DKIM1; k={(type == DkimKeyType.Rsa ? "rsa" : "ed25519")}; {(isTest ? "t=y; " : "")}p={publicKey}";

    /// <summary>A text in the strings of which a TXT record consists; receivers join them with nothing between (RFC 6376 section 3.6.2.2).</summary>
    public static string[] StringsOf(string record) =>
        [.. Enumerable.Range(0, (record.Length + LongestString - 1) / LongestString).Select(i => record.Substring(i * LongestString, Math.Min(LongestString, record.Length - (i * LongestString))))];

    /// <summary>The record as a line of a zone file (RFC 1035 section 5.1).</summary>
    public static string ZoneLineOf(string name, IEnumerable<string> strings) => $"{name}. IN TXT ( {string.Join(" ", strings.Select(text => $"\"{text}\""))} )";
}
