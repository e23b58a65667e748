namespace MailOps;

/// <summary>How a mail server proves itself by the DNS (DANE), read, judged and compared with the certificate that it shows; <c>Resolve-DaneRecord</c> writes one a server.</summary>
public sealed class DaneRecordReport
{
    /// <summary>The domain, or server, asked about, as it was given.</summary>
    public required string Domain { get; init; }
    /// <summary>The mail server; empty where the domain takes no mail.</summary>
    public required string NameExchange { get; init; }
    /// <summary>The preference of its MX record; 0 without one.</summary>
    public int Preference { get; init; }
    /// <summary>The port.</summary>
    public int Port { get; init; }
    /// <summary>What its records are worth: the worst of the findings.</summary>
    public RecordVerdict Verdict { get; init; }
    /// <summary>Whether DNSSEC proves that it is a mail exchanger of the domain, by the word of the DNS server asked; null where it was named by itself.</summary>
    public bool? IsMxSecure { get; init; }
    /// <summary>Whether DNSSEC proves its addresses, and each alias on the way there.</summary>
    public bool IsAddressSecure { get; init; }
    /// <summary>Whether DNSSEC proves its TLSA records: others count for nothing.</summary>
    public bool IsSecure { get; init; }
    /// <summary>The name at the end of its aliases (CNAME); null where it is none.</summary>
    public string? CanonicalName { get; init; }
    /// <summary>The name at which the records are, or were asked for; null where none were asked for.</summary>
    public string? RecordName { get; init; }
    /// <summary>The records.</summary>
    public DaneRecord[] Records { get; init; } = [];
    /// <summary>Whether one of the records matches the certificate that the server shows; null where no certificate was seen, or nothing to compare it with.</summary>
    public bool? IsMatch { get; init; }
    /// <summary>The address and port that answered; null where none did.</summary>
    public string? EndPoint { get; init; }
    /// <summary>The version of TLS in use; null where there was no TLS.</summary>
    public string? TlsProtocol { get; init; }
    /// <summary>The subject of the server's certificate; null where none was seen.</summary>
    public string? CertificateSubject { get; init; }
    /// <summary>When it expires, in UTC, which counts for records of usage 2 alone.</summary>
    public DateTime? CertificateExpires { get; init; }
    /// <summary>What is to be said of all that.</summary>
    public RecordFinding[] Findings { get; init; } = [];
    /// <summary>How long the records may be cached.</summary>
    public TimeSpan TTL { get; init; }
}
