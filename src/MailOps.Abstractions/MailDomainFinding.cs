namespace MailOps;

/// <summary>What is to be said of a domain: what is wrong, where, and what to do.</summary>
public sealed class MailDomainFinding
{
    /// <summary>The check that found it.</summary>
    public MailDomainCheck Check { get; init; }
    /// <summary>How much it matters.</summary>
    public FindingSeverity Severity { get; init; }
    /// <summary>The domain, host or address that it is about.</summary>
    public required string Domain { get; init; }
    /// <summary>The character of the record's text, from 1; 0 where it is about no one place.</summary>
    public int Column { get; init; }
    /// <summary>What is so, in a sentence.</summary>
    public required string Message { get; init; }
    /// <summary>What to do about it.</summary>
    public string? Advice { get; init; }

    /// <summary>Severity, check, place and message.</summary>
    public override string ToString() => Column == 0 ? $"{Severity}: {Check}: {Domain}: {Message}" : $"{Severity}: {Check}: {Domain}, character {Column}: {Message}";
}
