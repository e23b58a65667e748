namespace MailOps.Reports;

/// <summary>The words by which reports that keep to no standard are known.</summary>
internal static class Wording
{
    private static readonly string[] Delays =
    [
        "warning message only", "this is a warning", "has been delayed", "is delayed", "delivery delayed", "(delay)", "delayed mail", "will be retried",
        "still being retried", "could not send message for past", "not yet been delivered", "temporary failure report", "notification about a delay", "message has been frozen", "delay reason:",
    ];

    private static readonly string[] Temporary = ["retry timeout exceeded", "failing for a long time", "retry time not reached", "try again later"];

    private static readonly string[] Subjects =
    [
        "undeliver", "delivery status", "delivery fail", "delivery notification", "delivery report", "delivery has failed", "delivery problem", "failure notice",
        "failure delivery", "returned mail", "mail system error", "mail failure", "mail delivery", "message delivery", "could not be delivered", "not delivered",
        "delivery error", "non remis", "nicht zugestellt", "unzustellbar", "no se puede entregar", "non recapitabile", "mail error", "loop alert", "mail status",
        "delivery unsuccessful", "error sending your mail", "nondeliverable", "non-deliver", "delivery delayed", "mail returned", "bounce", "blocked by our bulk",
        "considered unsolicited", "see transcript for details",
    ];

    private static readonly string[] Bodies =
    [
        "could not be delivered", "not be delivered", "was not delivered", "undeliverable", "unable to deliver", "delivery has failed", "did not reach the following",
        "rejected by a remote", "trouble delivering", "failed to deliver", "delivery failed", "delivery to the following", "could not deliver", "following address",
        "error delivering", "following recipient", "not delivered to", "invalid user address", "mailbox is full",
    ];

    private static readonly string[] Robots =
        ["mailer-daemon", "postmaster", "mail delivery", "no-reply", "noreply", "do-not-reply", "mailsystem", "mail system", "administrator", "sysadmin", "daemon", "post_master", "mail.delivery"];

    /// <summary>Whether it is only a delay.</summary>
    public static bool IsDelay(ReportContent report) => Has(report.Subject, Delays) || report.Texts.Exists(text => Has(Start(text), Delays));

    /// <summary>Whether the words speak of something that may pass.</summary>
    public static bool IsTemporary(string? text) => text is not null && Has(text, Temporary);

    /// <summary>Whether the subject speaks of mail that did not arrive.</summary>
    public static bool IsFailure(ReportContent report) => Has(report.Subject, Subjects);

    /// <summary>Whether a message without status fields is a report all the same.</summary>
    public static bool IsReport(ReportContent report)
    {
        if (report.IsReport || report.Header["X-Failed-Recipients"] is not null || Has(report.Subject, Subjects)) return true;
        var from = report.Header["From"] ?? "<>";
        var robot = from.Trim() == "<>" || report.Header["Return-Path"] == "<>" || Has(from, Robots);
        return (robot || report.HasOriginal) && report.Texts.Exists(text => Has(Start(text), Bodies));
    }

    private static string Start(string text) => text.Length > 4096 ? text.Substring(0, 4096) : text;

    private static bool Has(string text, string[] phrases) => Array.Exists(phrases, phrase => text.Has(phrase));
}
