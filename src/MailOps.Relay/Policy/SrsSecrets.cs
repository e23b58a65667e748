using System.Security.Cryptography;
using System.Text;
using MailOps.Relay.Configuration;
using MailOps.Relay.Disk;

namespace MailOps.Relay.Policy;

/// <summary>The secrets by which rewritten senders are known again: those of the configuration, or one that is made once and kept beside the queue.</summary>
internal static class SrsSecrets
{
    private const string FileName = "srs.secret";

    /// <summary>Whether senders are rewritten, or may have been before aliases were taken away: their bounces still come.</summary>
    public static bool AreNeeded(SmtpRelayOptions options) =>
        options.Srs.Enabled && (options.Aliases.Count > 0 || options.AliasesFile is not null || options.Srs.Secrets.Count > 0 || File.Exists(Path.Combine(options.QueuePath, FileName)));

    /// <summary>The secrets; one is made where there is none.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/>: one cannot be read, or none can be kept.</exception>
    public static IReadOnlyList<byte[]> Of(SrsOptions options, string queuePath)
    {
        if (options.Secrets.Count > 0) return [.. options.Secrets.Select(secret => Encoding.UTF8.GetBytes(Secrets.Resolve(secret)))];
        var path = Path.Combine(queuePath, FileName);
        try
        {
            if (!File.Exists(path)) Make(path);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"The secret for rewritten senders cannot be kept in {path}: {e.Message}", "Check the folder, or name a secret in srs.secrets.", e);
        }
        return [Encoding.UTF8.GetBytes(Secrets.Resolve(new SecretReference { File = path }))];
    }

    // Whole or not at all: a half one would be taken for the secret by the next start.
    private static void Make(string path) =>
        WholeFile.Write(new LocalDisk(), Path.GetFullPath(path), Encoding.ASCII.GetBytes(Convert.ToHexString(RandomNumberGenerator.GetBytes(32)) + "\n"));
}
