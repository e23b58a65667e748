namespace MailOps;

/// <summary>A profile of classic Outlook, or an account in one, that is made by a PRF file, and how far that is.</summary>
public sealed class OutlookNewProfile
{
    /// <summary>How far it is.</summary>
    public OutlookProfileState State { get; init; }
    /// <summary>The account's address.</summary>
    public required string EmailAddress { get; init; }
    /// <summary>The profile.</summary>
    public required string ProfileName { get; init; }
    /// <summary>What kind of account it is.</summary>
    public OutlookAccountType AccountType { get; init; }
    /// <summary>The PRF file, with its whole path.</summary>
    public required string Path { get; init; }
    /// <summary>The version of Outlook that is to import it; null where the file was only written.</summary>
    public string? OutlookVersion { get; init; }
    /// <summary>Whose hive says so; null where the file was only written.</summary>
    public string? UserSid { get; init; }
    /// <summary>What is not sure to work, each with the alternative.</summary>
    public string[] Warnings { get; init; } = [];

    /// <summary>Address, profile and state.</summary>
    public override string ToString() => $"{EmailAddress} ({ProfileName}): {State}";
}
