using MailOps.Messages;

namespace MailOps.Submission;

/// <summary>Submits messages to one server over several connections; for several threads at once.</summary>
/// <remarks>
/// <para>The first connection must have succeeded before a second is opened, so that a server that is down, or a wrong password, is met by one attempt at a time. A connection is opened
/// only for a message that would otherwise wait.</para>
/// <para>A server that does not take as many connections is not pressed: the message goes over one that it took, and no more than those are used from then on. A credential that it
/// refused for good is not shown to it again, for that locks accounts; messages behind it fail for the same reason.</para>
/// </remarks>
public sealed class SubmissionPool : IDisposable
{
    private readonly object _gate = new();
    private readonly SubmissionOptions _options;
    private readonly SubmissionLog _log;
    private readonly List<SmtpSubmission> _all = [];
    private readonly Stack<SmtpSubmission> _idle = new();
    private readonly HashSet<SmtpSubmission> _reached = [];
    private readonly Queue<TaskCompletionSource<SmtpSubmission>> _waiting = new();
    private int _max;
    private int _limit = 1;
    private int _number;
    private MailOpsException? _refused;

    /// <summary>A pool for one server; nothing happens before the first message.</summary>
    /// <param name="options">The server, and how it is reached.</param>
    /// <param name="maxConnections">Connections at a time; at least 1.</param>
    /// <param name="log">Who is told; called by several connections at once. Lines of the second and the following carry their number.</param>
    /// <exception cref="MailOpsException">As <see cref="SmtpSubmission(SubmissionOptions, SubmissionLog?)"/>.</exception>
    public SubmissionPool(SubmissionOptions options, int maxConnections, SubmissionLog? log = null)
    {
        _options = options;
        _max = maxConnections;
        _log = log ?? new SubmissionLog();
        _idle.Push(Make());
    }

    /// <summary>Sends one message as soon as limits allow it and a connection is free; in several transactions where it has more recipients than one may have.</summary>
    /// <param name="message">The message.</param>
    /// <param name="quota">The limits.</param>
    /// <param name="settled">Gets the result of each transaction as soon as it is known.</param>
    /// <param name="cancellationToken">Ends the waiting, and the transaction that is under way.</param>
    /// <returns>The result of all.</returns>
    public async Task<SubmissionResult> SendAsync(OutgoingMessage message, SendQuota quota, Action<SubmissionResult>? settled, CancellationToken cancellationToken)
    {
        SubmissionResult? all = null;
        foreach (var batch in message.InBatches(quota.RecipientsPerMessage))
        {
            await quota.TakeAsync(batch.Recipients.Count, cancellationToken).ConfigureAwait(false);
            var result = await SendAsync(batch, cancellationToken).ConfigureAwait(false);
            settled?.Invoke(result);
            all = all is null ? result : all.With(result);
        }
        return all!;
    }

    /// <summary>Sends one message as soon as a connection is free.</summary>
    public async Task<SubmissionResult> SendAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        while (true)
        {
            var submission = await TakeAsync(cancellationToken).ConfigureAwait(false);
            if (Refusal() is { } refused)
            {
                await Task.Run(() => GiveBack(submission), CancellationToken.None).ConfigureAwait(false);   // here all that wait would be refused in one another's stack
                return submission.Refuse(message, refused);
            }
            var result = await submission.SendAsync(message, cancellationToken).ConfigureAwait(false);   // throws only where all is over
            if (!Settle(submission, result)) return result;
            _log.Step?.Invoke($"{result.Message.SmtpServer} does not take that many connections; going on with fewer.");
        }
    }

    /// <summary>Lets no message go any more that has not begun: each fails with that error.</summary>
    public void Refuse(MailOpsException error)
    {
        lock (_gate) _refused ??= error;
    }

    /// <summary>Says QUIT on all connections; only when no message is under way any more.</summary>
    public Task CloseAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return Task.WhenAll(_all.Select(submission => submission.CloseAsync(cancellationToken)));
    }

    /// <summary>Closes all connections at once.</summary>
    public void Dispose()
    {
        lock (_gate) _all.ForEach(submission => submission.Dispose());
    }

    private async Task<SmtpSubmission> TakeAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<SmtpSubmission> turn;
        lock (_gate)
        {
            if (_idle.Count > 0) return _idle.Pop();
            if (_all.Count < _limit) return Make();
            // Who waits goes on where the connection became free, without a detour over the pool of threads: that costs as much as a tenth of the message.
            _waiting.Enqueue(turn = new TaskCompletionSource<SmtpSubmission>());
        }
        using (cancellationToken.Register(() => turn.TrySetCanceled())) return await turn.Task.ConfigureAwait(false);
    }

    private MailOpsException? Refusal()
    {
        lock (_gate) return _refused;
    }

    /// <summary>Draws the conclusions from a result.</summary>
    /// <returns>Whether the message should go over another connection, because this one was one too many.</returns>
    private bool Settle(SmtpSubmission submission, SubmissionResult result)
    {
        lock (_gate)
        {
            if (submission.Reached)
            {
                _reached.Add(submission);
                _limit = _max;
            }
            else
            {
                _reached.Remove(submission);
                var error = result.Errors[0].Error;
                if (error is { Code: ErrorCode.SmtpAuthFailed, Reply.IsPermanent: true }) _refused = error;
                else if (_reached.Count > 0 && error.Code is not (ErrorCode.SmtpAuthFailed or ErrorCode.OAuthTokenFailed))
                {
                    _all.Remove(submission);
                    submission.Dispose();
                    _limit = _max = _all.Count;
                    return true;
                }
                _limit = 1;
            }
        }
        GiveBack(submission);
        return false;
    }

    private void GiveBack(SmtpSubmission submission)
    {
        for (var free = submission; free is not null; free = Another())
        {
            // Outside the lock, since who waited goes on in here.
            while (Next(free) is { } turn && !turn.TrySetResult(free))
            {
                // That one was cancelled meanwhile: the next.
            }
        }
    }

    /// <summary>Who gets a free connection; null for nobody, and then it is idle.</summary>
    private TaskCompletionSource<SmtpSubmission>? Next(SmtpSubmission free)
    {
        lock (_gate)
        {
            if (_waiting.Count > 0) return _waiting.Dequeue();
            _idle.Push(free);
            return null;
        }
    }

    /// <summary>One connection more, where somebody waits and there may be one.</summary>
    private SmtpSubmission? Another()
    {
        lock (_gate) return _waiting.Count > 0 && _all.Count < _limit ? Make() : null;
    }

    private SmtpSubmission Make()
    {
        var number = ++_number;
        var made = new SmtpSubmission(_options, number == 1 || _log.Line is not { } line ? _log : _log with { Line = text => line($"({number}) {text}") });
        _all.Add(made);
        return made;
    }
}
