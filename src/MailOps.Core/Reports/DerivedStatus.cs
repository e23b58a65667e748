namespace MailOps.Reports;

/// <summary>The enhanced status code for a report that has none (RFC 3463 section 3): what it means, in digits.</summary>
internal static class DerivedStatus
{
    public static string For(DeliveryReportClass kind, DeliveryReportAction action, int code, string? text) => $"{Severity(action, code, text)}.{Detail(kind)}";

    private static char Severity(DeliveryReportAction action, int code, string? text) => action switch
    {
        DeliveryReportAction.Delivered or DeliveryReportAction.Relayed or DeliveryReportAction.Expanded => '2',
        DeliveryReportAction.Delayed => '4',
        _ when code is >= 400 and < 600 => code < 500 ? '4' : '5',
        _ => Wording.IsTemporary(text) ? '4' : '5',
    };

    private static string Detail(DeliveryReportClass kind) => kind switch
    {
        DeliveryReportClass.NoSuchUser => "1.1",
        DeliveryReportClass.DomainUnknown => "1.2",
        DeliveryReportClass.Moved => "1.6",
        DeliveryReportClass.SenderRefused => "1.8",
        DeliveryReportClass.NotAccepting => "1.10",
        DeliveryReportClass.Suspended => "2.1",
        DeliveryReportClass.MailboxFull => "2.2",
        DeliveryReportClass.SystemFault => "3.0",
        DeliveryReportClass.MessageTooLarge => "3.4",
        DeliveryReportClass.Network => "4.0",
        DeliveryReportClass.RateLimited => "4.5",
        DeliveryReportClass.Expired => "4.7",
        DeliveryReportClass.ProtocolError => "5.0",
        DeliveryReportClass.ContentRefused or DeliveryReportClass.VirusFound => "6.0",
        DeliveryReportClass.Blocked or DeliveryReportClass.SpamRefused or DeliveryReportClass.PolicyRefused or DeliveryReportClass.RelayingDenied => "7.1",
        DeliveryReportClass.NoReverseDns => "7.25",
        DeliveryReportClass.AuthenticationFailed => "7.26",
        _ => "0.0",
    };
}
