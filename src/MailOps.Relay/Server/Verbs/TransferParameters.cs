using System.Globalization;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Server.Verbs;

/// <summary>The parameters of MAIL that say how the message is to travel: REQUIRETLS, HOLDFOR and HOLDUNTIL, BY, MT-PRIORITY.</summary>
internal static class TransferParameters
{
    // RFC 3339 section 5.6: with Z or an offset.
    private static readonly string[] DateFormats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    /// <summary>Takes them out of an argument; gives back why one is refused, or null.</summary>
    public static Reply? Read(Session session, EnvelopeArgument argument, ref MailSender sender)
    {
        if (argument.Parameters.Count == 0) return null;
        var now = session.Server.Clock.GetUtcNow();
        var limits = session.Limits;
        if (argument.Take("REQUIRETLS", out var requireTls))
        {
            if (requireTls is not null) return Replies.BadParameter;
            if (session.Connection.Tls is null) return Replies.RequireTlsOutsideTls;
            sender = sender with { RequireTls = true };
        }
        if (ReadHold(argument, now, limits.MaxHold, ref sender) is { } held) return held;
        if (argument.Take("BY", out var by))
        {
            if (!TryDeliverBy(by, now, out var deliverBy)) return Replies.BadParameter;
            // RFC 2852 section 4: the shortest time is one for mode R; by mode N nothing is lost.
            if (deliverBy.Return && deliverBy.Deadline - now < limits.MinDeliverBy) return Replies.DeliverByTooSoon;
            if (deliverBy.Return && deliverBy.Deadline <= sender.HoldUntil) return Replies.BadParameter;
            sender = sender with { DeliverBy = deliverBy };
        }
        if (!argument.Take("MT-PRIORITY", out var priority)) return null;
        if (!TryPriority(priority, out var level)) return Replies.BadParameter;
        sender = sender with { Priority = level };
        return null;
    }

    // RFC 4865 section 4: one of the two. What is over already is delivered at once.
    private static Reply? ReadHold(EnvelopeArgument argument, DateTimeOffset now, TimeSpan max, ref MailSender sender)
    {
        if (max <= TimeSpan.Zero) return null;   // not offered, hence not known
        var hasInterval = argument.Take("HOLDFOR", out var interval);
        var hasDate = argument.Take("HOLDUNTIL", out var date);
        if (!hasInterval && !hasDate) return null;
        if (hasInterval && hasDate) return Replies.BadParameter;
        DateTimeOffset until;
        if (hasDate)
        {
            if (!DateTimeOffset.TryParseExact(date?.ToUpperInvariant(), DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out until)) return Replies.BadParameter;
        }
        else
        {
            if (interval is not ([>= '1' and <= '9', ..] and { Length: <= 9 }) || !TrySeconds(interval, out var seconds)) return Replies.BadParameter;
            until = now.AddSeconds(seconds);
        }
        if (until - now > max) return Replies.HoldTooLong;
        if (until > now) sender = sender with { HoldUntil = until };
        return null;
    }

    // RFC 2852 section 4: by-time ";" by-mode [by-trace]; time over already is for mode N alone.
    private static bool TryDeliverBy(string? value, DateTimeOffset now, out DeliverBy deliverBy)
    {
        deliverBy = default;
        var semicolon = value?.IndexOf(';') ?? -1;
        if (semicolon < 1) return false;
        var time = value.AsSpan(0, semicolon);
        var isNegative = time[0] == '-';
        if (isNegative || time[0] == '+') time = time[1..];
        if (!TrySeconds(time, out var seconds)) return false;
        if (isNegative) seconds = -seconds;
        var mode = value!.AsSpan(semicolon + 1);
        var trace = mode is [_, 'T' or 't'];
        if (mode.Length != (trace ? 2 : 1) || mode[0] is not ('N' or 'n' or 'R' or 'r')) return false;
        var returns = mode[0] is 'R' or 'r';
        if (returns && seconds <= 0) return false;
        deliverBy = new DeliverBy(now.AddSeconds(seconds), returns, trace);
        return true;
    }

    private static bool TrySeconds(ReadOnlySpan<char> digits, out int seconds)
    {
        seconds = 0;
        return digits.Length is > 0 and <= 9 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
    }

    // RFC 6710 section 3: -9 to 9, one digit and no more.
    private static bool TryPriority(string? value, out int level)
    {
        level = 0;
        switch (value)
        {
            case [>= '0' and <= '9' and var digit]:
                level = digit - '0';
                return true;
            case ['-', >= '1' and <= '9' and var digit]:
                level = '0' - digit;
                return true;
            default:
                return false;
        }
    }
}
