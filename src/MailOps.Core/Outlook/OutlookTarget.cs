using MailOps.Filtering;

namespace MailOps.Outlook;

/// <summary>Which accounts are meant.</summary>
public sealed record OutlookTarget
{
    /// <summary>The address, with or without wildcards (* and ?).</summary>
    public required string EmailAddress { get; init; }
    /// <summary>The kind; null for POP3 and IMAP.</summary>
    public OutlookAccountType? AccountType { get; init; }
    /// <summary>The profile, with or without wildcards; null for all.</summary>
    public string? ProfileName { get; init; }
    /// <summary>The version of Outlook; null for all.</summary>
    public string? OutlookVersion { get; init; }
    /// <summary>The account's key in the profile; null for all.</summary>
    public string? AccountKey { get; init; }

    internal bool IsMeant(OutlookAccount account) =>
        Wildcard.Matches(EmailAddress, AddressOf(account))
        && (AccountType is null || account.Type == AccountType)
        && (ProfileName is null || Wildcard.Matches(ProfileName, account.Profile))
        && (OutlookVersion is null || account.Place.Version == OutlookVersion)
        && (AccountKey is null || string.Equals(AccountKey, account.Key, StringComparison.OrdinalIgnoreCase));

    // Of an account of Exchange only the label can be the address. A data file may have one too, and is no account.
    private static string AddressOf(OutlookAccount account) =>
        account.IsApplicable ? account.Email : account.Type is OutlookAccountType.Store or OutlookAccountType.AddressBook ? "" : account.Email.Length > 0 ? account.Email : account.Text(ValueNames.AccountName);
}
