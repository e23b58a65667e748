namespace MailOps;

/// <summary>What a client may ask of the relay; defaults as Postfix and Exchange have them.</summary>
public sealed record LimitOptions
{
    /// <summary>The largest message in bytes, told in SIZE (RFC 1870). Default: 37,748,736 (36 MiB, as Exchange).</summary>
    public long MaxMessageSize { get; init; } = 36 * 1024 * 1024;
    /// <summary>Recipients a message. Default: 1000 (Postfix); RFC 5321 section 4.5.3.1.8 asks for at least 100.</summary>
    public int MaxRecipients { get; init; } = 1000;
    /// <summary>Different domains among the recipients of one session, told in LIMITS (RFC 9422). Default: 0, no limit.</summary>
    public int MaxRecipientDomains { get; init; }
    /// <summary>Messages a session, told in LIMITS (RFC 9422). Default: 0, no limit, as Postfix: a client that connects again costs more than one that goes on.</summary>
    public int MaxMessagesPerSession { get; init; }
    /// <summary>How far ahead a client that may relay can put off delivery by HOLDFOR and HOLDUNTIL (RFC 4865). Default: 7 days; zero, and it is not offered.</summary>
    public TimeSpan MaxHold { get; init; } = TimeSpan.FromDays(7);
    /// <summary>The shortest time in whole seconds that BY= with mode R may ask for, told in DELIVERBY (RFC 2852). Default: zero, any.</summary>
    public TimeSpan MinDeliverBy { get; init; }
    /// <summary>Sessions in all. Default: 2000.</summary>
    public int MaxSessions { get; init; } = 2000;
    /// <summary>Sessions from one address. Default: 50 (Postfix); loopback is not counted.</summary>
    public int MaxSessionsPerClient { get; init; } = 50;
    /// <summary>Received headers before a message is a loop (RFC 5321 section 6.3). Default: 50 (Postfix).</summary>
    public int MaxHops { get; init; } = 50;
    /// <summary>The header of a message in bytes; a longer one is refused. Default: 262,144 (256 KiB, as Exchange; Postfix keeps 102,400 and takes the rest for body).</summary>
    public int MaxHeaderSize { get; init; } = 256 * 1024;
    /// <summary>A line of a message in bytes, without its CR LF; 0 for any. Default: 0: RFC 5322 section 2.1.1 allows 998, devices send more, and a long line costs no memory here.</summary>
    public int MaxLineLength { get; init; }
    /// <summary>New sessions of one client a minute; loopback is not counted. 0 for any. Default: 0 (Postfix).</summary>
    public int MaxSessionRate { get; init; }
    /// <summary>Messages of one client a minute, counted by MAIL; loopback is not counted. 0 for any. Default: 0 (Postfix).</summary>
    public int MaxMessageRate { get; init; }
    /// <summary>Recipients of one client a minute, counted by RCPT; loopback is not counted. 0 for any. Default: 0 (Postfix).</summary>
    public int MaxRecipientRate { get; init; }
    /// <summary>Refused commands without an accepted message after which every reply waits <see cref="ErrorDelay"/>. Default: 10 (Postfix).</summary>
    public int SlowErrors { get; init; } = 10;
    /// <summary>How long replies wait after <see cref="SlowErrors"/>. Default: 1 second (Postfix); zero for not at all.</summary>
    public TimeSpan ErrorDelay { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>Refused commands without an accepted message before the session is ended with 421. Default: 20 (Postfix).</summary>
    public int MaxErrors { get; init; } = 20;
    /// <summary>EHLO, HELO, NOOP, RSET, VRFY, EXPN and HELP without an accepted message before each counts as a refused command. Default: 100 (Postfix).</summary>
    public int MaxJunkCommands { get; init; } = 100;
    /// <summary>How long the relay waits for the client. Default: 5 minutes (RFC 5321 section 4.5.3.2.7); 1 second at least, and a day at most.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>How long a session may take in all; zero for any time, else a minute at least. Default: 1 hour: Exchange's 10 minutes cut off a large message over a slow line.</summary>
    public TimeSpan MaxSessionTime { get; init; } = TimeSpan.FromHours(1);
    /// <summary>Free space in bytes on the queue's disk under which new mail gets 452 4.3.1. Default: 104,857,600 (100 MiB).</summary>
    public long MinFreeSpace { get; init; } = 100 * 1024 * 1024;
}

/// <summary>Limits of one listener: only what is given takes the place of the relay's own (<see cref="LimitOptions"/>, where each is explained).</summary>
public sealed record ListenerLimitOptions
{
    /// <summary>The largest message in bytes.</summary>
    public long? MaxMessageSize { get; init; }
    /// <summary>Recipients a message.</summary>
    public int? MaxRecipients { get; init; }
    /// <summary>Sessions from one address, counted over all listeners; compared with it where a session comes to this one.</summary>
    public int? MaxSessionsPerClient { get; init; }
    /// <summary>Received headers before a message is a loop.</summary>
    public int? MaxHops { get; init; }
    /// <summary>The header of a message in bytes.</summary>
    public int? MaxHeaderSize { get; init; }
    /// <summary>A line of a message in bytes; 0 for any.</summary>
    public int? MaxLineLength { get; init; }
    /// <summary>Messages a session; 0 for any.</summary>
    public int? MaxMessagesPerSession { get; init; }
    /// <summary>New sessions of one client a minute; 0 for any.</summary>
    public int? MaxSessionRate { get; init; }
    /// <summary>Messages of one client a minute; 0 for any.</summary>
    public int? MaxMessageRate { get; init; }
    /// <summary>Recipients of one client a minute; 0 for any.</summary>
    public int? MaxRecipientRate { get; init; }
    /// <summary>Refused commands after which every reply waits.</summary>
    public int? SlowErrors { get; init; }
    /// <summary>How long replies wait then.</summary>
    public TimeSpan? ErrorDelay { get; init; }
    /// <summary>Refused commands before the session is ended.</summary>
    public int? MaxErrors { get; init; }
    /// <summary>Commands beside mail before each counts as a refused one.</summary>
    public int? MaxJunkCommands { get; init; }
    /// <summary>How long the relay waits for the client.</summary>
    public TimeSpan? IdleTimeout { get; init; }
    /// <summary>How long a session may take in all; zero for any time.</summary>
    public TimeSpan? MaxSessionTime { get; init; }
    /// <summary>Different domains among the recipients of one session; 0 for any.</summary>
    public int? MaxRecipientDomains { get; init; }
    /// <summary>How far ahead delivery can be put off; zero, and it is not offered.</summary>
    public TimeSpan? MaxHold { get; init; }
    /// <summary>The shortest time that BY= with mode R may ask for.</summary>
    public TimeSpan? MinDeliverBy { get; init; }

