using System.Management.Automation;

namespace MailOps.PowerShell.TestCmdlets;

/// <summary>Meets the error it is told to, as cmdlets meet errors.</summary>
[Cmdlet(VerbsDiagnostic.Test, "MailError")]
public sealed class TestMailErrorCommand : AsyncCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public string Code { get; set; } = "";

    [Parameter]
    public object? Target { get; set; }

    /// <summary>Write: about one item. Throw: ThrowTerminating. Escape: the exception leaves the body. Timeout: a cancellation nobody asked for.</summary>
    [Parameter]
    [ValidateSet("Write", "Throw", "Escape", "Timeout")]
    public string Way { get; set; } = "Write";

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        var error = new MailOpsException(Code, "What is wrong.", "What to do.");
        if (Way == "Timeout") throw new OperationCanceledException("My own time-out");
        if (Way == "Escape") throw error;
        if (Way == "Throw") ThrowTerminating(error, Target);
        WriteError(error, Target);
        WriteObject("after");
    }
}

/// <summary>Takes a time span as the module's cmdlets do.</summary>
[Cmdlet(VerbsCommon.Get, "Span")]
public sealed class GetSpanCommand : PSCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Seconds]
    public TimeSpan Timeout { get; set; }

    protected override void ProcessRecord() => WriteObject(Timeout);
}
