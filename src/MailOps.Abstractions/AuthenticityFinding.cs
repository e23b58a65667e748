namespace MailOps;

/// <summary>One thing that is to be said of who sent a message: what is wrong and what to do.</summary>
public sealed class AuthenticityFinding
{
    /// <summary>How much it matters.</summary>
    public FindingSeverity Severity { get; init; }
    /// <summary>What it is about: Message, SPF, DKIM, DMARC or ARC.</summary>
    public required string Area { get; init; }
    /// <summary>What is so, in a sentence.</summary>
    public required string Message { get; init; }
    /// <summary>What to do about it; null where nothing is to be done.</summary>
    public string? Advice { get; init; }

    /// <summary>Severity, area and message.</summary>
    public override string ToString() => $"{Severity}: {Area}: {Message}";
}