    /// <summary>The relay's limits with these in their place.</summary>
    public LimitOptions Over(LimitOptions relay) => relay with
    {
        MaxMessageSize = MaxMessageSize ?? relay.MaxMessageSize,
        MaxRecipients = MaxRecipients ?? relay.MaxRecipients,
        MaxSessionsPerClient = MaxSessionsPerClient ?? relay.MaxSessionsPerClient,
        MaxHops = MaxHops ?? relay.MaxHops,
        MaxHeaderSize = MaxHeaderSize ?? relay.MaxHeaderSize,
        MaxLineLength = MaxLineLength ?? relay.MaxLineLength,
        MaxMessagesPerSession = MaxMessagesPerSession ?? relay.MaxMessagesPerSession,
        MaxSessionRate = MaxSessionRate ?? relay.MaxSessionRate,
        MaxMessageRate = MaxMessageRate ?? relay.MaxMessageRate,
        MaxRecipientRate = MaxRecipientRate ?? relay.MaxRecipientRate,
        SlowErrors = SlowErrors ?? relay.SlowErrors,
        ErrorDelay = ErrorDelay ?? relay.ErrorDelay,
        MaxErrors = MaxErrors ?? relay.MaxErrors,
        MaxJunkCommands = MaxJunkCommands ?? relay.MaxJunkCommands,
        IdleTimeout = IdleTimeout ?? relay.IdleTimeout,
        MaxSessionTime = MaxSessionTime ?? relay.MaxSessionTime,
        MaxRecipientDomains = MaxRecipientDomains ?? relay.MaxRecipientDomains,
        MaxHold = MaxHold ?? relay.MaxHold,
        MinDeliverBy = MinDeliverBy ?? relay.MinDeliverBy,
    };
}
