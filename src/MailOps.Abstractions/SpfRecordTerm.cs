namespace MailOps;

/// <summary>One term of an SPF record as it was read.</summary>
public sealed class SpfRecordTerm
{
    /// <summary>Where it begins in the text, from 1.</summary>
    public int Column { get; init; }
    /// <summary>The term as it was published.</summary>
    public required string Term { get; init; }
    /// <summary>What a client gets that it matches; null for modifiers.</summary>
    public SpfResult? Result { get; init; }
    /// <summary>Whether it is one of the ten that may ask the DNS.</summary>
    public bool IsLookup { get; init; }
}
