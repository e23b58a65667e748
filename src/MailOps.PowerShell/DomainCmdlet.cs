using System.Management.Automation;

namespace MailOps.PowerShell;

/// <summary>A cmdlet that looks many domains over, side by side and in the order of the input, with progress.</summary>
public abstract class DomainCmdlet<TReport> : AsyncCmdlet
{
    private SideBySide<string, TReport> _lookups = null!;
    private RateProgress _progress = null!;

    /// <summary>The domains.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string[] Domain { get; set; } = [];

    /// <summary>DNS servers as address, address:port or [address]:port, tried in this order. Default: the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>What looks one domain over.</summary>
    private protected abstract Func<string, CancellationToken, Task<TReport>> Surveyor();

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        var survey = Surveyor();
        _progress = new RateProgress("Looking domains over", WriteProgress);
        _lookups = new(domain => survey(domain, StopToken), (_, report) => Write(report), Fail);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var domain in Domain) await _lookups.AskAsync(domain, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        await _lookups.EndAsync(cancellationToken);
        _progress.End();
    }

    private void Write(TReport report)
    {
        _progress.Count();
        WriteObject(report, enumerateCollection: true);
    }

    private void Fail(string domain, MailOpsException error)
    {
        _progress.Count();
        WriteError(error, domain);
    }
}
