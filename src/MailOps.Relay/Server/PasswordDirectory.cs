using System.Security.Cryptography;
using System.Text;

namespace MailOps.Relay.Server;

/// <summary>
/// The users of the configuration. Of a password only a salted, slow hash stays in memory (PBKDF2 with SHA-256, RFC 8018 section 5.2). Slow hashes run
/// beside the sessions, a few at a time, so that guessing costs the guesser time and not the relay its processors. A password that was right
/// is remembered as an HMAC under a key of this process, so that a client with a connection for every message pays the slow hash once.
/// </summary>
public sealed class PasswordDirectory : IUserDirectory, IDisposable
{
    /// <summary>About 50 ms on a processor of 2020; a guesser who read the memory gets some 20 guesses a second and core.</summary>
    private const int Iterations = 200_000;
    private const int HashLength = 32;

    private readonly Dictionary<string, Entry> _users = new(StringComparer.Ordinal);
    private readonly Entry _nobody;
    private readonly byte[] _processKey = RandomNumberGenerator.GetBytes(HashLength);
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Hashes the passwords; about 50 ms a user and processor.</summary>
    /// <param name="users">Names with passwords in UTF-8; the caller may wipe the passwords afterwards.</param>
    public PasswordDirectory(IEnumerable<(string Name, ReadOnlyMemory<byte> Password)> users)
    {
        var hashed = users.AsParallel().Select(u => (u.Name, Entry: new Entry(u.Password.Span))).ToList();
        foreach (var (name, entry) in hashed) _users.Add(name, entry);
        _nobody = new Entry(RandomNumberGenerator.GetBytes(HashLength));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> VerifyAsync(string user, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        var known = _users.TryGetValue(user, out var found);
        var entry = found ?? _nobody;
        var fast = FastHash(user, password.Span);
        if (entry.Verified is { } verified && CryptographicOperations.FixedTimeEquals(verified, fast)) return true;
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var right = await Task.Run(() => entry.Matches(password.Span), CancellationToken.None).ConfigureAwait(false);
            if (!known || !right) return false;
            entry.Verified = fast;
            return true;
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _turns.Dispose();
        CryptographicOperations.ZeroMemory(_processKey);
    }

    // The name's length keeps name and password apart.
    private byte[] FastHash(string user, ReadOnlySpan<byte> password)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _processKey);
        hmac.AppendData(BitConverter.GetBytes(user.Length));
        hmac.AppendData(Encoding.UTF8.GetBytes(user));
        hmac.AppendData(password);
        return hmac.GetHashAndReset();
    }

    private sealed class Entry
    {
        private readonly byte[] _salt = RandomNumberGenerator.GetBytes(16);
        private readonly byte[] _hash;

        public Entry(ReadOnlySpan<byte> password) => _hash = Hash(password);

        /// <summary>The fast hash of the password that was right.</summary>
        public byte[]? Verified { get; set; }

        public bool Matches(ReadOnlySpan<byte> password) => CryptographicOperations.FixedTimeEquals(Hash(password), _hash);

        private byte[] Hash(ReadOnlySpan<byte> password) => Rfc2898DeriveBytes.Pbkdf2(password, _salt, Iterations, HashAlgorithmName.SHA256, HashLength);
    }
}
