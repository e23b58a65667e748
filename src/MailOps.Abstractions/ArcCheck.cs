namespace MailOps;

/// <summary>The chain of ARC (RFC 8617) of a message, validated: which servers have passed it on, and whether it is still what the last of them sealed.</summary>
public sealed class ArcCheck
{
    /// <summary>What came of it.</summary>
    public ArcResult Result { get; init; }
    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }
    /// <summary>Since which instance the message is unchanged; 0 where it is since before the first, null where the last one's signature does not verify or there is no chain.</summary>
    public int? OldestPass { get; init; }
    /// <summary>The domains that have sealed it, the first one first. What they say is worth as much as they are trusted.</summary>
    public string[] Sealer { get; init; } = [];
    /// <summary>The sets of the chain, the first one first.</summary>
    public ArcSetCheck[] Instances { get; init; } = [];

    /// <summary>The result.</summary>
    public override string ToString() => $"{Result}";
}
