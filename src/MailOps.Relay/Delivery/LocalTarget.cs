using MailOps.Relay.Configuration;
using MailOps.Relay.Delivery.Mailboxes;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>The targets that need no connection.</summary>
internal static class LocalTarget
{
    public static IMailTarget Of(NextHop hop, string hostName, IMailTrace trace, TimeProvider clock) => hop.Kind switch
    {
        RouteKind.Maildir => new MaildirTarget(hop.MailboxPath!, hostName, trace, clock, new LocalDisk()),
        RouteKind.Drop => new DropTarget(hop.Way!.Options.DropPath!, hostName, trace, clock, new LocalDisk()),
        RouteKind.Refuse => new RefusedTarget(RouteRefusal.Of(hop.Way!.Options)),
        _ => new HeldTarget(hop.Way!.Options.Name),
    };
}

/// <summary>Takes nothing, and says why.</summary>
internal sealed class RefusedTarget(SmtpReply reply) : IMailTarget
{
    public ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken) => ValueTask.FromResult(new MailBegin(null, reply) { IsOwn = true });
}

/// <summary>Takes nothing: what a route holds stays in the queue, and has no next attempt until an administrator gives it one.</summary>
internal sealed class HeldTarget(string? route) : IMailTarget
{
    /// <summary>The next attempt of what is held.</summary>
    public static readonly DateTimeOffset Forever = QueuedRecipientState.Never;

    // RFC 3463 section 3.8: X.7.0, other security status: it is a matter of policy, not of a mailbox or a network.
    private readonly SmtpReply _held = new(450, "4.7.0", $"Held by {(route is null ? "a route" : $"the route '{route}'")}: Resume-SmtpRelayMessage lets it go, Move-SmtpRelayMessage sends it elsewhere");

    public ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken) => ValueTask.FromResult(new MailBegin(null, _held) { IsOwn = true });
}
