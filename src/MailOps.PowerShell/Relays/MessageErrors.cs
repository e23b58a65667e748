#if NET
namespace MailOps.PowerShell.Relays;

/// <summary>What can be wrong with a queued message that somebody asks for.</summary>
internal static class MessageErrors
{
    public static MailOpsException NotFound(string identity) => new(
        ErrorCode.RelayMessageNotFound,
        $"No message '{identity}' is queued.",
        "It may have been delivered or bounced: Get-SmtpRelayTrackingLog -InternalMessageId tells.");

    public static MailOpsException Unchanged(string identity, string? reason) => new(
        ErrorCode.RelayMessageUnchanged,
        $"The message '{identity}' is as it was: {reason}",
        "Make room on the queue's disk where that is why, and try again; Get-SmtpRelayMessage shows its state.");
}
#endif
