namespace MailOps;

/// <summary>A secret that is never written in the configuration: a reference to where it is, or the value a cmdlet was given.</summary>
public sealed class SecretReference
{
    /// <summary>The environment variable that holds it.</summary>
    public string? EnvironmentVariable { get; init; }
    /// <summary>The file whose first line is it.</summary>
    public string? File { get; init; }
    /// <summary>The value as a cmdlet was given it; not part of the JSON document.</summary>
    public System.Security.SecureString? Value { get; init; }

    /// <summary>Says where the secret is, never what it is.</summary>
    public override string ToString() =>
        EnvironmentVariable is { } name ? $"environment variable {name}" : File is { } path ? $"file {path}" : "(secret)";
}
