namespace MailOps.Relay.Server.Authentication;

/// <summary>A user as the directory and the user file hold it.</summary>
/// <param name="Name">The name, prepared (RFC 4013).</param>
public sealed record RelayUser(string Name)
{
    /// <summary>Whether it may authenticate.</summary>
    public bool Enabled { get; init; } = true;
    /// <summary>The addresses and domains it may send as; none for no rule of its own.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];
    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; }
    /// <summary>When it was last changed.</summary>
    public DateTimeOffset Changed { get; init; }
    /// <summary>What is kept of the password, a form for each hash function.</summary>
    public IReadOnlyList<ScramKeys> Keys { get; init; } = [];

    /// <summary>The mechanisms that the keys serve.</summary>
    public IEnumerable<string> Mechanisms => Keys.SelectMany(k => new[] { k.Hash.Mechanism, k.Hash.Mechanism + "-PLUS" }).Concat(["PLAIN", "LOGIN"]);

    /// <summary>The keys for a hash function; null where none are kept.</summary>
    public ScramKeys? KeysFor(ScramHash hash) => Keys.FirstOrDefault(k => k.Hash == hash);

    /// <summary>Says nothing about the keys.</summary>
    public override string ToString() => Name;
}
