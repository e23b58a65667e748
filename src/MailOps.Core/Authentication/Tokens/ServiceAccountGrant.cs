using System.Security.Cryptography;
using MailOps.Web;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.OpenSsl;
using Org.BouncyCastle.Security;

namespace MailOps.Authentication.Tokens;

/// <summary>A Google service account that acts for a mailbox: an assertion that its key has signed (RFC 7523 section 2.1).</summary>
/// <param name="keyPath">Its JSON key file.</param>
/// <param name="mailbox">The mailbox.</param>
/// <param name="scope">What the token is for.</param>
/// <param name="tokenUrl">Who is asked.</param>
public sealed class ServiceAccountGrant(string keyPath, string mailbox, string scope, Uri tokenUrl) : ITokenGrant
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);   // as Google asks

    /// <inheritdoc/>
    public TokenForm Form(DateTimeOffset now)
    {
        var (email, keyId, key) = Read();
        using (key)
        {
            var assertion = JsonWebSignature.Sign(
                keyId is null ? [] : [new("kid", keyId)],
                [
                    new("iss", email),
                    new("sub", mailbox),
                    new("scope", scope),
                    new("aud", tokenUrl.OriginalString),
                    new("iat", now.ToUnixTimeSeconds()),
                    new("exp", (now + Lifetime).ToUnixTimeSeconds()),
                ],
                key, usePss: false);
            return new TokenForm().With("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer").WithSecret("assertion", assertion);
        }
    }

    private (string Email, string? KeyId, RSA Key) Read()
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(keyPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e.Message, e);
        }
        var fields = JsonFields.Read(content) ?? throw Unusable("it is not JSON", null);
        if (fields.Text("client_email") is not { Length: > 0 } email || fields.Text("private_key") is not { } pem) throw Unusable("it has no client_email or no private_key", null);
        return (email, fields.Text("private_key_id"), Key(pem) ?? throw Unusable("its private_key is no RSA key", null));
    }

    // .NET Framework reads no PEM. What the parsers say of a broken one could repeat a part of the key.
    private static RSA? Key(string pem)
    {
        RSA? key = null;
        try
        {
            using var reader = new PemReader(new StringReader(pem));
            var read = reader.ReadObject();
            if ((read is AsymmetricCipherKeyPair pair ? pair.Private : read) is not RsaPrivateCrtKeyParameters parameters) return null;
            key = RSA.Create();
            key.ImportParameters(DotNetUtilities.ToRSAParameters(parameters));
            return key;
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or InvalidOperationException or CryptographicException or GeneralSecurityException or InvalidCastException)
        {
            key?.Dispose();
            return null;
        }
    }

    private MailOpsException Unusable(string why, Exception? cause) => new(
        ErrorCode.RelayConfigurationInvalid, $"The service account key {keyPath} cannot be used: {why}.", "Download the JSON key of the service account again, and let the user who sends (the relay's, where it is a relay) read it.", cause);
}
