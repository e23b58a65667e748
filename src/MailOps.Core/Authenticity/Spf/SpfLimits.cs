namespace MailOps.Authenticity.Spf;

/// <summary>How far one check may go (RFC 7208 section 4.6.4).</summary>
public sealed record SpfLimits
{
    /// <summary>Terms that ask the DNS, in all records together.</summary>
    public int MaxLookups { get; init; } = 10;

    /// <summary>Terms whose question finds nothing.</summary>
    public int MaxVoidLookups { get; init; } = 2;

    /// <summary>Names of one mx or ptr whose addresses are asked for.</summary>
    public int MaxNames { get; init; } = 10;

    /// <summary>All questions together. The RFC wants at least 20 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);
}
