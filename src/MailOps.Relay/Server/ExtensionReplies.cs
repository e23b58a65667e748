using System.Globalization;

namespace MailOps.Relay.Server;

/// <summary>A listener's replies to EHLO (RFC 5321 section 4.1.1.1): what it offers to a session in its present state, each reply encoded once.</summary>
/// <param name="server">Name and time.</param>
/// <param name="limits">The listener's.</param>
/// <param name="offersTls">Whether STARTTLS is offered before TLS.</param>
/// <param name="authentication">The AUTH line for a session, or null.</param>
internal sealed class ExtensionReplies(Surroundings server, LimitOptions limits, bool offersTls, Func<Has, string?> authentication)
{
    // What the reply depends on; there is one for each of their combinations.
    private static readonly Has[] Flags = [Has.Tls, Has.User, Has.Certificate, Has.Conveyor, Has.Binding];

    private Made? _made;

    private sealed record Made(Reply[] Replies, DateTimeOffset Until);

    /// <summary>The reply: what is true of this session now.</summary>
    public Reply For(Has has)
    {
        var made = _made;
        var now = server.Clock.GetUtcNow();
        if (made is null || now >= made.Until) _made = made = Make(now);
        var bits = 0;
        for (var i = 0; i < Flags.Length; i++)
            if ((has & Flags[i]) != 0) bits |= 1 << i;
        return made.Replies[bits];
    }

    // The latest date of RFC 4865 moves on with the clock, and is told to the minute; nothing else does.
    private Made Make(DateTimeOffset now)
    {
        var minute = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMinute));
        return new Made([.. Enumerable.Range(0, 1 << Flags.Length).Select(i => new Reply(250, null, string.Join('\n', Lines(Combination(i), minute))))], minute.AddMinutes(1));
    }

    private static Has Combination(int bits) => Flags.Where((_, i) => (bits & (1 << i)) != 0).Aggregate(Has.Nothing, (all, one) => all | one);

    private IEnumerable<string> Lines(Has has, DateTimeOffset now)
    {
        yield return server.HostName;
        yield return "PIPELINING";            // RFC 2920
        yield return "SIZE " + Digits(limits.MaxMessageSize);   // RFC 1870
        yield return "8BITMIME";              // RFC 6152
        yield return "SMTPUTF8";              // RFC 6531
        yield return "CHUNKING";              // RFC 3030
        yield return "BINARYMIME";            // RFC 3030
        yield return "ENHANCEDSTATUSCODES";   // RFC 2034
        yield return "DSN";                   // RFC 3461
        yield return limits.MinDeliverBy > TimeSpan.Zero ? "DELIVERBY " + Seconds(limits.MinDeliverBy) : "DELIVERBY";   // RFC 2852 section 4
        yield return "MT-PRIORITY";           // RFC 6710 section 3
        yield return LimitsLine();      // RFC 9422
        // RFC 4865 section 4: the longest time in seconds, and the latest date.
        if (limits.MaxHold > TimeSpan.Zero) yield return $"FUTURERELEASE {Seconds(limits.MaxHold)} {(now + limits.MaxHold).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}";
        if ((has & Has.Tls) != 0) yield return "REQUIRETLS";                         // RFC 8689 section 2: where it can be obeyed
        if (offersTls && (has & Has.Tls) == 0) yield return "STARTTLS";              // RFC 3207 section 4.2: not once it is active
        if ((has & Has.Conveyor) != 0) yield return "XCLIENT " + Proxy.ConveyedClient.Attributes;
        if (authentication(has) is { } mechanisms) yield return mechanisms;          // RFC 4954
    }

    private string LimitsLine() =>
        "LIMITS" + (limits.MaxMessagesPerSession > 0 ? " MAILMAX=" + Digits(limits.MaxMessagesPerSession) : "") + " RCPTMAX=" + Digits(Math.Min(limits.MaxRecipients, 999_999))
        + (limits.MaxRecipientDomains > 0 ? " RCPTDOMAINMAX=" + Digits(limits.MaxRecipientDomains) : "");

    private static string Seconds(TimeSpan time) => Digits((long)time.TotalSeconds);

    private static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);
}
