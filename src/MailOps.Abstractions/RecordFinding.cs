namespace MailOps;

/// <summary>What is to be said of one place of a published record: what is wrong and what to do.</summary>
public sealed class RecordFinding
{
    /// <summary>How much it matters.</summary>
    public FindingSeverity Severity { get; init; }
    /// <summary>The domain whose record it is about.</summary>
    public required string Domain { get; init; }
    /// <summary>The character of the record's text, from 1; 0 where it is about the record as a whole.</summary>
    public int Column { get; init; }
    /// <summary>What is so, in a sentence.</summary>
    public required string Message { get; init; }
    /// <summary>What to do about it.</summary>
    public string? Advice { get; init; }

    /// <summary>Severity, place and message.</summary>
    public override string ToString() => Column == 0 ? $"{Severity}: {Domain}: {Message}" : $"{Severity}: {Domain}, character {Column}: {Message}";
}
