#if NET
namespace MailOps.PowerShell.Relays;

/// <summary>What can be wrong with a queue that somebody asks for.</summary>
internal static class QueueErrors
{
    public static MailOpsException NotFound(string identity) => new(
        ErrorCode.RelayQueueNotFound,
        $"No queue '{identity}' is there, neither with mail nor suspended.",
        "Get-SmtpRelayQueue shows those that are.");

    public static MailOpsException Unchanged(string identity, string? reason) => new(
        ErrorCode.RelayMessageUnchanged,
        $"The queue '{identity}' is as it was: {reason}",
        "Make room on the queue's disk where that is why, and try again.");
}
#endif
