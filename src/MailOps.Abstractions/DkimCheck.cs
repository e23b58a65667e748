namespace MailOps;

/// <summary>One DKIM signature of a message, verified.</summary>
public sealed class DkimCheck
{
    /// <summary>What came of it.</summary>
    public DkimResult Result { get; init; }
    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }
    /// <summary>What to do about it; null where nothing is to be done.</summary>
    public string? Advice { get; init; }
    /// <summary>The domain that signs (d=).</summary>
    public string? Domain { get; init; }
    /// <summary>The name of its key (s=).</summary>
    public string? Selector { get; init; }
    /// <summary>Whether the domain stands for that of the From field, as DMARC has it (RFC 9989 section 4.4.1).</summary>
    public bool IsAligned { get; init; }
    /// <summary>The algorithm (a=): rsa-sha256 or ed25519-sha256; others are refused.</summary>
    public string? Algorithm { get; init; }
    /// <summary>How header and body are read (c=), as in relaxed/simple.</summary>
    public string? Canonicalization { get; init; }
    /// <summary>For whom it signs (i=), where it says so.</summary>
    public string? Identity { get; init; }
    /// <summary>The size of the key in bits; 0 where there is none.</summary>
    public int KeySize { get; init; }
    /// <summary>Whether the domain only tries DKIM (t=y of the key).</summary>
    public bool IsTesting { get; init; }
    /// <summary>The signed fields (h=).</summary>
    public string[] SignedHeaders { get; init; } = [];
    /// <summary>How many bytes at the end of the body are not signed (l=).</summary>
    public long UnsignedBytes { get; init; }
    /// <summary>When it was made, by the signer's clock (t=).</summary>
    public DateTimeOffset? SignedAt { get; init; }
    /// <summary>Until when it counts (x=).</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Result and domain.</summary>
    public override string ToString() => $"{Result} {Domain}";
}
