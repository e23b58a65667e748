using System.Security.Cryptography;
using System.Text;

namespace MailOps.Relay.Server.Authentication;

/// <summary>Makes what is kept of a user's password.</summary>
public static class UserPassword
{
    private const int SaltLength = 16;

    /// <summary>The keys of a password, a form for each hash function, each with a salt of its own. Slow, which is its purpose: about a second.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayUserInvalid"/> where no client could prove the password. The message does not say it.</exception>
    public static IReadOnlyList<ScramKeys> Derive(string user, string password)
    {
        var bytes = Prepared(user, password);
        try
        {
            return [.. ScramHash.All.AsParallel().AsOrdered().Select(hash => ScramKeys.Derive(hash, bytes, RandomNumberGenerator.GetBytes(SaltLength), hash.Iterations))];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The password, prepared (RFC 4013), in UTF-8.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayUserInvalid"/>.</exception>
    internal static byte[] Prepared(string user, string password) => SaslPrep.Prepare(password) is { Length: > 0 } prepared
        ? Encoding.UTF8.GetBytes(prepared)
        : throw new MailOpsException(ErrorCode.RelayUserInvalid, $"The password of the user '{user}' is empty, or holds characters that a password cannot hold.", Hint);

    /// <summary>The name, prepared (RFC 4013).</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayUserInvalid"/>.</exception>
    public static string Name(string name) => SaslPrep.Prepare(name) is { Length: > 0 and <= 255 } prepared
        ? prepared
        : throw new MailOpsException(ErrorCode.RelayUserInvalid, $"The user name '{name}' is empty, too long, or holds characters that a name cannot hold.", Hint);

    /// <summary>The senders, where each is one.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayUserInvalid"/>.</exception>
    public static IReadOnlyList<string> Senders(IEnumerable<string> senders)
    {
        var list = senders.ToList();
        return list.Find(s => !SenderRule.IsValid(s)) is { } wrong
            ? throw new MailOpsException(ErrorCode.RelayUserInvalid, $"'{wrong}' is no sender.", "Give an address, a domain as in @example.com, or * for any.")
            : list;
    }

    private const string Hint = "Use letters, digits, spaces and signs; no control characters.";
}
