using MailOps.Messages;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Server.Verbs;

/// <summary>RCPT (RFC 5321 section 4.1.1.3) with NOTIFY and ORCPT.</summary>
internal static class RcptTo
{
    public static async ValueTask<Reply?> RunAsync(Session session, ReadOnlyMemory<byte> argument)
    {
        var transaction = session.Transaction!;
        if (Read(session, argument.Span, out var recipient) is { } refusal) return refusal;
        var maxDomains = session.Limits.MaxRecipientDomains;
        var domain = maxDomains > 0 ? DomainName.ToAscii(recipient!.ForwardPath.Domain) : null;
        if (domain is not null && session.RecipientDomains is { } seen && seen.Count >= maxDomains && !seen.Contains(domain)) return Replies.TooManyDomains;
        if (transaction.Recipients.Count >= session.Limits.MaxRecipients) return Replies.TooManyRecipients;
        var reply = await transaction.Target.AddRecipientAsync(recipient!, session.Connection.Aborted).ConfigureAwait(false);
        if (reply.IsPositive) transaction.Add(recipient!);
        if (reply.IsPositive && domain is not null) (session.RecipientDomains ??= []).Add(domain);   // RFC 9422 section 4.3
        return Reply.From(reply);
    }

    private static Reply? Read(Session session, ReadOnlySpan<byte> text, out MailRecipient? recipient)
    {
        recipient = null;
        if (EnvelopeArgument.Read(text, "TO:", Replies.BadRcptSyntax, out var argument) is { } syntax) return syntax;
        // RFC 5321 section 4.1.1.3: <Postmaster> without a domain is whoever keeps this server.
        if (string.Equals(argument.Path, "postmaster", StringComparison.OrdinalIgnoreCase)) argument = argument with { Path = argument.Path + "@" + session.Server.OwnDomain };
        if (argument.ReadAddress(session.Transaction!.Sender.SmtpUtf8, Replies.BadRecipient, out var forwardPath) is { } refusal) return refusal;
        if (!TryNotify(argument, out var notify) || !TryOriginalRecipient(argument, out var original)) return Replies.BadParameter;
        if (argument.Parameters.Count > 0) return Replies.UnknownParameter;
        recipient = new MailRecipient(forwardPath!) { Notify = notify, OriginalRecipient = original };
        return null;
    }

    // RFC 3461 section 4.1: NEVER, or a list of the others.
    private static bool TryNotify(EnvelopeArgument argument, out DsnNotify notify)
    {
        notify = DsnNotify.Unspecified;
        if (!argument.Take("NOTIFY", out var value)) return true;
        foreach (var word in (value ?? "").Split(','))
        {
            var one = word.ToUpperInvariant() switch
            {
                "NEVER" => DsnNotify.Never,
                "SUCCESS" => DsnNotify.Success,
                "FAILURE" => DsnNotify.Failure,
                "DELAY" => DsnNotify.Delay,
                _ => DsnNotify.Unspecified,
            };
            if (one == DsnNotify.Unspecified) return false;
            notify |= one;
        }
        return notify == DsnNotify.Never || !notify.HasFlag(DsnNotify.Never);
    }

    private static bool TryOriginalRecipient(EnvelopeArgument argument, out string? original) =>
        !argument.Take("ORCPT", out original) || (original is not null && OriginalRecipient.IsValid(original));
}
