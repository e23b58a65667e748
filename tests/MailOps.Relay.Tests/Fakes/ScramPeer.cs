#pragma warning disable CA5350   // SCRAM-SHA-1 is what it is
using System.Security.Cryptography;
using System.Text;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>The server's side of SCRAM (RFC 5802 section 3) for one password, as replies to AUTH.</summary>
internal sealed class ScramPeer
{
    private const int Iterations = 4096;
    private static readonly byte[] Salt = [1, 2, 3, 4, 5, 6, 7, 8];
    private string _bare = "", _serverFirst = "";

    public string Mechanism { get; init; } = "SCRAM-SHA-256";

    public string Password { get; init; } = "pencil";

    /// <summary>Whether it says what only a server that knows the password can say.</summary>
    public bool ProvesItself { get; init; } = true;

    public bool IsProven { get; private set; }

    private HashAlgorithmName Hash => Mechanism switch { "SCRAM-SHA-1" => HashAlgorithmName.SHA1, "SCRAM-SHA-256" => HashAlgorithmName.SHA256, _ => HashAlgorithmName.SHA512 };

    public string? Answer(string line)
    {
        if (line.StartsWith("EHLO ", StringComparison.Ordinal) || line == "QUIT") return null;
        if (line == "") return IsProven ? "235 2.7.0 Ok" : "535 5.7.8 No";
        if (line.StartsWith("AUTH " + Mechanism + " ", StringComparison.Ordinal)) return First(Decode(line[(6 + Mechanism.Length)..]));
        return Final(Decode(line));
    }

    private string First(string message)
    {
        _bare = message["n,,".Length..];
        var nonce = _bare.Split(',').Single(p => p.StartsWith("r=", StringComparison.Ordinal))[2..] + "server";
        _serverFirst = $"r={nonce},s={Convert.ToBase64String(Salt)},i={Iterations}";
        return "334 " + Encode(_serverFirst);
    }

    private string Final(string message)
    {
        var withoutProof = message[..message.LastIndexOf(",p=", StringComparison.Ordinal)];
        var proof = Convert.FromBase64String(message[(withoutProof.Length + 3)..]);
        var signed = Encoding.UTF8.GetBytes($"{_bare},{_serverFirst},{withoutProof}");
        var salted = Rfc2898DeriveBytes.Pbkdf2(Password, Salt, Iterations, Hash, Hmac([], []).Length);
        var clientKey = Hmac(salted, "Client Key"u8);
        var stored = Hash == HashAlgorithmName.SHA1 ? SHA1.HashData(clientKey) : Hash == HashAlgorithmName.SHA256 ? SHA256.HashData(clientKey) : SHA512.HashData(clientKey);
        var signature = Hmac(stored, signed);
        IsProven = proof.Zip(signature, (a, b) => (byte)(a ^ b)).SequenceEqual(clientKey);
        if (!IsProven) return "535 5.7.8 No";
        return ProvesItself ? "334 " + Encode("v=" + Convert.ToBase64String(Hmac(Hmac(salted, "Server Key"u8), signed))) : "235 2.7.0 Ok";
    }

    private byte[] Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) =>
        Hash == HashAlgorithmName.SHA1 ? HMACSHA1.HashData(key, data) : Hash == HashAlgorithmName.SHA256 ? HMACSHA256.HashData(key, data) : HMACSHA512.HashData(key, data);

    private static string Decode(string text) => Encoding.UTF8.GetString(Convert.FromBase64String(text));

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
