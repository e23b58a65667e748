namespace MailOps;

/// <summary>What became of one recipient in one attempt: a value, never an exception.</summary>
/// <param name="Status">Delivered, deferred or failed.</param>
/// <param name="Reply">The reply that said so; where no server was reached, one that MailOps made (RFC 3463 class 4 or 5).</param>
/// <param name="RemoteHost">The host that said so, or with which it came to that, as in <c>mx.example.test [192.0.2.1]:25</c>; null where none was reached.</param>
public sealed record DeliveryOutcome(DeliveryStatus Status, SmtpReply Reply, string? RemoteHost = null)
{
    /// <summary>Whether the reply is MailOps' own although there was a conversation with <see cref="RemoteHost"/>: what the server offers is not enough, it fell silent, the time is over.</summary>
    public bool IsOwn { get; init; }

    /// <summary>The outcome that a reply means: 2yz delivered, 5yz failed, anything else deferred.</summary>
    public static DeliveryOutcome From(SmtpReply reply, string? remoteHost = null) =>
        new(reply.IsPositive ? DeliveryStatus.Delivered : reply.IsPermanent ? DeliveryStatus.Failed : DeliveryStatus.Deferred, reply, remoteHost);
}
