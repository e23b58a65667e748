namespace MailOps;

/// <summary>The SPF record of a domain, read and judged; <c>Resolve-SpfRecord</c> writes one a domain.</summary>
public sealed class SpfRecordReport
{
    /// <summary>The domain asked about, as it was given.</summary>
    public required string Domain { get; init; }
    /// <summary>What the record is worth: the worst of its findings.</summary>
    public RecordVerdict Verdict { get; init; }
    /// <summary>The record as it was published, its strings joined; null where there is none.</summary>
    public string? Record { get; init; }
    /// <summary>Its terms; those with a fault are among the findings.</summary>
    public SpfRecordTerm[] Terms { get; init; } = [];
    /// <summary>How many terms ask the DNS, with all that is included, for a client that nothing matches; ten are allowed.</summary>
    public int LookupCount { get; init; }
    /// <summary>How many of them find nothing, as far as that is the same for every message; two are allowed.</summary>
    public int VoidLookupCount { get; init; }
    /// <summary>The terms of the record and of all that it leads to.</summary>
    public SpfTreeEntry[] Tree { get; init; } = [];
    /// <summary>What is to be said of them, in the order of the tree.</summary>
    public RecordFinding[] Findings { get; init; } = [];
    /// <summary>How long the record may be cached.</summary>
    public TimeSpan TTL { get; init; }
}
