using System.Management.Automation;
#if NET
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Shows which SMTP sessions relays write down, until when, and where the files are.</summary>
/// <remarks><para>DroppedLineCount tells lines that are missing because the disk did not take them in time; sessions never wait for it.</para></remarks>
/// <example>
/// <para>What is on</para>
/// <code>Get-SmtpRelayProtocolLog</code>
/// <para>Nothing is written where nothing is on, which is the default.</para>
/// </example>
/// <example>
/// <para>What one client said</para>
/// <code>$path = (Get-SmtpRelayProtocolLog | Select-Object -First 1).Path
/// if ($path) { Select-String -Path "$path/*.log" -Pattern ',192.0.2.7:' -SimpleMatch }</code>
/// <para>From all files there are.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "SmtpRelayProtocolLog")]
[OutputType(typeof(SmtpRelayProtocolLog))]
public sealed class GetSmtpRelayProtocolLogCommand : RelayQueryCmdlet
{
    /// <summary>The listener, clients or both, as the Identity of the result has them, with or without relay\ before; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Identity { get; set; }

#if NET
    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        var wanted = IdentityFilter.Of(Identity);
        WriteResults(Relays().SelectMany(relay => relay.GetProtocolLogs()).Where(log => wanted.Matches(log.Identity)), cancellationToken);
        return Task.CompletedTask;
    }
#endif
}
