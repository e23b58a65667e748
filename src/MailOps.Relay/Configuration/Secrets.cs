using System.Net;

namespace MailOps.Relay.Configuration;

/// <summary>Fetches the secrets that the configuration only refers to, at the moment they are needed.</summary>
public static class Secrets
{
    /// <summary>The secret a reference leads to.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/> where it leads nowhere. The message names the place, never the secret.</exception>
    public static string Resolve(SecretReference reference)
    {
        if (reference.Value is { } value) return new NetworkCredential("", value).Password;
        if (reference.EnvironmentVariable is { } name)
            return Environment.GetEnvironmentVariable(name) is { Length: > 0 } found
                ? found
                : throw Invalid($"The environment variable {name}, which should hold a secret, is not set.", $"Set {name} for the relay's process.");
        if (reference.File is not { } path)
            throw Invalid("A secret names neither an environment variable nor a file.", "Write it as {\"environmentVariable\": \"NAME\"} or {\"file\": \"/path\"}.");
        try
        {
            using var reader = File.OpenText(path);
            return reader.ReadLine() is { Length: > 0 } line ? line : throw Invalid($"The secret file {path} is empty.", "Put the secret in its first line.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Invalid($"The secret file {path} cannot be read: {e.Message}", "Check that the file exists and that the relay's user may read it.", e);
        }
    }

    private static MailOpsException Invalid(string message, string hint, Exception? cause = null) => new(ErrorCode.RelayConfigurationInvalid, message, hint, cause);
}
