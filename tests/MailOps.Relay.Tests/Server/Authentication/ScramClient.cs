using System.Security.Cryptography;
using System.Text;
using MailOps.Relay.Server.Authentication;

namespace MailOps.Relay.Tests.Server.Authentication;

/// <summary>The client's side of SCRAM, written from RFC 5802 for the tests; it says each message as the RFC has it, with whatever a test puts in its place.</summary>
internal sealed class ScramClient(ScramHash hash, string user, string password)
{
    private string _challenge = "";

    public ScramHash Hash => hash;

    public string Header { get; init; } = "n,,";

    public byte[] Binding { get; init; } = [];

    public string Nonce { get; init; } = "fyko+d2lbbFgONRv9qkxdawL";

    /// <summary>What stands for the nonce in the final message; null for the nonce.</summary>
    public string? FinalNonce { get; init; }

    /// <summary>The server's signature that would be right.</summary>
    public string Signature { get; private set; } = "";

    /// <summary>What the server said of salt and iterations.</summary>
    public string Challenge => _challenge;

    public string First => $"{Header}n={user},r={Nonce}";

    public string Final(string challenge)
    {
        _challenge = challenge;
        var parts = challenge.Split(',');
        var bare = $"c={Convert.ToBase64String([.. Encoding.UTF8.GetBytes(Header), .. Binding])},{(FinalNonce is null ? parts[0] : "r=" + FinalNonce)}";
        var authMessage = Encoding.UTF8.GetBytes($"n={user},r={Nonce},{challenge},{bare}");
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, Convert.FromBase64String(parts[1][2..]), int.Parse(parts[2][2..], System.Globalization.CultureInfo.InvariantCulture), hash.Algorithm, hash.Length);
        var clientKey = hash.Hmac(salted, "Client Key"u8.ToArray());
        var clientSignature = hash.Hmac(hash.Hash(clientKey), authMessage);
        Signature = "v=" + Convert.ToBase64String(hash.Hmac(hash.Hmac(salted, "Server Key"u8.ToArray()), authMessage));
        return $"{bare},p={Convert.ToBase64String([.. clientKey.Zip(clientSignature, (key, signature) => (byte)(key ^ signature))])}";
    }
}
