namespace MailOps.Relay.Mail;

/// <summary>What an administrator said is to become of a message. The numbers are on disk: none is ever used for something else.</summary>
public enum MessageHold : byte
{
    /// <summary>Nothing: it is delivered.</summary>
    None = 0,
    /// <summary>It waits until it is resumed.</summary>
    Suspended = 1,
    /// <summary>It leaves the queue undelivered, and its sender hears nothing.</summary>
    Remove = 2,
    /// <summary>It leaves the queue undelivered, and its sender is told.</summary>
    RemoveWithReport = 3,
}

/// <summary>A change to a queued message; what is null stays as it is.</summary>
public sealed record QueueChange
{
    /// <summary>Suspend it, let it go on, or have it leave.</summary>
    public MessageHold? Hold { get; init; }
    /// <summary>Where all its recipients go instead of where they would; empty for where they would.</summary>
    public string? Redirect { get; init; }
    /// <summary>When the recipients that wait for another attempt get it.</summary>
    public DateTimeOffset? NextAttempt { get; init; }
}

/// <summary>What came of a change to one message.</summary>
/// <param name="Found">False where the message is not, or no longer, in the queue.</param>
/// <param name="Claimed">Whether delivery has it: what is under way ends first.</param>
/// <param name="Failure">Why it is not changed, where the disk did not take it.</param>
public readonly record struct QueueChanged(bool Found, bool Claimed, Exception? Failure = null);
