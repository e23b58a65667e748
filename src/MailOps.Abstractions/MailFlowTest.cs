namespace MailOps;

/// <summary>What <c>Test-MailFlow</c> saw of one message on its way.</summary>
public sealed class MailFlowTest
{
    /// <summary>What became of it.</summary>
    public MailFlowOutcome Outcome { get; init; }
    /// <summary>The sender.</summary>
    public required string From { get; init; }
    /// <summary>The recipient.</summary>
    public required string To { get; init; }
    /// <summary>The subject, which has the mark by which it is found.</summary>
    public required string Subject { get; init; }
    /// <summary>The server and port that it was given to.</summary>
    public required string SmtpServer { get; init; }
    /// <summary>What that server answered.</summary>
    public string? Response { get; init; }
    /// <summary>When it was sent, by this machine's clock.</summary>
    public DateTimeOffset SentTime { get; init; }
    /// <summary>How long it took to send it.</summary>
    public TimeSpan SendDuration { get; init; }
    /// <summary>From before it was sent until it was seen in the mailbox, by this machine's clock; null where it was not seen. The mailbox is looked at every second at first, then every ten.</summary>
    public TimeSpan? Latency { get; init; }
    /// <summary>The servers that it passed, with the delay of each, as they wrote into its header by their own clocks.</summary>
    public IReadOnlyList<MailHop> Hops { get; init; } = [];
    /// <summary>What servers found when they checked who has sent it.</summary>
    public IReadOnlyList<MailVerdict> Verdicts { get; init; } = [];
    /// <summary>What is wrong, and what to do; null where it arrived.</summary>
    public string? Reason { get; init; }
    /// <summary>The folder in which it was found, or that was looked at last.</summary>
    public required string Folder { get; init; }
    /// <summary>Its id in the mailbox, for Remove-MailboxMessage; null where it was not seen.</summary>
    public string? Id { get; init; }
    /// <summary>The server of the mailbox.</summary>
    public required string Server { get; init; }
    /// <summary>The port of that server.</summary>
    public int Port { get; init; }
    /// <summary>What is spoken to it.</summary>
    public MailProtocol Protocol { get; init; }
    /// <summary>How the connection to it gets its TLS.</summary>
    public TlsMode Tls { get; init; }
}
