using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace MailOps.PowerShell;

/// <summary>Runs an asynchronous body on the thread that called, which executes the body's continuations until it is over.</summary>
/// <remarks>
/// The queue takes continuations and posted actions; the body's end closes it, and the loop drains what is left. Cancellation does not end the loop:
/// it goes on for <see cref="Grace"/>, so that <c>finally</c> blocks run, and then leaves the body behind. The first posted action that throws cancels
/// the body, lets it unwind, and is thrown again at the end; posted actions behind it are dropped.
/// </remarks>
internal sealed class Pump : SynchronizationContext
{
    /// <summary>How long a cancelled body may take to unwind: longer than a QUIT takes, shorter than a user's patience.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    // Made by the first post, for most bodies of a long pipeline do without. Completed at the end, never disposed: a late post must find it and be ignored.
    private BlockingCollection<(SendOrPostCallback Callback, object? State)>? _queue;
    private volatile bool _isOver;
    private ExceptionDispatchInfo? _failure;
    private CancellationTokenSource? _cancel;

    private BlockingCollection<(SendOrPostCallback Callback, object? State)> Queue => LazyInitializer.EnsureInitialized(ref _queue)!;

    public void RunToEnd(Func<CancellationToken, Task> body, CancellationToken stop)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _cancel = cancel;
        try
        {
            var task = body(cancel.Token);
            if (task.IsCompleted) Drain();   // most bodies of a long pipeline do not wait at all, and the loop costs several times what they do
            else Loop(task, cancel.Token);
            _failure?.Throw();
            task.GetAwaiter().GetResult();
        }
        finally
        {
            _isOver = true;
            _queue?.CompleteAdding();
        }
    }

    private void Drain()
    {
        while (_queue is { } queue && queue.TryTake(out var posted)) posted.Callback(posted.State);
    }

    private void Loop(Task task, CancellationToken cancelled)
    {
        using var abandon = new CancellationTokenSource();
        using var deadline = cancelled.Register(() => abandon.CancelAfter(Grace));
        // On the default scheduler: on this context it would wait for the loop that waits for it.
        task.ContinueWith(static (ended, queue) => Close(ended, queue), Queue, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            foreach (var (callback, state) in Queue.GetConsumingEnumerable(abandon.Token)) callback(state);
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            _failure?.Throw();
            throw;
        }
    }

    /// <summary>Queues an action whose exception is the body's end.</summary>
    public void Post(Action action) => Post(static state => ((Action)state!)(), (Action)(() => Guard(action)));

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (_isOver) return;
        try
        {
            Queue.Add((d, state));
        }
        catch (InvalidOperationException)
        {
            // Closed between the question and the post: nobody is left to run it.
        }
    }

    /// <summary>Refused: the thread that should answer may be the one that asks.</summary>
    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("A cmdlet's context takes posts only: waiting for it can deadlock.");

    public override SynchronizationContext CreateCopy() => this;

    private void Guard(Action action)
    {
        if (_failure is not null) return;
        try
        {
            action();
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);   // thrown again by RunToEnd
            _cancel!.Cancel();
        }
    }

    private static void Close(Task ended, object? queue)
    {
        _ = ended.Exception;   // observed here for the body that was left behind
        ((BlockingCollection<(SendOrPostCallback, object?)>)queue!).CompleteAdding();
    }
}
