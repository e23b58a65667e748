namespace MailOps;

/// <summary>The MTA-STS policy of a domain, fetched, read and judged; <c>Resolve-MtaStsPolicy</c> writes one a domain.</summary>
public sealed class MtaStsPolicyReport
{
    /// <summary>The domain asked about, as it was given.</summary>
    public required string Domain { get; init; }
    /// <summary>What record and policy are worth: the worst of their findings.</summary>
    public RecordVerdict Verdict { get; init; }
    /// <summary>What senders do where no mail exchanger passes the policy; null where they find no policy.</summary>
    public MtaStsMode? Mode { get; init; }
    /// <summary>The mail exchangers that the policy names: a name, or *. and a name.</summary>
    public string[] Mx { get; init; } = [];
    /// <summary>How long senders keep the policy.</summary>
    public TimeSpan MaxAge { get; init; }
    /// <summary>What the current policy is known by.</summary>
    public string? Id { get; init; }
    /// <summary>The TXT record that says that there is a policy; null where there is none.</summary>
    public string? Record { get; init; }
    /// <summary>The lines of the policy that count, as they are.</summary>
    public string[] Policy { get; init; } = [];
    /// <summary>Where the policy is; null where it was not asked for.</summary>
    public Uri? PolicyUri { get; init; }
    /// <summary>What is to be said of record and policy.</summary>
    public RecordFinding[] Findings { get; init; } = [];
    /// <summary>How long the record may be cached.</summary>
    public TimeSpan TTL { get; init; }
}
