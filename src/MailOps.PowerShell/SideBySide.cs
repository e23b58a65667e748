namespace MailOps.PowerShell;

/// <summary>Asks several questions side by side and gives the answers in the order of the questions.</summary>
/// <param name="ask">Asks one question; on the thread pool, and beyond the record that brought it, hence with the cmdlet's own token.</param>
/// <param name="write">Takes an answer, on the pipeline thread.</param>
/// <param name="fail">Takes an error about one question, on the pipeline thread; the others go on.</param>
/// <param name="atOnce">Questions at a time. Default: 8, enough to hide the waiting where each question is a conversation of its own.</param>
internal sealed class SideBySide<TQuestion, TAnswer>(Func<TQuestion, Task<TAnswer>> ask, Action<TQuestion, TAnswer> write, Action<TQuestion, MailOpsException> fail, int atOnce = 8)
{
    /// <summary>Answers kept for the sake of the order: a question that takes long does not hold up those behind it, until so many wait.</summary>
    private const int MaxInOrder = 4096;

    private readonly Queue<(TQuestion Question, Task<TAnswer> Answer)> _asked = new();
    private readonly List<Task> _running = [];

    /// <summary>Asks, once there is room, and gives what has been answered meanwhile.</summary>
    public async Task AskAsync(TQuestion question, CancellationToken cancellationToken)
    {
        while (_asked.Count > 0 && (_asked.Count >= MaxInOrder || _asked.Peek().Answer.IsCompleted)) await WriteOldestAsync(cancellationToken);
        while (_running.RemoveAll(one => one.IsCompleted) == 0 && _running.Count >= atOnce) await Task.WhenAny(_running);
        var answer = Task.Run(() => ask(question), CancellationToken.None);
        _asked.Enqueue((question, answer));
        _running.Add(answer);
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
