namespace MailOps.Authenticity.Spf;

/// <summary>What one record, with all that it leads to, says.</summary>
/// <param name="Result">The result.</param>
/// <param name="Domain">The domain whose record decided.</param>
/// <param name="Reason">Why, in a sentence.</param>
internal sealed record SpfVerdict(SpfResult Result, string Domain, string Reason)
{
    /// <summary>The record that decided; null where there is none.</summary>
    public SpfRecord? Record { get; init; }

    /// <summary>The term that decided; null where none matched.</summary>
    public SpfTerm? Term { get; init; }
}

/// <summary>What one mechanism says: it matches, it does not, or there is an error, which is the end of the whole check.</summary>
internal readonly record struct SpfMatch(bool IsMatch, SpfVerdict? Error = null, string Detail = "")
{
    public static SpfMatch No(string detail) => new(false, Detail: detail);

    public static SpfMatch Yes(string detail) => new(true, Detail: detail);

    public static SpfMatch Is(bool match, string detail) => new(match, Detail: detail);
}
