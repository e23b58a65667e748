using MailOps.Filtering;
using MailOps.Messages;

namespace MailOps.Outlook;

/// <summary>Which accounts are meant.</summary>
public sealed record OutlookTarget
{
    /// <summary>The address, with or without wildcards (* and ?).</summary>
    public required string EmailAddress { get; init; }
    /// <summary>Whether <see cref="EmailAddress"/> means itself alone: in the local part of an address a star and a question mark are letters.</summary>
    public bool IsExact { get; init; }
    /// <summary>The kind; null for POP3 and IMAP.</summary>
    public OutlookAccountType? AccountType { get; init; }
    /// <summary>The profile, with or without wildcards; null for all.</summary>
    public string? ProfileName { get; init; }
    /// <summary>The profile of this name alone; null for all. Where <see cref="ProfileName"/> is given, that counts.</summary>
    public string? ExactProfileName { get; init; }
    /// <summary>The version of Outlook; null for all.</summary>
    public string? OutlookVersion { get; init; }
    /// <summary>The account's key in the profile; null for all.</summary>
    public string? AccountKey { get; init; }

    internal bool IsMeant(OutlookAccount account) =>
        (IsExact ? IsSame(Canonical(EmailAddress), Canonical(AddressOf(account))) : Wildcard.Matches(EmailAddress, AddressOf(account)))
        && (AccountType is null || account.Type == AccountType)
        && (ProfileName is null ? ExactProfileName is null || IsSame(ExactProfileName, account.Profile) : Wildcard.Matches(ProfileName, account.Profile))
        && (OutlookVersion is null || account.Place.Version == OutlookVersion)
        && (AccountKey is null || IsSame(AccountKey, account.Key));

    /// <summary>An address as it is compared: its domain as the DNS has it.</summary>
    internal static string Canonical(string address)
    {
        var at = address.LastIndexOf('@');
        return at < 0 ? address : address.Substring(0, at + 1) + DomainName.ToAscii(address.Substring(at + 1));
    }

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    // Of an account of Exchange only the label can be the address. A data file may have one too, and is no account.
    private static string AddressOf(OutlookAccount account) =>
        account.IsApplicable ? account.Email : account.Type is OutlookAccountType.Store or OutlookAccountType.AddressBook ? "" : account.Email.Length > 0 ? account.Email : account.Text(ValueNames.AccountName);
}
