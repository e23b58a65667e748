using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace MailOps.Relay.Server.Authentication;

/// <summary>
/// SCRAM (RFC 5802, RFC 7677), with and without channel binding: the client proves that it has the password, the server that it knows the user, and the
/// password is never sent. For a user that does not exist the exchange goes on with a salt that is always the same for that name, and fails at the proof.
/// </summary>
/// <param name="hash">The hash function.</param>
/// <param name="plus">Whether the exchange is bound to the TLS channel (-PLUS).</param>
/// <param name="users">Who may authenticate.</param>
/// <param name="makeNonce">The server's part of the nonce: 144 bits of chance, but for the vectors of the RFCs.</param>
internal sealed class ScramMechanism(ScramHash hash, bool plus, IUserDirectory users, Func<string>? makeNonce = null) : ISaslMechanism
{
    private const string BindingName = "tls-server-end-point";   // RFC 5929 section 4

    private readonly Func<string> _makeNonce = makeNonce ?? (() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18)));

    public string Name { get; } = hash.Mechanism + (plus ? "-PLUS" : "");

    public bool IsPossible(Has has) => !plus || (has & Has.Binding) != 0;

    public async ValueTask<SaslOutcome> RunAsync(ISaslExchange exchange, CancellationToken cancellationToken)
    {
        if (Text(await exchange.FirstAsync(default).ConfigureAwait(false)) is not { } opening || ClientFirst.Read(opening) is not { } first) return SaslOutcome.Malformed;
        if (Objection(first, exchange.EndPointBinding) is { } objection) return SaslOutcome.Failed(first.Name, objection);
        var keys = users.ScramKeysOf(first.Name, hash);
        var nonce = first.Nonce + _makeNonce();
        var challenge = string.Create(CultureInfo.InvariantCulture, $"r={nonce},s={Convert.ToBase64String(keys.Salt)},i={keys.Iterations}");
        if (Text(await exchange.AskAsync(Encoding.UTF8.GetBytes(challenge)).ConfigureAwait(false)) is not { } closing || ClientFinal.Read(closing) is not { } final) return SaslOutcome.Malformed;

        var authMessage = Encoding.UTF8.GetBytes($"{first.Bare},{challenge},{final.WithoutProof}");
        // All three are looked at, whichever is wrong.
        var proven = keys.Proves(authMessage, final.Proof) & CryptographicOperations.FixedTimeEquals(final.Binding, Binding(first, exchange.EndPointBinding)) & final.Nonce == nonce;
        if (!proven) return SaslOutcome.Failed(first.Name, "wrong name or password, or another TLS channel");
        if (first.Identity is { Length: > 0 } identity && identity != first.Name) return SaslOutcome.Failed(first.Name, "would act for another user");
        // RFC 4954 section 4: a reply 235 carries no data of the mechanism, so what the server has to prove goes before it, and the client answers with nothing.
        var answer = await exchange.AskAsync(Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(keys.ServerSignature(authMessage)))).ConfigureAwait(false);
        return answer.Length == 0 ? SaslOutcome.Proven(first.Name) : SaslOutcome.Malformed;
    }

    // RFC 5802 section 6: a client that could bind and thinks we cannot was lied to about what we offer.
    private string? Objection(ClientFirst first, byte[]? binding) => (first.BindingFlag, plus) switch
    {
        ("y", _) when binding is not null => "the client saw no -PLUS although it was offered: somebody may sit between",
        ("n" or "y", true) => "a -PLUS mechanism without channel binding",
        ("n" or "y", false) => null,
        (_, false) => "channel binding without a -PLUS mechanism",
        ("p=" + BindingName, true) => binding is null ? "the connection has no channel binding" : null,
        _ => "a channel binding that is not offered",
    };

    private static byte[] Binding(ClientFirst first, byte[]? binding)
    {
        var header = Encoding.UTF8.GetBytes(first.Header);
        return first.BindingFlag[0] == 'p' ? [.. header, .. binding!] : header;
    }

    private static string? Text(byte[] message) => message.Length > 0 && Utf8.IsValid(message) && !message.AsSpan().Contains((byte)0) ? Encoding.UTF8.GetString(message) : null;

    /// <summary>client-first-message (RFC 5802 section 7).</summary>
    private sealed record ClientFirst(string BindingFlag, string? Identity, string Header, string Bare, string Name, string Nonce)
    {
        public static ClientFirst? Read(string text)
        {
            var parts = text.Split(',');
            // gs2-cbind-flag "," [authzid] "," [reserved-mext ","] username "," nonce ["," extensions]; an extension that is mandatory (m=) is one we do not know.
            if (parts.Length < 4 || !parts[2].StartsWith("n=", StringComparison.Ordinal) || !parts[3].StartsWith("r=", StringComparison.Ordinal) || parts[3].Length < 10) return null;
            if (parts[0] is not ("n" or "y") && !parts[0].StartsWith("p=", StringComparison.Ordinal)) return null;
            if (parts[1].Length > 0 && !parts[1].StartsWith("a=", StringComparison.Ordinal)) return null;
            if (SaslName(parts[2][2..]) is not { Length: > 0 } name || parts[3][2..].Any(c => c is < '!' or > '~')) return null;
            var identity = parts[1].Length > 0 ? SaslName(parts[1][2..]) : null;
            if (parts[1].Length > 0 && identity is null) return null;
            var header = $"{parts[0]},{parts[1]},";
            return new ClientFirst(parts[0], identity, header, text[header.Length..], name, parts[3][2..]);
        }

        // RFC 5802 section 5.1: =2C is a comma, =3D an equals sign, and no other equals sign stands in a name.
        private static string? SaslName(string text)
        {
            var name = text.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "\0", StringComparison.Ordinal);
            return name.Contains('=', StringComparison.Ordinal) ? null : name.Replace('\0', '=');
        }
    }

    /// <summary>client-final-message (RFC 5802 section 7).</summary>
    private sealed record ClientFinal(byte[] Binding, string Nonce, string WithoutProof, byte[] Proof)
    {
        public static ClientFinal? Read(string text)
        {
            var proofAt = text.LastIndexOf(",p=", StringComparison.Ordinal);
            if (proofAt < 0) return null;
            var parts = text[..proofAt].Split(',');
            if (parts.Length < 2 || !parts[0].StartsWith("c=", StringComparison.Ordinal) || !parts[1].StartsWith("r=", StringComparison.Ordinal)) return null;
            return Decode(parts[0][2..]) is { } binding && Decode(text[(proofAt + 3)..]) is { } proof ? new ClientFinal(binding, parts[1][2..], text[..proofAt], proof) : null;
        }

        private static byte[]? Decode(string base64)
        {
            var bytes = new byte[base64.Length];
            return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
        }
    }
}
