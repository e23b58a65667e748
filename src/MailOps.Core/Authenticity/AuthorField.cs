using MailOps.Authenticity.Signatures;
using MailOps.Messages;
using MimeKit;

namespace MailOps.Authenticity;

/// <summary>The authors that a header names.</summary>
internal sealed class AuthorField
{
    private const int MostAddresses = 100;

    private AuthorField(int fields, IReadOnlyList<MailboxAddress> addresses)
    {
        Fields = fields;
        Addresses = addresses.Count;
        Domains = [.. addresses.Select(address => Signatures.SignatureField.NameOf(address.Domain)).OfType<string>().Where(domain => domain.IndexOf('.') > 0).Distinct(StringComparer.Ordinal)];
        Disguise = addresses.Select(DisguiseOf).FirstOrDefault(name => name is not null);
    }

    /// <summary>How many From fields there are; one is allowed.</summary>
    public int Fields { get; }

    /// <summary>How many addresses are in it.</summary>
    public int Addresses { get; }

    /// <summary>Their domains in A-label form, each once.</summary>
    public IReadOnlyList<string> Domains { get; }

    /// <summary>A name that is written so that it looks like an address of another domain; null where none is.</summary>
    public string? Disguise { get; }

    public static AuthorField Read(IReadOnlyList<RawField> header)
    {
        var fields = header.Where(field => field.Name == "from").ToList();
        var list = fields.Count > 0 && InternetAddressList.TryParse(fields[0].Value, out var parsed) ? parsed.Mailboxes.Take(MostAddresses).ToList() : [];
        return new AuthorField(fields.Count, list);
    }

    private static string? DisguiseOf(MailboxAddress address)
    {
        var name = (address.Name ?? "").Trim();
        return EmailAddress.TryParse(name, out var shown) && !string.Equals(shown!.Domain, address.Domain, StringComparison.OrdinalIgnoreCase) ? name : null;
    }
}
