using System.Net;
using System.Security.Cryptography;
using System.Text;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Server.Authentication;

/// <summary>
/// The users of the configuration and of the user file. Slow hashes run beside the sessions, a few at a time, so that guessing costs the guesser time and not the
/// relay its processors. The file is looked at once a second and before each login, on a thread of its own: a disk that hangs holds up nobody who only asks what is known, and a login for two
/// seconds at most. A password that was right is remembered as an HMAC under a key of this process, so that a client with a connection for every message pays
/// the slow hash once. A name that does not exist, or may not log in, costs exactly as much as a wrong password: it is verified against keys that nothing matches.
/// </summary>
public sealed class UserDirectory : IUserDirectory, IDisposable
{
    // The passwords of the configuration lie where the relay can read them; their hashes only keep them out of its memory, and each start pays for every one.
    private const int ConfiguredShare = 3;
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly List<RelayUser> _configured;
    private readonly UsersFile? _file;
    private readonly IMailTrace _trace;
    private readonly byte[] _processKey = RandomNumberGenerator.GetBytes(32);
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly TimeProvider _clock;
    private readonly ITimer? _looks;
    private readonly Lock _gate = new();
    private Task _look = Task.CompletedTask;
    private Task? _nextLook;
    private Task? _hanging;
    private volatile Known _known;
    private long _iterations;
    private long _looked;

    /// <summary>Hashes the passwords of the configuration, about 100 ms a user and processor, and reads the file.</summary>
    /// <param name="configured">Names, passwords in UTF-8 (the caller may wipe them afterwards) and senders.</param>
    /// <param name="file">The user file, or null.</param>
    /// <param name="trace">Where a file that became unreadable is told.</param>
    /// <param name="clock">The time, for looking at the file.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayUserFileUnusable"/>; <see cref="ErrorCode.RelayUserInvalid"/> for a name or password of the configuration.</exception>
    public UserDirectory(IEnumerable<(string Name, ReadOnlyMemory<byte> Password, IReadOnlyList<string> Senders)> configured, UsersFile? file, IMailTrace trace, TimeProvider? clock = null)
    {
        (_file, _trace, _clock) = (file, trace, clock ?? TimeProvider.System);
        var stamp = file?.Stamp ?? default;
        var content = file?.Read();
        var decoyKey = content?.DecoyKey ?? _processKey;
        var prepared = configured.Select(u => (Name: UserPassword.Name(u.Name), Password: UserPassword.Prepared(u.Name, Encoding.UTF8.GetString(u.Password.Span)), u.Senders)).ToList();
        _configured = [.. prepared.AsParallel().Select(u => Configured(u.Name, u.Password, u.Senders, decoyKey))];
        _known = new Known(_configured, content?.Users ?? [], decoyKey, stamp);
        if (file is not null) _looks = _clock.CreateTimer(_ => _ = RefreshAsync(CancellationToken.None).AsTask(), null, LookEvery, LookEvery);
    }

    /// <inheritdoc/>
    public bool VerifiesProofs => true;

    /// <summary>How many iterations of slow hashes were paid for: what a login cost, without a clock.</summary>
    internal long Iterations => Interlocked.Read(ref _iterations);

