using System.Globalization;
using MailOps.Messages;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Server.Verbs;

/// <summary>MAIL (RFC 5321 section 4.1.1.2) with SIZE, BODY, SMTPUTF8, AUTH, RET and ENVID, and what <see cref="TransferParameters"/> reads.</summary>
internal static class MailFrom
{
    public static async ValueTask<Reply?> RunAsync(Session session, ReadOnlyMemory<byte> argument)
    {
        if (Read(session, argument.Span, out var sender) is { } refusal) return refusal;
        var max = session.Limits.MaxMessagesPerSession;
        if (max > 0 && session.Messages >= max) return Replies.TooManyMessages;   // RFC 9422 section 4.1
        if (session is { UserIsListed: true, User: { } listed } && !session.Server.Authentication.StillLetsIn(listed))
        {
            session.LogIn(null, listed: false);
            return Replies.UserShutOut;
        }
        if (session.User is { } user && !session.Server.Authentication.OwnsSender(user, sender.ReversePath)) return Replies.SenderNotOwned;
        var begun = await session.Server.Target.BeginAsync(sender, session.Connection.Aborted).ConfigureAwait(false);
        if (begun.Transaction is { } transaction)
        {
            session.Messages++;
            // RFC 6710 section 4.1: the target says so where it gives a message less than was asked for.
            if (begun.Reply.EnhancedCode == Replies.PriorityChanged) sender = sender with { Priority = 0 };
            session.Transaction = new Transaction(transaction, sender, begun.Reply.EnhancedCode == Replies.PriorityChanged);
        }
        return Reply.From(begun.Reply);
    }

    private static Reply? Read(Session session, ReadOnlySpan<byte> text, out MailSender sender)
    {
        sender = new MailSender((EmailAddress?)null);
        if (EnvelopeArgument.Read(text, "FROM:", Replies.BadMailSyntax, out var argument) is { } syntax) return syntax;
        var utf8 = argument.Take("SMTPUTF8", out var utf8Value);
        EmailAddress? reversePath = null;
        if (argument.Path.Length > 0 && argument.ReadAddress(utf8, Replies.BadSender, out reversePath) is { } refusal) return refusal;
        if (utf8Value is not null || !TrySize(argument, out var size) || !TryBody(argument, out var body) || !TryReturn(argument, out var ret)
            || !TryEnvelopeId(argument, out var envelopeId) || !TryAuth(argument))
            return Replies.BadParameter;
        if (TransferParameters.Read(session, argument, ref sender) is { } wish) return wish;
        if (argument.Parameters.Count > 0) return Replies.UnknownParameter;
        if (size > session.Limits.MaxMessageSize) return Replies.TooBig;
        sender = sender with
        {
            ReversePath = reversePath,
            DeclaredSize = size,
            Body = body,
            SmtpUtf8 = utf8,
            Return = ret,
            EnvelopeId = envelopeId,
            Origin = session.Origin(utf8),
        };
        return null;
    }

    // RFC 1870 section 6: up to 20 digits; more than a long holds is certainly too much.
    private static bool TrySize(EnvelopeArgument argument, out long size)
    {
        size = 0;
        if (!argument.Take("SIZE", out var value)) return true;
        if (value is not { Length: <= 20 } || !value.All(char.IsAsciiDigit)) return false;
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out size)) size = long.MaxValue;
        return true;
    }

    // RFC 6152 section 3, and BINARYMIME by RFC 3030 section 3.
    private static bool TryBody(EnvelopeArgument argument, out MailBody body)
    {
        body = MailBody.SevenBit;
        if (!argument.Take("BODY", out var value)) return true;
        if (string.Equals(value, "8BITMIME", StringComparison.OrdinalIgnoreCase)) body = MailBody.EightBitMime;
        else if (string.Equals(value, "BINARYMIME", StringComparison.OrdinalIgnoreCase)) body = MailBody.BinaryMime;
        return body != MailBody.SevenBit || string.Equals(value, "7BIT", StringComparison.OrdinalIgnoreCase);
    }

    // RFC 3461 section 4.3
    private static bool TryReturn(EnvelopeArgument argument, out DsnReturn ret)
    {
        ret = DsnReturn.Unspecified;
        if (!argument.Take("RET", out var value)) return true;
        if (string.Equals(value, "FULL", StringComparison.OrdinalIgnoreCase)) ret = DsnReturn.Full;
        if (string.Equals(value, "HDRS", StringComparison.OrdinalIgnoreCase)) ret = DsnReturn.Headers;
        return ret != DsnReturn.Unspecified;
    }

    // RFC 3461 section 4.4
    private static bool TryEnvelopeId(EnvelopeArgument argument, out string? envelopeId)
    {
        envelopeId = null;
        if (!argument.Take("ENVID", out var value)) return true;
        if (value is not { Length: <= 100 } || !Xtext.TryDecode(value, out var decoded)) return false;
        envelopeId = decoded;
        return true;
    }

    // RFC 4954 section 5: taken and, as nobody here is trusted to vouch for another, not used.
    private static bool TryAuth(EnvelopeArgument argument) => !argument.Take("AUTH", out var value) || Xtext.TryDecode(value, out _);
}
