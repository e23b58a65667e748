namespace MailOps;

/// <summary>What an administrator can do with queues and messages.</summary>
public enum SmtpRelayActionKind
{
    /// <summary>It waits until it is resumed; what is under way finishes.</summary>
    Suspend,
    /// <summary>It goes on.</summary>
    Resume,
    /// <summary>It leaves the queue undelivered. For messages only.</summary>
    Remove,
    /// <summary>All its recipients go to another server or route, at once. For messages only.</summary>
    Redirect,
    /// <summary>Whatever waits for another attempt gets it at once, also where the next hop could not be reached a moment ago.</summary>
    Retry,
    /// <summary>As Retry, and what was redirected goes where it would go without.</summary>
    Resubmit,
}

/// <summary>Something an administrator does with queues or messages.</summary>
/// <param name="Kind">What.</param>
public sealed record SmtpRelayAction(SmtpRelayActionKind Kind)
{
    /// <summary>For Redirect: <c>host</c>, <c>host:port</c>, or the name of a configured route.</summary>
    public string? Target { get; init; }
    /// <summary>For Remove: whether the sender gets a report. Default: true, for mail that vanishes without a word is asked about for weeks.</summary>
    public bool WithReport { get; init; } = true;
    /// <summary>Who does it, for the tracking log; null where nobody knows.</summary>
    public string? By { get; init; }
}

/// <summary>What came of an action on one queue or message.</summary>
public enum SmtpRelayActionOutcome
{
    /// <summary>It is so, and on disk.</summary>
    Done,
    /// <summary>It is on disk, and will be so when what is under way is over; <see cref="SmtpRelayActionResult.Reason"/> says what that is.</summary>
    Pending,
    /// <summary>There is no such queue or message.</summary>
    NotFound,
    /// <summary>Nothing has changed; <see cref="SmtpRelayActionResult.Reason"/> says why.</summary>
    Failed,
}

/// <summary>What came of an action on one queue or message.</summary>
/// <param name="Id">The next hop or the queue id, as it was asked for.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Reason">For Pending and Failed: why, in one sentence. For Done: what it was taken for, where that is likely a slip, or what was forgotten with it; null as a rule.</param>
public sealed record SmtpRelayActionResult(string Id, SmtpRelayActionOutcome Outcome, string? Reason = null);
