using System.Management.Automation;
#if NET
using MailOps.Relay.Server.Authentication;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Changes a user of a relay: password, senders, or whether it may authenticate.</summary>
/// <remarks>
/// <para>What is not given stays as it is. A running relay sees the change with the next login, and within a second; a session of a user who is disabled or gone sends no further message. A new password ends no session.</para>
/// <para>Needs PowerShell 7.6 or later; Windows PowerShell ends with the error RelayNeedsPowerShell7.</para>
/// </remarks>
/// <example>
/// <para>Shut a user out</para>
/// <code>Set-SmtpRelayUser -Path ./users.json -Name printer -Enabled $false</code>
/// <para>To a client it looks like a wrong password.</para>
/// </example>
/// <example>
/// <para>A new password</para>
/// <code>Set-SmtpRelayUser -Path ./users.json -Credential printer</code>
/// <para>Asks for it; the credential's user name says whose it is.</para>
/// </example>
/// <example>
/// <para>All users may send as their domain only</para>
/// <code>Get-SmtpRelayUser ./users.json | Set-SmtpRelayUser -Sender '@example.com'</code>
/// <para>-Sender @() takes the list away.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "SmtpRelayUser", DefaultParameterSetName = NameSet, SupportsShouldProcess = true)]
[OutputType(typeof(SmtpRelayUser))]
public sealed class SetSmtpRelayUserCommand : UserFileCmdlet
{
    private const string NameSet = "Name";
    private const string CredentialSet = "Credential";

    /// <summary>The user's name, letter for letter. Default: that of the credential.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = NameSet, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 1, ParameterSetName = CredentialSet, ValueFromPipelineByPropertyName = true)]
    [Alias("Identity")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The user's name and new password.</summary>
    [Parameter(Mandatory = true, ParameterSetName = CredentialSet)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The addresses the user may put in MAIL from now on, domains as in @example.com, or * for any; an empty list takes the rule away.</summary>
    [Parameter]
    [ValidateNotNull]
    public string[]? Sender { get; set; }

    /// <summary>Whether the user may authenticate.</summary>
    [Parameter]
    public bool? Enabled { get; set; }

    /// <summary>Writes the user as it is then.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

#if NET
    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var file = File;
        var name = UserPassword.Name(Name ?? Credential!.UserName);
        if (Credential is not null && UserPassword.Name(Credential.UserName) != name)
            throw new MailOpsException(ErrorCode.RelayUserInvalid, $"The credential is for '{Credential.UserName}', not for '{name}'.", "Give the credential of this user; a user cannot be renamed.");
        var senders = Sender is null ? null : UserPassword.Senders(Sender);
        if (!ShouldProcess(name, $"Change the user in {file.Path}")) return;
        var password = Credential?.GetNetworkCredential().Password;
        var keys = password is null ? null : await Task.Run(() => UserPassword.Derive(name, password), cancellationToken);
        RelayUser? changed = null;
        await file.ChangeAsync((users, now) =>
        {
            var before = users.FirstOrDefault(u => u.Name == name) ?? throw NotFound(name, file);
            changed = before with { Enabled = Enabled ?? before.Enabled, Senders = senders ?? before.Senders, Keys = keys ?? before.Keys, Changed = now };
            return [.. users.Select(u => u.Name == name ? changed : u)];
        }, cancellationToken);
        if (PassThru) WriteObject(Shown(changed!, file));
    }
#endif
}
