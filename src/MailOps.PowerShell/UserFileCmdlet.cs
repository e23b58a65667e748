using System.Management.Automation;
#if NET
using MailOps.Relay.Server.Authentication;
#endif

namespace MailOps.PowerShell;

/// <summary>A cmdlet that works on the file of a relay's users.</summary>
public abstract class UserFileCmdlet : RelayCmdlet
{
    /// <summary>The file of users, as a relay's usersFile (-UserFile) names it; New-SmtpRelayUser makes it.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("UserFile")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

#if NET
    /// <summary>The file.</summary>
    private protected UsersFile File => new(GetUnresolvedProviderPathFromPSPath(Path), TimeProvider.System);

    /// <summary>A user as it is shown: without its hashes.</summary>
    private protected static SmtpRelayUser Shown(RelayUser user, UsersFile file) => new()
    {
        Name = user.Name,
        Enabled = user.Enabled,
        Sender = user.Senders,
        Created = user.Created,
        Changed = user.Changed,
        Mechanisms = [.. user.Mechanisms],
        Path = file.Path,
    };

    private protected static MailOpsException NotFound(string name, UsersFile file) =>
        new(ErrorCode.RelayUserNotFound, $"No user '{name}' is in {file.Path}.", "Get-SmtpRelayUser shows who is; names are compared letter for letter.");
#endif
}
