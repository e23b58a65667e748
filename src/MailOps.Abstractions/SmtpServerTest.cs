namespace MailOps;

/// <summary>What the test of one server and port has shown; the first properties are named as those of Test-SmtpConnectivity of Exchange.</summary>
public sealed class SmtpServerTest
{
    /// <summary>The server as it was given.</summary>
    public required string Server { get; init; }
    /// <summary>The port.</summary>
    public int Port { get; init; }
    /// <summary>The address and port that answered, or that was tried last; null where the name does not resolve.</summary>
    public string? EndPoint { get; init; }
    /// <summary>The verdict: the worst of the findings.</summary>
    public SmtpServerVerdict StatusCode { get; init; }
    /// <summary>The verdict in one sentence: the gravest problem, or what works.</summary>
    public required string Details { get; init; }
    /// <summary>Everything that is wrong, the gravest first, each with what to do.</summary>
    public SmtpServerFinding[] Findings { get; init; } = [];
    /// <summary>What was tried, in order, with what was seen and how long it took.</summary>
    public SmtpServerTestStep[] Steps { get; init; } = [];
    /// <summary>How long the whole test took.</summary>
    public TimeSpan Latency { get; init; }
    /// <summary>The mode of TLS that was asked for.</summary>
    public TlsMode Tls { get; init; }
    /// <summary>The version of TLS in use at the end; null in plain text.</summary>
    public string? TlsProtocol { get; init; }
    /// <summary>The subject of the server's certificate; null where none was seen.</summary>
    public string? CertificateSubject { get; init; }
    /// <summary>Who issued it.</summary>
    public string? CertificateIssuer { get; init; }
    /// <summary>When it expires, in UTC.</summary>
    public DateTime? CertificateExpires { get; init; }
    /// <summary>Whether the certificate proves the server's name to this machine.</summary>
    public bool CertificateValid { get; init; }
    /// <summary>The versions of TLS that it takes, oldest first, with their ciphers; empty unless they were asked for.</summary>
    public SmtpTlsOffer[] TlsOffers { get; init; } = [];
    /// <summary>The ways that were tried to have it pass mail on for a stranger; empty unless they were asked for.</summary>
    public SmtpOpenRelayAttempt[] RelayAttempts { get; init; } = [];
    /// <summary>What the server said first.</summary>
    public string? Banner { get; init; }
    /// <summary>What it offers in answer to EHLO, under TLS where there is TLS.</summary>
    public string[] Capabilities { get; init; } = [];
    /// <summary>The mechanisms of authentication that it offers, under TLS where there is TLS.</summary>
    public string[] AuthMechanisms { get; init; } = [];
    /// <summary>The mechanism of authentication that was used, whether it succeeded or not; null where none was.</summary>
    public string? AuthMechanism { get; init; }
    /// <summary>The largest message that it takes, in bytes (RFC 1870 section 3); null where it does not say, or says that there is no limit.</summary>
    public long? MaxMessageSize { get; init; }
}
