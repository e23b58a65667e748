using System.Management.Automation;
#if NET
using MailOps.Relay.Server.Authentication;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Removes a user from a relay's file of users.</summary>
/// <remarks>
/// <para>A running relay sees the change with the next login, and within a second; a session that is logged in sends no further message. To shut a user out for a while, Set-SmtpRelayUser -Enabled $false keeps the rest.</para>
/// <para>Needs PowerShell 7.6 or later; Windows PowerShell ends with the error RelayNeedsPowerShell7.</para>
/// </remarks>
/// <example>
/// <para>Remove a user</para>
/// <code>Remove-SmtpRelayUser -Path ./users.json -Name printer</code>
/// <para>The name is compared letter for letter.</para>
/// </example>
/// <example>
/// <para>Remove all who are shut out</para>
/// <code>Get-SmtpRelayUser ./users.json | Where-Object Enabled -eq $false | Remove-SmtpRelayUser</code>
/// <para>-WhatIf shows who that would be.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "SmtpRelayUser", SupportsShouldProcess = true)]
public sealed class RemoveSmtpRelayUserCommand : UserFileCmdlet
{
    /// <summary>The names of the users, letter for letter.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Identity")]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

#if NET
    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var file = File;
        foreach (var given in Name)
        {
            try
            {
                var name = UserPassword.Name(given);
                if (file.Read().Users.All(u => u.Name != name)) throw NotFound(name, file);
                if (!ShouldProcess(name, $"Remove the user from {file.Path}")) continue;
                await file.ChangeAsync((users, _) => users.Any(u => u.Name == name) ? [.. users.Where(u => u.Name != name)] : throw NotFound(name, file), cancellationToken);
            }
            catch (MailOpsException e) when (e.Code is ErrorCode.RelayUserNotFound or ErrorCode.RelayUserInvalid)
            {
                WriteError(e, given);
            }
        }
    }
#endif
}
