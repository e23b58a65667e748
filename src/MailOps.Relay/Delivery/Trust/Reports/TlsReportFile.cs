namespace MailOps.Relay.Delivery.Trust.Reports;

/// <summary>What is counted and not yet reported, as it is on disk, in <c>trust/tls-results.json</c>.</summary>
/// <param name="Version">1.</param>
/// <param name="Counted">The results of days that are not over.</param>
/// <param name="Pending">Reports that wait to be sent.</param>
internal sealed record TlsReportFile(int Version, IReadOnlyList<DomainResults> Counted, IReadOnlyList<PendingReport> Pending)
{
    public const string Name = "tls-results.json";

    private const int Current = 1;

    public static TlsReportFile Of(IReadOnlyList<DomainResults> counted, IReadOnlyList<PendingReport> pending) => new(Current, counted, pending);

    /// <exception cref="InvalidDataException">It is of another version.</exception>
    public void Check()
    {
        if (Version != Current) throw new InvalidDataException($"its version is {Version}, and {Current} is known");
    }
}

/// <summary>A report that waits to be sent.</summary>
/// <param name="Results">What it says.</param>
/// <param name="Due">When it is tried next.</param>
internal sealed record PendingReport(DomainResults Results, DateTimeOffset Due)
{
    /// <summary>Where it still has to go; null before the domain was asked.</summary>
    public IReadOnlyList<string>? Targets { get; init; }

    /// <summary>Attempts made.</summary>
    public int Attempts { get; init; }

    /// <summary>When the first of them was made.</summary>
    public DateTimeOffset? First { get; init; }
}
