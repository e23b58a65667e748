using System.Management.Automation;

namespace MailOps.PowerShell.Commands;

/// <summary>Shows the users in a relay's file of users: who may authenticate, by what, and as which senders; never hashes.</summary>
/// <remarks><para>Needs PowerShell 7.6 or later; Windows PowerShell ends with the error RelayNeedsPowerShell7.</para></remarks>
/// <example>
/// <para>All users</para>
/// <code>Get-SmtpRelayUser ./users.json</code>
/// <para>By name.</para>
/// </example>
/// <example>
/// <para>Those who are shut out</para>
/// <code>Get-SmtpRelayUser -Path ./users.json -Name * | Where-Object Enabled -eq $false</code>
/// <para>Wildcards are allowed in names.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "SmtpRelayUser")]
[OutputType(typeof(SmtpRelayUser))]
public sealed class GetSmtpRelayUserCommand : UserFileCmdlet
{
    /// <summary>The names of the users; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Identity")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

#if NET
    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        var file = File;
        var users = file.Read().Users.OrderBy(u => u.Name, StringComparer.OrdinalIgnoreCase).ToList();
        foreach (var name in Name ?? ["*"])
        {
            var wanted = WildcardPattern.Get(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
            var found = users.Where(u => wanted.IsMatch(u.Name)).ToList();
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name)) WriteError(NotFound(name, file), name);
            foreach (var user in found) WriteObject(Shown(user, file));
        }
        return Task.CompletedTask;
    }
#endif
}
