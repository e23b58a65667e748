using MailOps.Policies;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>The policies as they are on disk, in <c>trust/mta-sts.json</c>.</summary>
internal sealed record MtaStsFile(int Version, IReadOnlyList<MtaStsFile.Entry> Policies)
{
    public const string Name = "mta-sts.json";

    private const int Current = 1;

    // Characters, with what JSON adds to each line: of ten thousand domains it is less than a TrustFile may have.
    private const int MaxPolicy = 4096, PerLine = 3;

    /// <summary>One policy, in the words that its domain published.</summary>
    internal sealed record Entry(string Domain, string Id, DateTimeOffset Fetched, IReadOnlyList<string> Policy);

    /// <summary>The policies that are kept: one that is longer than anybody needs counts until the relay stops, and is fetched anew after that.</summary>
    public static MtaStsFile Of(IEnumerable<(string Domain, KeptPolicy Kept)> policies) =>
        new(Current, [.. policies.Where(p => p.Kept.Policy.Lines.Sum(line => line.Length + PerLine) <= MaxPolicy).Select(p => new Entry(p.Domain, p.Kept.Id, p.Kept.Fetched, p.Kept.Policy.Lines))]);

    /// <summary>The policies.</summary>
    /// <exception cref="InvalidDataException">One is none.</exception>
    public IReadOnlyList<(string Domain, KeptPolicy Kept)> Read() => Version == Current
        ? [.. Policies.Select(entry => (entry.Domain, Read(entry)))]
        : throw new InvalidDataException($"its version is {Version}, and {Current} is known");

    private static KeptPolicy Read(Entry entry)
    {
        var reading = MtaStsPolicy.Parse(string.Join('\n', entry.Policy));
        return reading.Value is { } policy ? new KeptPolicy(entry.Id, entry.Fetched, policy) : throw new InvalidDataException($"the policy of '{entry.Domain}' is none, {reading.Fault}");
    }
}
