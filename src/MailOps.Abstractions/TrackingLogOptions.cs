namespace MailOps;

/// <summary>What the tracking log keeps of each message, for 30 days, in the folder <c>tracking</c> of <see cref="SmtpRelayOptions.QueuePath"/>.</summary>
public sealed record TrackingLogOptions
{
    /// <summary>Keep the subject of each message. Default: true (Exchange, MessageTrackingLogSubjectLoggingEnabled): it is what people know a message by. False where the law or a works council says so.</summary>
    public bool Subjects { get; init; } = true;
}
