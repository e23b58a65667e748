namespace MailOps;

/// <summary>The DMARC record that counts for a domain, read and judged; <c>Resolve-DmarcRecord</c> writes one a domain.</summary>
public sealed class DmarcRecordReport
{
    /// <summary>The domain asked about, as it was given.</summary>
    public required string Domain { get; init; }
    /// <summary>What the record is worth: the worst of its findings.</summary>
    public RecordVerdict Verdict { get; init; }
    /// <summary>The policy for mail of the domain asked about; null where receivers apply none.</summary>
    public DmarcPolicy? Policy { get; init; }
    /// <summary>The policy for names below the domain that exist and have no record of their own.</summary>
    public DmarcPolicy? SubdomainPolicy { get; init; }
    /// <summary>The policy for names below the domain that do not exist.</summary>
    public DmarcPolicy? NonexistentPolicy { get; init; }
    /// <summary>Whether the domain only tries its policy, so that receivers do not apply it (t=y).</summary>
    public bool IsTesting { get; init; }
    /// <summary>How near the domain of a DKIM signature has to be.</summary>
    public DmarcAlignment DkimAlignment { get; init; }
    /// <summary>How near the domain that SPF passed has to be.</summary>
    public DmarcAlignment SpfAlignment { get; init; }
    /// <summary>Where aggregate reports go.</summary>
    public string[] AggregateReportUri { get; init; } = [];
    /// <summary>Where reports about single messages go.</summary>
    public string[] FailureReportUri { get; init; } = [];
    /// <summary>The record as it was published, its strings joined; null where there is none.</summary>
    public string? Record { get; init; }
    /// <summary>The domain whose record it is: the one asked about, or one above it.</summary>
    public string? RecordDomain { get; init; }
    /// <summary>The domain that both names of a relaxed alignment must share.</summary>
    public string? OrganizationalDomain { get; init; }
    /// <summary>The domains whose records were asked for, in this order.</summary>
    public string[] Walk { get; init; } = [];
    /// <summary>What is to be said of the record.</summary>
    public RecordFinding[] Findings { get; init; } = [];
    /// <summary>How long the record may be cached.</summary>
    public TimeSpan TTL { get; init; }
}
