namespace MailOps.PowerShell;

/// <summary>A cmdlet that runs the relay's engine in this process; the engine exists for PowerShell 7.6 and later.</summary>
/// <remarks>
/// Windows PowerShell has the same cmdlets with the same parameters and help, and each ends there with RelayNeedsPowerShell7 before it does anything.
/// Parameters stand outside <c>#if NET</c>, bodies inside.
/// </remarks>
public abstract class RelayCmdlet : AsyncCmdlet
{
#if !NET
    /// <inheritdoc/>
    protected sealed override Task BeginAsync(CancellationToken cancellationToken)
    {
        ThrowTerminating(new MailOpsException(
            ErrorCode.RelayNeedsPowerShell7,
            $"{MyInvocation.MyCommand.Name} runs the relay's engine, which Windows PowerShell does not have.",
            "Run it in PowerShell 7.6 or later: pwsh."));
        return Task.CompletedTask;
    }
#endif
}
