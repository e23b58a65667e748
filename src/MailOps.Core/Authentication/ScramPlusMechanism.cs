using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using MailKit.Security;

namespace MailOps.Authentication;

/// <summary>
/// SCRAM with channel binding (RFC 5802 section 6), which shows somebody between the two ends of TLS: by tls-server-end-point (RFC 5929 section 4), the one binding that every TLS has and .NET tells.
/// </summary>
/// <param name="name">SCRAM-SHA-1-PLUS, SCRAM-SHA-256-PLUS or SCRAM-SHA-512-PLUS.</param>
/// <param name="user">The user.</param>
/// <param name="password">The password.</param>
/// <param name="binding">The binding.</param>
/// <param name="makeNonce">The client's nonce; chance, but for the vectors of the RFCs.</param>
internal sealed class ScramPlusMechanism(string name, string user, string password, byte[] binding, Func<string>? makeNonce = null) : SaslMechanism(new NetworkCredential(user, password))
{
    private const string Header = "p=tls-server-end-point,,";
    private const int MaxIterations = 1_000_000;   // a server that asks for more wants a busy client, and not a safe one

    private string _first = "";
    private byte[]? _serverSignature;
    private int _step;

    /// <inheritdoc/>
    public override string MechanismName => name;

    /// <inheritdoc/>
    public override bool SupportsInitialResponse => true;

    /// <inheritdoc/>
    protected override byte[] Challenge(byte[]? token, int startIndex, int length, CancellationToken cancellationToken) => _step++ switch
    {
        0 => First(),
        1 => Final(Encoding.UTF8.GetString(token!, startIndex, length)),
        2 => Verify(Encoding.UTF8.GetString(token!, startIndex, length)),
        _ => throw new FormatException("there is more than the exchange has"),
    };

    private byte[] First()
    {
        // RFC 5802 section 5.1
        var escaped = SaslPrep(user).Replace("=", "=3D").Replace(",", "=2C");
        _first = $"n={escaped},r={(makeNonce ?? Nonce)()}";
        return Encoding.UTF8.GetBytes(Header + _first);
    }

    private byte[] Final(string challenge)
    {
        var own = _first.Substring(_first.LastIndexOf("r=", StringComparison.Ordinal) + 2);
        if (challenge.StartsWith("m=", StringComparison.Ordinal)) throw new FormatException("it wants an extension that this client does not have");   // RFC 5802 section 5.1
        var (nonce, salt, iterations) = (Attribute(challenge, 'r'), Convert.FromBase64String(Attribute(challenge, 's')), int.Parse(Attribute(challenge, 'i'), NumberStyles.None, CultureInfo.InvariantCulture));
        if (!nonce.StartsWith(own, StringComparison.Ordinal) || nonce.Length == own.Length || iterations is < 1 or > MaxIterations) throw new FormatException("the challenge is for another exchange, or has no sense");
        var withoutProof = $"c={Convert.ToBase64String([.. Encoding.ASCII.GetBytes(Header), .. binding])},r={nonce}";
        var message = Encoding.UTF8.GetBytes($"{_first},{challenge},{withoutProof}");
        var salted = Salted(SaslPrep(password), salt, iterations);
        var clientKey = Hmac(salted, Encoding.ASCII.GetBytes("Client Key"));
        var proof = Hmac(Hash(clientKey), message);
        for (var i = 0; i < proof.Length; i++) proof[i] ^= clientKey[i];
        _serverSignature = Hmac(Hmac(salted, Encoding.ASCII.GetBytes("Server Key")), message);
        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(proof)}");
    }

    private byte[] Verify(string challenge)
    {
        // RFC 5802 section 7: server-error
        if (challenge.StartsWith("e=", StringComparison.Ordinal)) throw new FormatException($"the server says '{PlainText.Of(challenge.Substring(2), 60)}'");
        if (Attribute(challenge, 'v') != Convert.ToBase64String(_serverSignature!)) throw new FormatException("the server did not prove that it knows the password");
        IsAuthenticated = true;
        return [];
    }

    private static string Attribute(string challenge, char wanted) =>
        challenge.Split(',').FirstOrDefault(part => part.Length > 2 && part[0] == wanted && part[1] == '=')?.Substring(2) ?? throw new FormatException($"the challenge has no {wanted}");

    private static string Nonce()
    {
        var bytes = new byte[18];
        using (var random = RandomNumberGenerator.Create()) random.GetBytes(bytes);
        return Convert.ToBase64String(bytes);
    }

    private HashAlgorithmName Algorithm => name switch
    {
        "SCRAM-SHA-1-PLUS" => HashAlgorithmName.SHA1,
        "SCRAM-SHA-256-PLUS" => HashAlgorithmName.SHA256,
        _ => HashAlgorithmName.SHA512,
    };

    private int HashLength => name switch { "SCRAM-SHA-1-PLUS" => 20, "SCRAM-SHA-256-PLUS" => 32, _ => 64 };

#pragma warning disable CA5350, CA5379 // SCRAM-SHA-1 is what the user asks for; HMAC with SHA-1 is not broken
    private byte[] Salted(string prepared, byte[] salt, int iterations)
    {
#if NET
        return Rfc2898DeriveBytes.Pbkdf2(prepared, salt, iterations, Algorithm, HashLength);
#else
        using var derive = new Rfc2898DeriveBytes(prepared, salt, iterations, Algorithm);
        return derive.GetBytes(HashLength);
#endif
    }

    private byte[] Hmac(byte[] key, byte[] message)
    {
        using HMAC hmac = HashLength switch { 20 => new HMACSHA1(key), 32 => new HMACSHA256(key), _ => new HMACSHA512(key) };
        return hmac.ComputeHash(message);
    }

    private byte[] Hash(byte[] bytes)
    {
        using HashAlgorithm hash = HashLength switch { 20 => SHA1.Create(), 32 => SHA256.Create(), _ => SHA512.Create() };
        return hash.ComputeHash(bytes);
    }
#pragma warning restore CA5350, CA5379
}
