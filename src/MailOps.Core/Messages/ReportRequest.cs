namespace MailOps.Messages;

/// <summary>Which reports the server is asked for (RFC 3461 section 4).</summary>
/// <param name="Notify">When; null for the server's own choice.</param>
/// <param name="Return">How much of the message they bring back.</param>
/// <param name="EnvelopeId">What they name the message by; null for nothing.</param>
public sealed record ReportRequest(DeliveryNotices? Notify = null, DeliveryReportContent Return = DeliveryReportContent.Unspecified, string? EnvelopeId = null)
{
    /// <summary>Nothing is asked for.</summary>
    public static ReportRequest None { get; } = new();
}
