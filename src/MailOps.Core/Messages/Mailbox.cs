using MimeKit;

namespace MailOps.Messages;

/// <summary>One entry of an address list (RFC 5322 section 3.4): an address, with the name that mail programs show.</summary>
/// <param name="Name">The display name, or null.</param>
/// <param name="Address">The address; a domain beyond ASCII is kept as A-labels, which every server takes.</param>
public sealed record Mailbox(string? Name, EmailAddress Address)
{
    private static readonly ParserOptions Strict = new()
    {
        AddressParserComplianceMode = RfcComplianceMode.Strict,
        AllowAddressesWithoutDomain = false,
        AllowUnquotedCommasInAddresses = false,
    };

    /// <summary>Reads a list as people write it: <c>a@x.test, "Doe, Jo" &lt;jo@y.test&gt;</c>. Members of a group are listed as if there were none.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidAddress"/> where one entry is not an address.</exception>
    public static IReadOnlyList<Mailbox> ParseList(string text)
    {
        // One bare address, which most records of a long pipeline have: the grammar of a list is not needed, and takes longer than the address.
        if (IsBare(text) && EmailAddress.TryParse(text, out var address)) return [new Mailbox(null, address)];
        if (text.Trim().Length == 0) return [];
        var mailboxes = ParseField(text);
        return mailboxes.Count > 0 ? mailboxes : throw Invalid(text);
    }

    /// <summary>Reads a list as a header field has it, in which a group may be empty: <c>undisclosed-recipients:;</c>.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidAddress"/> where one entry is not an address.</exception>
    public static IReadOnlyList<Mailbox> ParseField(string text)
    {
        if (text.Trim().Length == 0) return [];
        if (!InternetAddressList.TryParse(Strict, text, out var list)) throw Invalid(text);
        return [.. list.Mailboxes.Select(mailbox => From(mailbox, text))];
    }

    /// <summary>Reads one entry.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidAddress"/> where it is not exactly one address.</exception>
    public static Mailbox Parse(string text)
    {
        var list = ParseList(text);
        return list.Count == 1 ? list[0] : throw Invalid(text);
    }

    /// <summary>The entry as it stands in a header.</summary>
    public override string ToString() => Name is null or "" ? Address.ToString() : $"\"{Name}\" <{Address}>";

    internal MailboxAddress ToMime() => new(Name ?? "", Address.ToString());

    internal static MailboxAddress ToMime(EmailAddress? address) => new("", address?.ToString() ?? "");

    internal static Mailbox From(MailboxAddress mailbox, string text)
    {
        if (!EmailAddress.TryParse(mailbox.Address, out var address)) throw Invalid(text);
        // RFC 6531 section 3.2: with A-labels the address needs no SMTPUTF8, unless its local part does.
        if (address.Domain.Any(c => c > '\x7f'))
        {
            if (!DomainName.TryToAscii(address.Domain, out var ascii)) throw Invalid(text);
            address = EmailAddress.Parse(address.LocalPart + "@" + ascii);
        }
        return new Mailbox(mailbox.Name is null or "" ? null : mailbox.Name, address);
    }

    private static bool IsBare(string text)
    {
        foreach (var c in text)
        {
            if (c is <= ' ' or > '~' or ',' or ';' or ':' or '<' or '>' or '(' or ')' or '[' or ']' or '"' or '\\') return false;
        }
        return true;
    }

    private static MailOpsException Invalid(string text) => new(
        ErrorCode.InvalidAddress,
        $"'{Printable.Escape(text)}' is not an e-mail address.",
        text.Contains(';')
            ? "Separate addresses with commas, not semicolons: user@example.com, other@example.com."
            : "Write it as user@example.com or Name <user@example.com>; quote a name that holds a comma: \"Doe, Jo\" <jo@example.com>.");
}
