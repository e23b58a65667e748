namespace MailOps.Submission;

/// <summary>For work that cannot be cancelled everywhere: .NET Framework cannot cancel the look-up of a name.</summary>
internal static class Cancellation
{
    /// <summary>A time that a timer takes, in every framework: 24 days at most.</summary>
    public static TimeSpan Bounded(TimeSpan time) => time.TotalMilliseconds < int.MaxValue ? time : TimeSpan.FromMilliseconds(int.MaxValue);

    /// <summary>Ends with the work or with the cancellation, whichever is first.</summary>
    public static async Task OrCancelledAsync(this Task work, CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(() => cancelled.TrySetResult(true)))
        {
            if (await Task.WhenAny(work, cancelled.Task).ConfigureAwait(false) != work)
            {
                _ = work.ContinueWith(left => left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        await work.ConfigureAwait(false);
    }
}
