namespace MailOps;

/// <summary>What looking a domain over has shown; <c>Test-MailDomain</c> writes one a domain.</summary>
public sealed class MailDomainTest
{
    /// <summary>The domain, as it was given.</summary>
    public required string Domain { get; init; }
    /// <summary>The worst of all checks and findings.</summary>
    public MailDomainVerdict Verdict { get; init; }
    /// <summary>The gravest finding in one sentence; empty without any but information.</summary>
    public string Details { get; init; } = "";
    /// <summary>Its mail exchangers.</summary>
    public MailDomainVerdict Mx { get; init; }
    /// <summary>Its SPF record.</summary>
    public MailDomainVerdict Spf { get; init; }
    /// <summary>Its DKIM keys.</summary>
    public MailDomainVerdict Dkim { get; init; }
    /// <summary>Its DMARC record.</summary>
    public MailDomainVerdict Dmarc { get; init; }
    /// <summary>Its MTA-STS policy.</summary>
    public MailDomainVerdict MtaSts { get; init; }
    /// <summary>Its TLS-RPT record.</summary>
    public MailDomainVerdict TlsRpt { get; init; }
    /// <summary>The TLSA records of its mail exchangers.</summary>
    public MailDomainVerdict Dane { get; init; }
    /// <summary>The names of the addresses of its mail exchangers.</summary>
    public MailDomainVerdict ReverseDns { get; init; }
    /// <summary>What block lists say of these addresses.</summary>
    public MailDomainVerdict Dnsbl { get; init; }
    /// <summary>Everything that is to be said, the gravest first.</summary>
    public MailDomainFinding[] Findings { get; init; } = [];
    /// <summary>The mail exchangers in the order in which senders try them.</summary>
    public MailExchanger[] MailExchangers { get; init; } = [];
    /// <summary>Their addresses.</summary>
    public MailDomainAddress[] Addresses { get; init; } = [];
    /// <summary>The SPF record; null where it could not be looked at.</summary>
    public SpfRecordReport? SpfRecord { get; init; }
    /// <summary>The DKIM keys that were named, or seen.</summary>
    public DkimRecordReport[] DkimRecords { get; init; } = [];
    /// <summary>The DMARC record; null where it could not be looked at.</summary>
    public DmarcRecordReport? DmarcRecord { get; init; }
    /// <summary>The MTA-STS policy; null where it could not be looked at.</summary>
    public MtaStsPolicyReport? MtaStsPolicy { get; init; }
    /// <summary>The TLS-RPT record; null where it could not be looked at.</summary>
    public TlsRptRecordReport? TlsRptRecord { get; init; }
    /// <summary>The TLSA records, a mail exchanger each.</summary>
    public DaneRecordReport[] DaneRecords { get; init; } = [];
    /// <summary>How long it all took.</summary>
    public TimeSpan Latency { get; init; }
}
