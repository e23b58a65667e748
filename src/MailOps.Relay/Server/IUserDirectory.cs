using System.Net;
using MailOps.Relay.Server.Authentication;

namespace MailOps.Relay.Server;

/// <summary>The users of a relay: says whether a name and a password belong together, and what is known of a name.</summary>
public interface IUserDirectory
{
    /// <summary>Whether it can say so of a password that is shown (PLAIN, LOGIN).</summary>
    bool VerifiesPasswords => true;

    /// <summary>Whether it can say so of a password that is only proven (SCRAM).</summary>
    bool VerifiesProofs => false;

    /// <summary>Looks whether what is known has changed; to be awaited once before each login, whichever its mechanism. It does not wait for long.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask RefreshAsync(CancellationToken cancellationToken) => default;

    /// <summary>Verifies a password. It costs as much for a user that does not exist, or may not log in, as for a wrong password.</summary>
    /// <param name="user">The user's name, as the client gave it.</param>
    /// <param name="password">The password in UTF-8, as the client gave it; the caller wipes it afterwards.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="cancellationToken">Ends the wait for a turn.</param>
    /// <exception cref="AuthenticationUnavailableException">Nobody can say now.</exception>
    ValueTask<bool> VerifyAsync(string user, ReadOnlyMemory<byte> password, IPAddress client, CancellationToken cancellationToken);

    /// <summary>The keys to verify a proof with. For a user that does not exist, or may not log in, keys that nothing proves, with a salt that is the same whenever the name is asked for.</summary>
    /// <param name="user">The user's name, as the client gave it.</param>
    /// <param name="hash">The hash function.</param>
    ScramKeys ScramKeysOf(string user, ScramHash hash) => throw new NotSupportedException("This directory verifies no proofs.");

    /// <summary>What is known of a user, whichever way it proved itself; null where the name is not known. It waits for nothing.</summary>
    RelayUser? Find(string user) => null;
}
