using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>A target over whose connections a message can be begun behind one that is not answered yet (RFC 2920 section 3.1): over a long way that saves each message a round trip.</summary>
internal interface IOverlappingTarget : IMailTarget
{
    /// <summary>Begins a message behind one that is on its way, where its connection is still there to be had; otherwise as any other.</summary>
    ValueTask<MailBegin> FollowAsync(IMailTransaction before, MailSender sender, CancellationToken cancellationToken);
}

/// <summary>A transaction behind which the next one may begin.</summary>
internal interface IOverlappingTransaction
{
    /// <summary>How it overlaps with others.</summary>
    Overlap Overlap { set; }
}

/// <summary>How an attempt overlaps with others over the same connection.</summary>
/// <param name="Before">Behind which it may begin; null where it is the first.</param>
/// <param name="Ending">
/// Called with a transaction whose last bytes are about to be sent, if its connection takes another message; null where none must follow. What it gives ends when that has been begun, and those bytes
/// have gone with its own, or when there is none: in two segments the server would answer in two, and its system hold back the second (the Nagle algorithm).
/// </param>
/// <param name="Begun">Called when the beginning is sent, or will not be; more than once, perhaps.</param>
internal readonly record struct Overlap(IMailTransaction? Before, Func<IMailTransaction, Task>? Ending, Action? Begun);
