using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;

namespace MailOps.PowerShell;

/// <summary>A cmdlet whose work is asynchronous: each processing method runs its body on the pipeline thread, under a pump.</summary>
/// <remarks>
/// A body awaits without <c>ConfigureAwait(false)</c>, so that each continuation returns to the pipeline thread, where WriteObject, WriteError and
/// ShouldProcess are allowed. It passes its token to every await, never blocks, and catches <see cref="MailOpsException"/> only: a wider catch
/// swallows the exception by which <c>Select-Object -First</c> ends the pipeline. A <see cref="MailOpsException"/> that it lets go is terminating.
/// </remarks>
public abstract class AsyncCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private volatile Pump? _pump;
    private bool _isDisposed;

    /// <summary>Cancelled by Ctrl+C, and when the cmdlet is over.</summary>
    protected CancellationToken StopToken => _stop.Token;

    /// <summary>Whether nothing is to be done, by -WhatIf or by $WhatIfPreference.</summary>
    private protected bool IsWhatIf => LanguagePrimitives.IsTrue(MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given) ? given : GetVariableValue("WhatIfPreference"));

    /// <summary>Runs once, before the first record.</summary>
    /// <param name="cancellationToken">Cancelled by Ctrl+C, and when a posted action failed.</param>
    protected virtual Task BeginAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs for each record, with the parameters bound.</summary>
    /// <param name="cancellationToken">Cancelled by Ctrl+C, and when a posted action failed.</param>
    protected virtual Task ProcessAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs once, after the last record; also after an empty pipeline.</summary>
    /// <param name="cancellationToken">Cancelled by Ctrl+C, and when a posted action failed.</param>
    protected virtual Task EndAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Run(BeginAsync);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Run(ProcessAsync);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Run(EndAsync);

    /// <inheritdoc/>
    protected sealed override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The engine stops a pipeline from another thread, and this cmdlet may have ended in between.
        }
    }

    /// <summary>Runs an action on the pipeline thread, in the order of the posts; from any thread. Without effect once the body is over.</summary>
    /// <remarks>For what libraries raise on other threads: progress, protocol lines. An action that throws cancels the body and ends the cmdlet.</remarks>
    protected void Post(Action action) => _pump?.Post(action);

    /// <summary>Reports an error about one item; the pipeline goes on.</summary>
    /// <param name="error">Its code is the id, its hint the recommended action.</param>
    /// <param name="target">What it is about: the address, the endpoint.</param>
    protected void WriteError(MailOpsException error, object? target = null) => WriteError(ErrorRecords.From(error, target));

    /// <summary>Reports an error after which nothing further can work, and ends the cmdlet.</summary>
    /// <param name="error">Its code is the id, its hint the recommended action.</param>
    /// <param name="target">What it is about: the address, the endpoint.</param>
    [DoesNotReturn]
    protected void ThrowTerminating(MailOpsException error, object? target = null)
    {
        ThrowTerminatingError(ErrorRecords.From(error, target));
        throw new PipelineStoppedException();   // not reached: ThrowTerminatingError does not say in its signature that it throws
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the cmdlet holds, whichever way it ended.</summary>
    /// <param name="disposing">True, as there is no finalizer here.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || _isDisposed) return;
        _isDisposed = true;
        // What a pipeline that wants no more has left on the pool (Select-Object -First 1) ends too.
        _stop.Cancel();
        _stop.Dispose();
    }

    private void Run(Func<CancellationToken, Task> body)
    {
        var outer = SynchronizationContext.Current;   // of a cmdlet further up this pipeline that is in the middle of WriteObject
        var pump = new Pump();
        SynchronizationContext.SetSynchronizationContext(pump);
        _pump = pump;
        try
        {
            pump.RunToEnd(body, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (MailOpsException e)
        {
            ThrowTerminating(e);
        }
        finally
        {
            _pump = null;
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }
}
