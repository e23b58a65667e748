namespace MailOps.Outlook;

/// <summary>What an account had before it was changed, and what it was given.</summary>
/// <param name="Version">The version of Outlook.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Key">The account's key.</param>
/// <param name="Type">What kind of account it is.</param>
/// <param name="Email">Its address.</param>
/// <param name="Values">The values.</param>
internal sealed record BackupAccount(string Version, string Profile, string Key, OutlookAccountType Type, string Email, IReadOnlyList<PlannedValue> Values)
{
    /// <summary>Where its version keeps profiles.</summary>
    public OutlookPlace Place => OutlookPlace.All.First(place => place.Version == Version);

    /// <summary>The values of an account that are going to change.</summary>
    public static BackupAccount Of(OutlookAccount account, IReadOnlyList<PlannedValue> values) =>
        new(account.Place.Version, account.Profile, account.Key, account.Type, account.Email, values);
}

/// <summary>What a run changed, so that it can be undone.</summary>
/// <param name="UserSid">In whose hive.</param>
/// <param name="Accounts">The accounts in the order in which they were changed.</param>
internal sealed record OutlookBackup(string UserSid, IReadOnlyList<BackupAccount> Accounts);
