namespace MailOps;

/// <summary>What one server has added to a chain of ARC.</summary>
public sealed class ArcSetCheck
{
    /// <summary>Its place in the chain, from 1.</summary>
    public int Instance { get; init; }
    /// <summary>The domain that has sealed (d= of ARC-Seal).</summary>
    public string? Domain { get; init; }
    /// <summary>The name of its key.</summary>
    public string? Selector { get; init; }
    /// <summary>The algorithm of the seal.</summary>
    public string? Algorithm { get; init; }
    /// <summary>What the server found of the chain before it (cv=): none, pass or fail.</summary>
    public string? ChainStatus { get; init; }
    /// <summary>When it was sealed, by the server's clock.</summary>
    public DateTimeOffset? SealedAt { get; init; }
    /// <summary>Whether the seal verifies, which covers the chain's fields up to it.</summary>
    public DkimResult SealResult { get; init; }
    /// <summary>Why, in a sentence.</summary>
    public required string SealReason { get; init; }
    /// <summary>Whether the message is still the one that the server signed (ARC-Message-Signature).</summary>
    public DkimResult SignatureResult { get; init; }
    /// <summary>Why, in a sentence.</summary>
    public required string SignatureReason { get; init; }
    /// <summary>Whether all three fields are there once.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Instance, domain and results.</summary>
    public override string ToString() => $"{Instance} {Domain}: seal {SealResult}, message {SignatureResult}";
}
