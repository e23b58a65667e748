using System.Globalization;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>What BY= means for delivery (RFC 2852 section 4): by mode R nothing is delivered once the time is over; by mode N the sender is told then.</summary>
internal static class DeliveryDeadline
{
    /// <summary>RFC 3463 section 3.5: X.4.7, delivery time expired.</summary>
    public static readonly DeliveryOutcome Over = new(DeliveryStatus.Failed, new SmtpReply(550, "5.4.7", "Not delivered by the time the sender had set"));

    /// <summary>Whether it must not be delivered any more.</summary>
    public static bool IsOver(MailSender sender, DateTimeOffset now) => sender.DeliverBy is { Return: true } by && now >= by.Deadline;

    /// <summary>When the sender is to be told of a delay: null where his time was over when the message came, for the relay before has told him.</summary>
    public static DateTimeOffset? NoticeAt(DeliverBy? deliverBy, DateTimeOffset received) => deliverBy is { Return: false } by && by.Deadline >= received ? by.Deadline : null;

    /// <summary>What is left of the time in whole seconds, as BY= says it to the next server; below zero by mode N only.</summary>
    public static int Remaining(DeliverBy by, DateTimeOffset now) => (int)Math.Clamp(Math.Floor((by.Deadline - now).TotalSeconds), -999_999_999, 999_999_999);

    /// <summary>BY= for the next server.</summary>
    public static string Parameter(DeliverBy by, DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $" BY={Remaining(by, now)};{(by.Return ? 'R' : 'N')}{(by.Trace ? "T" : "")}");

    /// <summary>The last reply, as the report at the deadline says it.</summary>
    /// <param name="last">The last reply.</param>
    /// <param name="tried">Whether it comes of an attempt.</param>
    public static DeliveryOutcome Late(DeliveryOutcome last, bool tried = true) =>
        After(last, last.Status, tried, new SmtpReply(451, "4.4.7", "Not delivered by the time you had set"));

    /// <summary>The last reply, as the report of a failure by mode R says it.</summary>
    /// <param name="last">The last reply.</param>
    /// <param name="tried">Whether it comes of an attempt.</param>
    public static DeliveryOutcome Failed(DeliveryOutcome last, bool tried = true) =>
        After(last, DeliveryStatus.Failed, tried, Over.Reply);

    /// <summary>An outcome that is ours to say, with what the last attempt came to, or why there was none.</summary>
    public static DeliveryOutcome After(DeliveryOutcome last, DeliveryStatus status, bool tried, SmtpReply reply)
    {
        var said = last.IsOwn || last.RemoteHost is null ? last.Reply.ToString() : $"{last.RemoteHost} said '{last.Reply}'";
        return last with { Status = status, Reply = reply with { Text = $"{reply.Text}; {(tried ? "the last attempt: " : "")}{said}" }, IsOwn = true };
    }
}
