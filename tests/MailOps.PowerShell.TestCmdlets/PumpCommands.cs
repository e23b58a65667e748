using System.Management.Automation;

namespace MailOps.PowerShell.TestCmdlets;

/// <summary>Awaits in every way and writes, after each, whether it is still on the pipeline thread.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PumpThread")]
public sealed class TestPumpThreadCommand : AsyncCmdlet
{
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var pipeline = Environment.CurrentManagedThreadId;
        await Task.Yield();
        WriteObject(Environment.CurrentManagedThreadId == pipeline);
        await Task.Delay(1, cancellationToken);
        WriteObject(Environment.CurrentManagedThreadId == pipeline);
        await Task.Run(static () => Thread.Sleep(1), cancellationToken);
        WriteObject(Environment.CurrentManagedThreadId == pipeline);
        await Nested(cancellationToken);
        WriteObject(Environment.CurrentManagedThreadId == pipeline);
    }

    private static async Task Nested(CancellationToken cancellationToken) => await Task.Delay(1, cancellationToken).ConfigureAwait(false);
}

/// <summary>Passes on what it gets, after an await; asked to, with its own number of objects.</summary>
[Cmdlet(VerbsData.Convert, "PumpObject")]
public sealed class ConvertPumpObjectCommand : AsyncCmdlet
{
    [Parameter(ValueFromPipeline = true)]
    public object? InputObject { get; set; }

    [Parameter]
    public int Count { get; set; }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Count; i++)
        {
            await Task.Yield();
            WriteObject(i);
        }
        if (InputObject is null) return;
        await Task.Delay(1, cancellationToken);
        WriteObject(InputObject);
    }
}

/// <summary>Posts numbers from the thread pool, then writes -1 itself.</summary>
[Cmdlet(VerbsCommunications.Send, "PumpPost")]
public sealed class SendPumpPostCommand : AsyncCmdlet
{
    private static Action<Action>? _late;

    [Parameter]
    public int Count { get; set; }

    /// <summary>The number whose action throws.</summary>
    [Parameter]
    public int FailAt { get; set; } = -1;

    /// <summary>Posts once more after the body of the cmdlet before this one is over.</summary>
    [Parameter]
    public SwitchParameter Late { get; set; }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Late)
        {
            _late?.Invoke(static () => throw new InvalidOperationException("A late post must not run."));
            return;
        }
        _late = Post;
        try
        {
            await Task.Run(PostAll, cancellationToken);
            await Task.Delay(FailAt < 0 ? 0 : 60_000, cancellationToken);
            WriteObject(-1);
        }
        finally
        {
            Unwound.Count++;
        }
    }

    private void PostAll()
    {
        for (var i = 0; i < Count; i++)
        {
            var number = i;
            Post(() =>
            {
                if (number == FailAt) throw new InvalidOperationException("Action " + number);
                WriteObject(number);
            });
        }
    }
}

/// <summary>How many finally blocks have run.</summary>
public static class Unwound
{
    public static int Count { get; set; }
}

/// <summary>Waits, in ways a stop must end.</summary>
[Cmdlet(VerbsLifecycle.Wait, "Pump")]
public sealed class WaitPumpCommand : AsyncCmdlet
{
    /// <summary>Ignores the token: the body must be left behind.</summary>
    [Parameter]
    public SwitchParameter Stubborn { get; set; }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        WriteObject("waiting");
        try
        {
            await Task.Delay(60_000, Stubborn ? CancellationToken.None : cancellationToken);
        }
        finally
        {
            await Task.Yield();
            Unwound.Count++;
        }
    }
}

/// <summary>Asks the context what it refuses.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PumpSend")]
public sealed class TestPumpSendCommand : AsyncCmdlet
{
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        SynchronizationContext.Current!.Send(static _ => { }, null);
        return Task.CompletedTask;
    }
}
