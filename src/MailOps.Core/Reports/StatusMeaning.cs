namespace MailOps.Reports;

/// <summary>What enhanced status codes mean (RFC 3463 section 3, and the registry with what was added).</summary>
internal static class StatusMeaning
{
    /// <summary>Codes that have one meaning, whatever is said beside them.</summary>
    public static DeliveryReportClass? Certain(string? status) => Rest(status) switch
    {
        "7.20" or "7.21" or "7.22" or "7.23" or "7.24" or "7.26" or "7.27" or "7.30" or "7.32" or "7.509" or "7.515" => DeliveryReportClass.AuthenticationFailed,
        "7.25" => DeliveryReportClass.NoReverseDns,
        "1.7" or "1.8" => DeliveryReportClass.SenderRefused,
        "1.6" => DeliveryReportClass.Moved,
        "2.3" or "3.4" => DeliveryReportClass.MessageTooLarge,
        _ => null,
    };

    /// <summary>Codes that are mostly used for what they mean.</summary>
    public static DeliveryReportClass? Likely(string? status) => Rest(status) switch
    {
        "1.1" or "1.3" or "1.351" => DeliveryReportClass.NoSuchUser,
        "1.2" or "4.4" or "4.310" => DeliveryReportClass.DomainUnknown,
        "1.10" => DeliveryReportClass.NotAccepting,
        "2.1" or "7.13" => DeliveryReportClass.Suspended,
        "2.2" => DeliveryReportClass.MailboxFull,
        "3.1" or "3.5" or "4.3" or "2.4" => DeliveryReportClass.SystemFault,
        "3.2" => DeliveryReportClass.NotAccepting,
        "4.1" or "4.2" or "4.0" or "4.6" or "4.14" or "4.316" => DeliveryReportClass.Network,
        "4.5" or "5.3" or "7.28" or "7.508" => DeliveryReportClass.RateLimited,
        "4.7" or "4.300" => DeliveryReportClass.Expired,
        "5.1" or "5.2" or "5.4" => DeliveryReportClass.ProtocolError,
        "6.0" or "6.1" or "6.3" or "6.5" or "6.6" or "6.7" => DeliveryReportClass.ContentRefused,
        "7.64" => DeliveryReportClass.RelayingDenied,
        "7.606" or "7.511" => DeliveryReportClass.Blocked,
        _ => null,
    };

    /// <summary>What is left where nothing else tells.</summary>
    public static DeliveryReportClass? Vague(string? status, int code) => Rest(status) switch
    {
        { } rest when rest.StartsWith("7.", StringComparison.Ordinal) => DeliveryReportClass.PolicyRefused,
        { } rest when rest.StartsWith("1.", StringComparison.Ordinal) => DeliveryReportClass.NoSuchUser,
        { } rest when rest.StartsWith("3.", StringComparison.Ordinal) => DeliveryReportClass.SystemFault,
        { } rest when rest.StartsWith("4.", StringComparison.Ordinal) => DeliveryReportClass.Network,
        { } rest when rest.StartsWith("6.", StringComparison.Ordinal) => DeliveryReportClass.ContentRefused,
        _ => code switch
        {
            500 or 501 or 502 or 503 or 504 => DeliveryReportClass.ProtocolError,
            521 or 556 => DeliveryReportClass.NotAccepting,
            551 => DeliveryReportClass.Moved,
            _ => null,
        },
    };

    private static string? Rest(string? status) => status is { Length: > 2 } ? status.Substring(2) : null;
}
