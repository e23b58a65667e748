using System.Security.Cryptography;

namespace MailOps.Relay.Server.Authentication;

/// <summary>
/// What is kept of a password (RFC 5802 section 3): enough to verify one that is shown (PLAIN, LOGIN) and one that is only proven (SCRAM), and nothing with which
/// anybody could log in elsewhere. Of two forms, a hash for PLAIN and these keys for SCRAM, the cheaper one would be guessed at: hence one form serves both.
/// </summary>
/// <param name="Hash">The hash function.</param>
/// <param name="Iterations">The iterations of PBKDF2 (RFC 8018 section 5.2).</param>
/// <param name="Salt">The salt.</param>
/// <param name="StoredKey">H(HMAC(SaltedPassword, "Client Key")).</param>
/// <param name="ServerKey">HMAC(SaltedPassword, "Server Key").</param>
public sealed record ScramKeys(ScramHash Hash, int Iterations, byte[] Salt, byte[] StoredKey, byte[] ServerKey)
{
    /// <summary>Derives the keys of a password; slow, which is its purpose.</summary>
    /// <param name="hash">The hash function.</param>
    /// <param name="password">The password, prepared, in UTF-8.</param>
    /// <param name="salt">The salt.</param>
    /// <param name="iterations">How slow.</param>
    public static ScramKeys Derive(ScramHash hash, ReadOnlySpan<byte> password, byte[] salt, int iterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, hash.Algorithm, hash.Length);
        try
        {
            return new ScramKeys(hash, iterations, salt, hash.Hash(hash.Hmac(salted, "Client Key"u8.ToArray())), hash.Hmac(salted, "Server Key"u8.ToArray()));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(salted);
        }
    }

    /// <summary>Whether it is this password; as slow as <see cref="Derive"/>.</summary>
    public bool Matches(ReadOnlySpan<byte> password) => CryptographicOperations.FixedTimeEquals(Derive(Hash, password, Salt, Iterations).StoredKey, StoredKey);

    /// <summary>Whether a client's proof shows that it has the password (RFC 5802 section 3).</summary>
    /// <param name="authMessage">What both sides have said.</param>
    /// <param name="proof">ClientKey XOR HMAC(StoredKey, AuthMessage).</param>
    public bool Proves(byte[] authMessage, ReadOnlySpan<byte> proof)
    {
        if (proof.Length != Hash.Length) return false;
        var clientKey = Hash.Hmac(StoredKey, authMessage);
        for (var i = 0; i < clientKey.Length; i++) clientKey[i] ^= proof[i];
        return CryptographicOperations.FixedTimeEquals(Hash.Hash(clientKey), StoredKey);
    }

    /// <summary>With what the server shows that it knows the user too.</summary>
    public byte[] ServerSignature(byte[] authMessage) => Hash.Hmac(ServerKey, authMessage);

    /// <summary>Says nothing about the keys.</summary>
    public override string ToString() => $"{Hash.Mechanism}, {Iterations} iterations";
}
