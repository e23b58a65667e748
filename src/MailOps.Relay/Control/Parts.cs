using System.Runtime.ExceptionServices;

namespace MailOps.Relay.Control;

/// <summary>Ends the parts of a relay, each whatever becomes of the others: one that fails must not leave those after it running, or the queue's folder locked.</summary>
internal static class Parts
{
    /// <summary>Runs these one after the other, to the last.</summary>
    /// <exception cref="AggregateException">More than one failed. Where one did, it is that one's own exception.</exception>
    public static async Task EndAsync(params Func<ValueTask>[] steps)
    {
        var faults = new List<Exception>();
        foreach (var step in steps)
        {
            try
            {
                await step().ConfigureAwait(false);
            }
            catch (Exception e)   // told below, when all have ended
            {
                faults.Add(e);
            }
        }
        if (faults is [var only]) ExceptionDispatchInfo.Throw(only);
        if (faults.Count > 0) throw new AggregateException("Parts of the relay failed while they ended.", faults);
    }

    /// <summary>The end of a part that may need none.</summary>
    public static ValueTask DisposeAsync(object? part)
    {
        if (part is IAsyncDisposable slow) return slow.DisposeAsync();
        (part as IDisposable)?.Dispose();
        return ValueTask.CompletedTask;
    }
}
