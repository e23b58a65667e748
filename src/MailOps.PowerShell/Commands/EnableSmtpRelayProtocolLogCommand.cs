using System.Management.Automation;
#if NET
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Writes down what is said in the SMTP sessions of relays, while they run: in all sessions, at a listener, or with some clients.</summary>
/// <remarks>
/// <para>Sessions that are open are written down from now on, new ones from their beginning. The files lie in the folder protocol beside the queue, a new one each day and after 10 MiB,
/// for 30 days and 250 MiB at most, in the format of Exchange's receive protocol log. What AUTH carries and the content of messages are never in them; addresses are.</para>
/// <para>To have a listener written down whenever the relay runs, say protocolLog of it in the configuration.</para>
/// </remarks>
/// <example>
/// <para>What does this device say? For the next ten minutes</para>
/// <code>Enable-SmtpRelayProtocolLog -RemoteIPAddress 192.0.2.7 -Duration 00:10:00</code>
/// <para>It ends by itself.</para>
/// </example>
/// <example>
/// <para>Everything at one listener</para>
/// <code>Enable-SmtpRelayProtocolLog -Listener *:587
/// Disable-SmtpRelayProtocolLog</code>
/// <para>The address does not matter here, only the port.</para>
/// </example>
/// <example>
/// <para>Read what was said</para>
/// <code>$log = Enable-SmtpRelayProtocolLog
/// Get-ChildItem $log.Path | Select-Object -Last 1 | Get-Content -Tail 20</code>
/// <para>The newest lines. A session has one id; its lines are numbered.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Enable, "SmtpRelayProtocolLog", SupportsShouldProcess = true)]
[OutputType(typeof(SmtpRelayProtocolLog))]
public sealed class EnableSmtpRelayProtocolLogCommand : RelayCmdlet
{
    /// <summary>The listeners, as address:port; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Listener { get; set; }

    /// <summary>The clients, each an address or a network in CIDR form. Default: all.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ClientIp", "IPAddress")]
    [ValidateNotNullOrEmpty]
    public string[]? RemoteIPAddress { get; set; }

    /// <summary>After which it ends by itself, as a time span or in seconds; 365 days at most. Default: it ends when it is disabled, or with the relay.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? Duration { get; set; }

    /// <summary>The names of the relays; wildcards are allowed. Default: all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

#if NET
    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        string?[] remotes = RemoteIPAddress is null ? [null] : [.. RemoteIPAddress];
        foreach (var relay in RunningRelays.Find(Name, (error, name) => WriteError(error, name), error => WriteError(error)))
            foreach (var listener in Listeners(relay))
                foreach (var remote in remotes) Enable(relay, listener, remote);
        return Task.CompletedTask;
    }

    private List<string?> Listeners(IRelay relay)
    {
        if (Listener is null) return [null];
        var all = relay.GetStatus().Listeners.Select(listener => listener.Endpoint).ToList();
        var found = new List<string?>();
        foreach (var wanted in Listener)
        {
            var pattern = WildcardPattern.Get(wanted, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
            var matching = all.Where(listener => listener == wanted || pattern.IsMatch(listener)).ToList();   // an IPv6 address has brackets, which are a pattern too
            if (matching.Count == 0)
                WriteError(new MailOpsException(ErrorCode.RelayListenerNotFound, $"The relay {relay.Name} has no listener {wanted}.", $"It listens on {string.Join(", ", all)}."), wanted);
            found.AddRange(matching);
        }
        return [.. found.Distinct()];
    }

    private void Enable(IRelay relay, string? listener, string? remote)
    {
        var sessions = string.Join(' ', new[] { listener, remote }.OfType<string>());
        if (!ShouldProcess($"{relay.Name}\\{(sessions.Length == 0 ? "*" : sessions)}", "Write down what is said in sessions")) return;
        try
        {
            WriteObject(relay.EnableProtocolLog(listener, remote, Duration));
        }
        catch (MailOpsException e)
        {
            WriteError(e, remote ?? listener ?? relay.Name);
        }
    }
#endif
}
