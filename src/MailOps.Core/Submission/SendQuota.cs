namespace MailOps.Submission;

/// <summary>How much a server takes of one account, and whether it takes another message yet.</summary>
/// <remarks>
/// Providers count in windows that slide: what counts is what was sent in the last minute, or in the last 24 hours. What is over such a limit is refused, and an account that goes on is blocked, so
/// it is better to wait. For several threads at once.
/// </remarks>
public sealed class SendQuota
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>The longest window, beyond which nothing that was sent counts any more.</summary>
    public static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly object _gate = new();
    private readonly Func<DateTime> _now;
    private readonly SendWindow[] _windows;
    private (string Limit, DateTime Until)? _waiting;

    /// <summary>The limits of a provider.</summary>
    /// <param name="provider">Those that it has no number for are none.</param>
    /// <param name="now">The time in UTC. Default: the system's.</param>
    public SendQuota(MailProvider provider, Func<DateTime>? now = null)
        : this(
            [
                new SendWindow(provider.MessagesPerMinute, Minute, perRecipient: false, $"{provider.DisplayName} takes {provider.MessagesPerMinute} messages a minute"),
                new SendWindow(provider.MessagesPerDay, Day, perRecipient: false, $"{provider.DisplayName} takes {provider.MessagesPerDay} messages in 24 hours"),
                new SendWindow(provider.RecipientsPerDay, Day, perRecipient: true, $"{provider.DisplayName} takes {provider.RecipientsPerDay} recipients in 24 hours"),
            ],
            provider.RecipientsPerMessage ?? int.MaxValue,
            now)
    {
    }

    internal SendQuota(IEnumerable<SendWindow> windows, int recipientsPerMessage, Func<DateTime>? now = null)
    {
        _windows = [.. windows.Where(window => window.Limit is not null)];
        RecipientsPerMessage = recipientsPerMessage;
        _now = now ?? (() => DateTime.UtcNow);
    }

    /// <summary>Recipients of one transaction; a message for more goes in several.</summary>
    public int RecipientsPerMessage { get; }

    /// <summary>What is waited for, and until when, in UTC; null where nothing waits.</summary>
    public (string Limit, DateTime Until)? Waiting
    {
        get
        {
            lock (_gate) return _waiting;   // of several words, which another thread may be writing
        }
    }

    /// <summary>Counts what was sent before.</summary>
    /// <param name="sent">When, in UTC, and to how many recipients; in any order.</param>
    public void Remember(IEnumerable<(DateTime At, int Recipients)> sent)
    {
        lock (_gate)
        {
            foreach (var (at, recipients) in sent.Where(one => one.At <= _now()).OrderBy(one => one.At)) Array.ForEach(_windows, window => window.Add(at, recipients));
        }
    }

    /// <summary>Waits until a transaction may go, and counts it.</summary>
    /// <param name="recipients">To how many recipients it goes.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task TakeAsync(int recipients, CancellationToken cancellationToken)
    {
        while (Take(recipients) is { } wait) await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Counts a transaction if it may go.</summary>
    /// <returns>Null, or how long to wait before the next question.</returns>
    internal TimeSpan? Take(int recipients)
    {
        lock (_gate)
        {
            var now = _now();
            foreach (var window in _windows)
            {
                if (window.FreeAt(now, recipients) is not { } at) continue;
                _waiting = (window.Name, at);
                return TimeSpan.FromTicks(Math.Max((at - now).Ticks, TimeSpan.TicksPerMillisecond));
            }
            _waiting = null;
            Array.ForEach(_windows, window => window.Add(now, recipients));
            return null;
        }
    }
}