    /// <inheritdoc/>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        if (_file is null || Hangs) return;
        var look = LookAsync();
        try
        {
            await look.WaitAsync(Patience, _clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            lock (_gate)
            {
                if (Hangs) return;
                _hanging = look;
            }
            _trace.Fault($"user file {_file.Path}, looking whether it has changed; what it said before stays true until the disk answers", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> VerifyAsync(string user, ReadOnlyMemory<byte> password, IPAddress client, CancellationToken cancellationToken)
    {
        if (SaslPrep.Prepare(user) is not { Length: > 0 } name || Prepared(password) is not { Length: > 0 } prepared) return false;
        var known = _known;
        var entry = known.Find(name);
        var fast = FastHash(name, prepared.Span);
        if (entry is { User.Enabled: true, Verified: { } verified } && CryptographicOperations.FixedTimeEquals(verified, fast)) return true;
        var keys = entry?.User.KeysFor(ScramHash.Sha256) ?? known.Decoy(name, ScramHash.Sha256);
        if (!await _turns.WaitAsync(MaxWait, cancellationToken).ConfigureAwait(false)) throw new AuthenticationUnavailableException("Too many logins wait to be verified.");
        try
        {
            Interlocked.Add(ref _iterations, keys.Iterations);
            var right = await Task.Run(() => keys.Matches(prepared.Span), CancellationToken.None).ConfigureAwait(false);
            if (!right || entry is not { User.Enabled: true }) return false;
            entry.Verified = fast;
            return true;
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <inheritdoc/>
    public ScramKeys ScramKeysOf(string user, ScramHash hash)
    {
        var name = SaslPrep.Prepare(user) ?? user;
        var known = _known;
        var decoy = known.Decoy(name, hash);
        var found = known.Find(name)?.User;
        if (found?.KeysFor(hash) is not { } keys) return decoy;
        return found.Enabled ? keys : keys with { StoredKey = decoy.StoredKey, ServerKey = decoy.ServerKey };
    }

    /// <inheritdoc/>
    public RelayUser? Find(string user) => SaslPrep.Prepare(user) is { } name ? _known.Find(name)?.User : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _looks?.Dispose();
        _turns.Dispose();
        CryptographicOperations.ZeroMemory(_processKey);
    }

    // The salt is the one the name would have if it did not exist: a restart tells nobody which names do.
    private static RelayUser Configured(string name, byte[] password, IReadOnlyList<string> senders, byte[] decoyKey) => new(name)
    {
        Senders = senders,
        Keys = [.. ScramHash.All.Select(hash => ScramKeys.Derive(hash, password, Known.Salt(decoyKey, name, hash), hash.Iterations / ConfiguredShare))],
    };

    // ASCII, the usual case, is compared as it is, without a string that could not be wiped.
    private static ReadOnlyMemory<byte>? Prepared(ReadOnlyMemory<byte> password)
    {
        if (Ascii.IsValid(password.Span)) return password.Span.ContainsAnyInRange((byte)0, (byte)31) || password.Span.Contains((byte)127) ? null : password;
        return SaslPrep.Prepare(Encoding.UTF8.GetString(password.Span)) is { } text ? Encoding.UTF8.GetBytes(text) : null;
    }

    // Those who come while the disk does not answer need not find that out for themselves.
    private bool Hangs => Volatile.Read(ref _hanging) is { IsCompleted: false };

    /// <summary>How many times the file was looked at.</summary>
    internal long Looks => Interlocked.Read(ref _looked);

    // One look is under way at most, and one waits behind it, for all who come before that begins: each sees what was in the file when it came, however many come while a disk is slow.
    private Task LookAsync()
    {
        lock (_gate) return _nextLook ??= AfterAsync(_look);
    }

    private async Task AfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Run(() =>
        {
            lock (_gate) (_look, _nextLook) = (_nextLook!, null);
            Look();
        }).ConfigureAwait(false);
    }

    // The file is read again when it has changed. One that cannot be read is told once, and what it said last stays true.
    private void Look()
    {
        Interlocked.Increment(ref _looked);
        var stamp = _file!.Stamp;
        if (stamp == _known.Stamp) return;
        try
        {
            var content = _file.Read();
            _known = new Known(_configured, content.Users, content.DecoyKey, stamp);
        }
        catch (MailOpsException e)
        {
            _trace.Fault($"user file {_file.Path}, reading it again; what it said before stays true", e);
            _known = _known with { Stamp = stamp };
        }
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

    /// <summary>A user, and the fast hash of the password that was right.</summary>
    private sealed class Entry(RelayUser user)
    {
        public RelayUser User => user;

        public byte[]? Verified { get; set; }
    }

    /// <summary>Everything known at one moment.</summary>
    private sealed record Known
    {
        private readonly Dictionary<string, Entry> _users = new(StringComparer.Ordinal);
        private readonly byte[] _decoyKey;
        private readonly Dictionary<ScramHash, int[]> _costs;

        public Known(IEnumerable<RelayUser> configured, IEnumerable<RelayUser> filed, byte[] decoyKey, FileStamp stamp)
        {
            foreach (var user in configured.Concat(filed)) _users.TryAdd(user.Name, new Entry(user));
            (_decoyKey, Stamp) = (decoyKey, stamp);
            _costs = ScramHash.All.ToDictionary(h => h, h => _users.Values.Select(e => e.User.KeysFor(h)?.Iterations).OfType<int>().Distinct().Order().DefaultIfEmpty(h.Iterations).ToArray());
        }

        public FileStamp Stamp { get; init; }

        public Entry? Find(string name) => _users.GetValueOrDefault(name);

        public static byte[] Salt(byte[] decoyKey, string name, ScramHash hash) => HMACSHA256.HashData(decoyKey, Encoding.UTF8.GetBytes($"salt {hash.Mechanism} {name}"))[..16];

        /// <summary>Keys that nothing proves, for a name that does not exist: as slow as those of one that does, chosen by the name.</summary>
        public ScramKeys Decoy(string name, ScramHash hash)
        {
            var chance = HMACSHA256.HashData(_decoyKey, Encoding.UTF8.GetBytes($"user {name}"));
            var costs = _costs[hash];
            return new ScramKeys(hash, costs[BitConverter.ToUInt32(chance) % costs.Length], Salt(_decoyKey, name, hash), RandomNumberGenerator.GetBytes(hash.Length), RandomNumberGenerator.GetBytes(hash.Length));
        }
    }
}
