namespace MailOps;

/// <summary>A user of a relay's user file, as Get-SmtpRelayUser shows it: who, not with what password.</summary>
public sealed class SmtpRelayUser
{
    /// <summary>The name the client logs in with.</summary>
    public required string Name { get; init; }
    /// <summary>Whether the user may authenticate.</summary>
    public bool Enabled { get; init; }
    /// <summary>The addresses and domains (<c>@example.test</c>) that may stand in MAIL; <c>*</c> is any.</summary>
    public IReadOnlyList<string> Sender { get; init; } = [];
    /// <summary>When the user was made.</summary>
    public DateTimeOffset Created { get; init; }
    /// <summary>When the user was last changed.</summary>
    public DateTimeOffset Changed { get; init; }
    /// <summary>The mechanisms that the stored hashes serve.</summary>
    public IReadOnlyList<string> Mechanisms { get; init; } = [];
    /// <summary>The file the user is in.</summary>
    public required string Path { get; init; }
}
