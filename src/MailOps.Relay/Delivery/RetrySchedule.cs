using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>
/// When a deferred recipient is tried again: the first delay doubles with each attempt up to the longest one. One attempt is made when the
/// sender is due to be told of the delay, so that the notice says what is true then, and a last one when the lifetime ends; neither where its next hop is left alone then.
/// RFC 5321 section 4.5.4.1. An attempt out of turn, which an administrator has asked for, does not lengthen the wait:
/// no more attempts count than the schedule itself would have made by then. A time that the sender has set (RFC 2852 section 4) ends it sooner, or moves the notice.
/// </summary>
/// <param name="Options">Delays and lifetime.</param>
internal sealed record RetrySchedule(RetryOptions Options)
{
    /// <summary>The schedule of a next hop, whose route may have times of its own.</summary>
    public RetrySchedule For(NextHop hop) => hop.Retry is { } own ? new RetrySchedule(own.Over(Options)) : this;

    /// <summary>When a message is given up; never, where no calendar goes that far.</summary>
    /// <param name="released">When delivery could begin: when the message was accepted, or when its hold ended (RFC 4865).</param>
    /// <param name="deliverBy">The time that the sender has set.</param>
    public DateTimeOffset Expiry(DateTimeOffset released, DeliverBy? deliverBy = null)
    {
        var expiry = Options.Lifetime < DateTimeOffset.MaxValue - released ? released + Options.Lifetime : DateTimeOffset.MaxValue;
        return deliverBy is { Return: true } by && by.Deadline < expiry ? by.Deadline : expiry;
    }

    /// <summary>The time of the next attempt; null when the last one has been made.</summary>
    /// <param name="released">When delivery could begin: when the message was accepted, or when its hold ended (RFC 4865).</param>
    /// <param name="attempts">Attempts made, the one that has just failed included.</param>
    /// <param name="now">The time of that attempt.</param>
    /// <param name="deliverBy">The time that the sender has set.</param>
    public DateTimeOffset? Next(DateTimeOffset released, int attempts, DateTimeOffset now, DeliverBy? deliverBy = null)
    {
        var expiry = Expiry(released, deliverBy);
        if (now >= expiry) return null;
        var next = now + Delay(attempts, now - released);
        if (NoticeAt(released, deliverBy) is { } notice && now < notice && notice < next) next = notice;
        return next < expiry ? next : expiry;
    }

    /// <summary>Whether a message still undelivered at this time is late enough for its sender to be told.</summary>
    public bool IsLate(DateTimeOffset released, DateTimeOffset now, DeliverBy? deliverBy = null) => now >= NoticeAt(released, deliverBy);

    /// <summary>When what waits for its turn must be looked at in any case: when its sender is to be told of the delay, or gets it back.</summary>
    public DateTimeOffset LookAt(DeliveryGroup group)
    {
        var message = group.Message.Queued;
        var by = message.Sender.DeliverBy;
        var expiry = Expiry(message.Released, by);
        return group.Recipients.Any(recipient => !recipient.DelayNotified) && NoticeAt(message.Released, by) is { } notice && notice < expiry ? notice : expiry;
    }

    // There is one notice, so that the sender's own time replaces ours.
    private DateTimeOffset? NoticeAt(DateTimeOffset released, DeliverBy? deliverBy) =>
        DeliveryDeadline.NoticeAt(deliverBy, released) ?? (Options.DelayNotice > TimeSpan.Zero ? released + Options.DelayNotice : null);

    private TimeSpan Delay(int attempts, TimeSpan age)
    {
        var delay = Options.FirstDelay;
        var due = delay;   // at what age the schedule makes its next attempt
        for (var i = 1; i < attempts && due <= age && delay < Options.MaxDelay; i++)
        {
            delay += delay;
            due += delay;
        }
        return delay < Options.MaxDelay ? delay : Options.MaxDelay;
    }
}
