using System.Management.Automation;
#if NET
using MailOps.Relay.Server.Authentication;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Makes a user who may authenticate to a relay, and the file of users with the first.</summary>
/// <remarks>
/// <para>Of the password only salted, slow hashes are kept (PBKDF2, 600,000 iterations), in the form that SCRAM-SHA-256 and SCRAM-SHA-1 verify and that PLAIN
/// and LOGIN are verified with too. The file is replaced as a whole and, where the system has such rights, readable for its owner alone: run this as the user the
/// relay runs as. A running relay sees the change with the next login.</para>
/// <para>Needs PowerShell 7.6 or later; Windows PowerShell ends with the error RelayNeedsPowerShell7.</para>
/// </remarks>
/// <example>
/// <para>A user for a printer, who may send as itself only</para>
/// <code>New-SmtpRelayUser -Path ./users.json -Credential printer -Sender printer@example.com</code>
/// <para>Asks for the password.</para>
/// </example>
/// <example>
/// <para>Users from a secret store, for a whole domain</para>
/// <code>'app', 'crm' | ForEach-Object { New-SmtpRelayUser -Path ./users.json -Credential (Get-Secret $_) -Sender '@example.com' }</code>
/// <para>Where the secrets are credentials.</para>
/// </example>
/// <example>
/// <para>A relay with that file</para>
/// <code>New-SmtpRelayUser ./users.json $credential
/// Start-SmtpRelay -QueuePath ./queue -UserFile ./users.json</code>
/// <para>Later changes need no restart.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "SmtpRelayUser", SupportsShouldProcess = true)]
[OutputType(typeof(SmtpRelayUser))]
public sealed class NewSmtpRelayUserCommand : UserFileCmdlet
{
    /// <summary>The user's name and password.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Credential]
    public PSCredential Credential { get; set; } = PSCredential.Empty;

    /// <summary>The addresses the user may put in MAIL, domains as in @example.com, or * for any. Default: none, hence what the relay's requireSenderOwnership says.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public string[] Sender { get; set; } = [];

    /// <summary>Whether the user may authenticate. Default: true.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public bool Enabled { get; set; } = true;

#if NET
    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var file = File;
        var name = UserPassword.Name(Credential.UserName);
        var senders = UserPassword.Senders(Sender);
        if (!ShouldProcess(name, $"Make the user in {file.Path}")) return;
        var password = Credential.GetNetworkCredential().Password;
        var keys = await Task.Run(() => UserPassword.Derive(name, password), cancellationToken);
        SmtpRelayUser? made = null;
        await file.ChangeAsync((users, now) =>
        {
            if (users.Any(u => u.Name == name)) throw new MailOpsException(ErrorCode.RelayUserExists, $"The user '{name}' is in {file.Path} already.", "Change it with Set-SmtpRelayUser.");
            var user = new RelayUser(name) { Enabled = Enabled, Senders = senders, Created = now, Changed = now, Keys = keys };
            made = Shown(user, file);
            return [.. users, user];
        }, cancellationToken);
        WriteObject(made);
    }
#endif
}
