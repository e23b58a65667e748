namespace MailOps;

/// <summary>The TLS-RPT record of a domain, read and judged; <c>Resolve-TlsRptRecord</c> writes one a domain.</summary>
public sealed class TlsRptRecordReport
{
    /// <summary>The domain asked about, as it was given.</summary>
    public required string Domain { get; init; }
    /// <summary>What the record is worth: the worst of its findings.</summary>
    public RecordVerdict Verdict { get; init; }
    /// <summary>Where reports go.</summary>
    public string[] ReportUri { get; init; } = [];
    /// <summary>The record as it was published, its strings joined; null where there is none.</summary>
    public string? Record { get; init; }
    /// <summary>What is to be said of the record.</summary>
    public RecordFinding[] Findings { get; init; } = [];
    /// <summary>How long the record may be cached.</summary>
    public TimeSpan TTL { get; init; }
}
