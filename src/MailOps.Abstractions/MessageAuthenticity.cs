namespace MailOps;

/// <summary>Whether a message comes from where it says, by SPF, DKIM, DMARC and ARC; <c>Test-MessageAuthenticity</c> writes one for each message.</summary>
public sealed class MessageAuthenticity
{
    /// <summary>Whether the domain in the From field stands for the message.</summary>
    public AuthenticityVerdict Verdict { get; init; }
    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }
    /// <summary>The author, as the header has it.</summary>
    public string? From { get; init; }
    /// <summary>The subject, decoded.</summary>
    public string? Subject { get; init; }
    /// <summary>The Message-ID, without its brackets.</summary>
    public string? MessageId { get; init; }
    /// <summary>The domains of the From field; more than one is rare, and suspicious.</summary>
    public string[] FromDomain { get; init; } = [];
    /// <summary>What SPF says of the client that handed it over.</summary>
    public required MessageSpfCheck Spf { get; init; }
    /// <summary>The best of its DKIM signatures: one that passes and is aligned, one that passes, then the topmost.</summary>
    public DkimResult DkimResult { get; init; }
    /// <summary>Its DKIM signatures, the topmost first.</summary>
    public DkimCheck[] Dkim { get; init; } = [];
    /// <summary>What DMARC says.</summary>
    public required DmarcCheck Dmarc { get; init; }
    /// <summary>Its chain of ARC.</summary>
    public required ArcCheck Arc { get; init; }
    /// <summary>What servers have written that they found (Authentication-Results and the like). Anyone can write that: it counts only where your own server wrote it.</summary>
    public IReadOnlyList<MailVerdict> Claims { get; init; } = [];
    /// <summary>What is to be said of it, the most important first.</summary>
    public AuthenticityFinding[] Findings { get; init; } = [];
    /// <summary>The file it was read from, where it was one.</summary>
    public string? Path { get; init; }
}
