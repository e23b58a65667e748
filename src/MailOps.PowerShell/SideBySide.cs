namespace MailOps.PowerShell;

/// <summary>Asks several questions side by side and gives the answers in the order of the questions.</summary>
/// <param name="ask">Asks one question; on the thread pool, and beyond the record that brought it, hence with the cmdlet's own token.</param>
/// <param name="write">Takes an answer, on the pipeline thread.</param>
/// <param name="fail">Takes an error about one question, on the pipeline thread; the others go on.</param>
internal sealed class SideBySide<TQuestion, TAnswer>(Func<TQuestion, Task<TAnswer>> ask, Action<TQuestion, TAnswer> write, Action<TQuestion, MailOpsException> fail)
{
    /// <summary>Questions at a time: enough to hide the waiting, few enough for a home router's resolver.</summary>
    private const int MaxAtOnce = 8;

    private readonly Queue<(TQuestion Question, Task<TAnswer> Answer)> _asked = new();

    /// <summary>Asks, once there is room, and gives what has been answered meanwhile.</summary>
    public async Task AskAsync(TQuestion question, CancellationToken cancellationToken)
    {
        while (_asked.Count > 0 && (_asked.Count >= MaxAtOnce || _asked.Peek().Answer.IsCompleted)) await WriteOldestAsync(cancellationToken);
        _asked.Enqueue((question, Task.Run(() => ask(question), CancellationToken.None)));
    }

    /// <summary>Gives all answers that are still out.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        while (_asked.Count > 0) await WriteOldestAsync(cancellationToken);
    }

    private async Task WriteOldestAsync(CancellationToken cancellationToken)
    {
        var (question, answer) = _asked.Dequeue();
        try
        {
            write(question, await answer);
        }
        catch (MailOpsException e)
        {
            fail(question, e);
        }
        cancellationToken.ThrowIfCancellationRequested();
    }
}
