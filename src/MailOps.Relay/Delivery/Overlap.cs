using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>A target over whose connections a message can be begun behind one that is not answered yet (RFC 2920 section 3.1): over a long way that saves each message a round trip.</summary>
internal interface IOverlappingTarget : IMailTarget
{
    /// <summary>Begins a message behind one that is sent and not answered, where its connection is still there to be had; otherwise as any other.</summary>
    ValueTask<MailBegin> FollowAsync(MailSender sender, CancellationToken cancellationToken);
}

/// <summary>A transaction that tells when the next one may follow.</summary>
internal interface IOverlappingTransaction
{
    /// <summary>Called when everything is sent, no answer has come yet, and the connection takes another message; at most once a connection.</summary>
    Action? Sent { set; }
}

/// <summary>How an attempt overlaps with others over the same connection.</summary>
/// <param name="Follows">Whether it may be written behind one that is not answered yet.</param>
/// <param name="Sent">Called when the next one may follow; null where none must.</param>
internal readonly record struct Overlap(bool Follows, Action? Sent);
