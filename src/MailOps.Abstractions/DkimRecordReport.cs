namespace MailOps;

/// <summary>A DKIM key as a domain publishes it, read and judged; <c>Resolve-DkimRecord</c> writes one a selector.</summary>
public sealed class DkimRecordReport
{
    /// <summary>The domain asked about, as it was given.</summary>
    public required string Domain { get; init; }
    /// <summary>The selector, as it was given.</summary>
    public required string Selector { get; init; }
    /// <summary>What the record is worth: the worst of its findings.</summary>
    public RecordVerdict Verdict { get; init; }
    /// <summary>The kind of key; null where there is none, or one of a kind that nobody knows.</summary>
    public DkimKeyType? KeyType { get; init; }
    /// <summary>The size of the key in bits; 0 where it cannot be read.</summary>
    public int KeySize { get; init; }
    /// <summary>Whether the domain has withdrawn the key: signatures by it do not count.</summary>
    public bool IsRevoked { get; init; }
    /// <summary>Whether the domain only tries DKIM, so that receivers take its mail for unsigned (t=y).</summary>
    public bool IsTesting { get; init; }
    /// <summary>The record as it was published, its strings joined; null where there is none.</summary>
    public string? Record { get; init; }
    /// <summary>The name at which it was asked for.</summary>
    public required string RecordName { get; init; }
    /// <summary>What is to be said of the record.</summary>
    public RecordFinding[] Findings { get; init; } = [];
    /// <summary>How long the record may be cached.</summary>
    public TimeSpan TTL { get; init; }
}
