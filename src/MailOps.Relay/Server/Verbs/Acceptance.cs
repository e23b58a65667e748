using MailOps.Relay.Mail;

namespace MailOps.Relay.Server.Verbs;

/// <summary>
/// The one instant at which mail is accepted: the content is whole, the target takes it, and the reply says what became of it. There is one
/// reply for all recipients, so it is the one that loses nothing: any that was deferred makes it temporary, otherwise any that failed makes it permanent, and 250
/// is said only when every one was taken. (The queue takes all or none.)
/// </summary>
internal static class Acceptance
{
    public static async ValueTask<Reply> CommitAsync(Session session)
    {
        var transaction = session.Transaction!;
        var reply = await CommitAsync(session, transaction).ConfigureAwait(false);
        await session.ResetAsync().ConfigureAwait(false);
        return reply;
    }

    private static async ValueTask<Reply> CommitAsync(Session session, Transaction transaction)
    {
        using var content = await transaction.Content!.TakeAsync(session.Connection.Aborted).ConfigureAwait(false);
        if (content is null) return transaction.Content.Refusal!;
        var size = content.Length;
        var glance = await HeaderGlance.OfAsync(content, session.Server.Options.TrackingLog.Subjects, session.Connection.Aborted).ConfigureAwait(false);
        var received = session.Server.Clock.GetUtcNow();   // before the commit: once it is in the queue, its delivery may be traced before this is
        var outcomes = await transaction.Target.CommitAsync(content, session.Connection.Aborted).ConfigureAwait(false);
        if (Worst(outcomes) is { } refused) return Reply.From(refused);
        session.Forgive();
        Record(session, transaction, size, glance, received);
        return Replies.Queued(transaction.Target.Id, transaction.PriorityChanged);
    }

    private static SmtpReply? Worst(IReadOnlyList<DeliveryOutcome> outcomes)
    {
        if (outcomes.Count == 0) return new SmtpReply(451, "4.3.0", "Nobody took the message");
        var worst = outcomes.FirstOrDefault(o => o.Status == DeliveryStatus.Deferred) ?? outcomes.FirstOrDefault(o => o.Status == DeliveryStatus.Failed);
        return worst?.Reply;
    }

    private static void Record(Session session, Transaction transaction, long size, HeaderGlance glance, DateTimeOffset received) => session.Server.Trace.Record(new SmtpRelayTrackingEvent
    {
        Timestamp = received,
        EventId = "RECEIVE",
        Source = "SMTP",
        InternalMessageId = transaction.Target.Id,
        MessageId = glance.MessageId,
        MessageSubject = glance.Subject,
        Sender = transaction.Sender.ReversePath?.ToString() ?? "<>",
        Recipients = [.. transaction.Recipients.Select(r => r.ForwardPath.ToString())],
        ClientIp = session.Connection.Client.ToString(),
        SourceContext = session.User,
        TotalBytes = size,
    });
}
