namespace MailOps.Outlook;

/// <summary>What the machine is asked for the registry half of Outlook: who runs this, the hives of users, and whether Outlook runs.</summary>
public interface IOutlookHost
{
    /// <summary>The security identifier of the account that this process runs as.</summary>
    string UserSid { get; }

    /// <summary>Its name, as in DOMAIN\user.</summary>
    string UserName { get; }

    /// <summary>The name of the user whose desktop session this process runs in, where that can be told and is another one than <see cref="UserName"/>; otherwise null.</summary>
    string? OtherSessionUser { get; }

    /// <summary>The hive of the account that this process runs as.</summary>
    IRegistryKey OpenCurrentUser();

    /// <summary>The hive of a user by the security identifier; null where it is not loaded.</summary>
    IRegistryKey? OpenUser(string sid);

    /// <summary>The security identifiers of the users whose hives are loaded.</summary>
    IReadOnlyList<string> LoadedUsers();

    /// <summary>The ids of the processes of Outlook that a user has running, or that may be the user's.</summary>
    /// <param name="sid">The user.</param>
    IReadOnlyList<int> OutlookProcesses(string sid);

    /// <summary>Takes the right to write to the profiles of a user, which one process of the machine has at a time, whatever account it runs as; it ends with the process.</summary>
    /// <param name="sid">The user.</param>
    /// <returns>The right, given back when it is disposed; null where another has it.</returns>
    IDisposable? TryEnter(string sid);

    /// <summary>The folder, of the account that this process runs as, in which backups are kept where no other is named. It may not exist yet.</summary>
    string BackupFolder { get; }
}
