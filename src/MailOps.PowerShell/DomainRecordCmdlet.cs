using System.Management.Automation;
using MailOps.Dns;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell;

/// <summary>A cmdlet that looks over one kind of record of many domains, side by side and in the order of the input.</summary>
public abstract class DomainRecordCmdlet<TReport> : AsyncCmdlet
{
    private SideBySide<string, TReport> _lookups = null!;

    /// <summary>The domains.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string[] Domain { get; set; } = [];

    /// <summary>DNS servers as address, address:port or [address]:port, tried in this order. Default: the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>How long one DNS server may take for one question, in seconds or as a TimeSpan. Default: 10 seconds.</summary>
    [Parameter]
    [Seconds, TimeoutRange]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether what a DNS server says of DNSSEC is believed. Default: that of one on this machine.</summary>
    private protected virtual bool? TrustDnssec => null;

    /// <summary>What looks one domain over.</summary>
    private protected abstract Func<string, CancellationToken, Task<TReport>> Surveyor(DnsResolver dns);

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        var survey = Surveyor(new DnsResolver(Server, Timeout, TrustDnssec));
        _lookups = new(domain => survey(domain, StopToken), (_, report) => WriteObject(report, enumerateCollection: true), (domain, error) => WriteError(error, domain));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var domain in Domain) await _lookups.AskAsync(domain, cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task EndAsync(CancellationToken cancellationToken) => _lookups.EndAsync(cancellationToken);
}
