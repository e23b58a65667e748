namespace MailOps;

/// <summary>One term of an SPF record, in the order in which records and terms are gone through; what an include or redirect leads to stands below it.</summary>
public sealed class SpfTreeEntry
{
    /// <summary>How many includes and redirects lead here; 0 for the terms of the domain's own record.</summary>
    public int Depth { get; init; }
    /// <summary>The domain whose record it stands in.</summary>
    public required string Domain { get; init; }
    /// <summary>The term as it was published.</summary>
    public required string Term { get; init; }
    /// <summary>What came of it, in words.</summary>
    public string Outcome { get; init; } = "";
    /// <summary>How many of the ten look-ups it takes, with all that stands below it.</summary>
    public int LookupCount { get; init; }
    /// <summary>True where its question found nothing.</summary>
    public bool IsVoid { get; init; }

    /// <summary>The term, indented by its depth, and what came of it.</summary>
    public override string ToString() => $"{new string(' ', 2 * Depth)}{Term}: {Outcome}";
}
