using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace MailOps.Core.Tests.Authenticity.Messages;

/// <summary>Signs messages by the letter of RFC 6376 and RFC 8617, on strings and as plainly as can be, so that it shares nothing with what verifies.</summary>
internal sealed partial class TestSigner
{
    private readonly Func<byte[], byte[]> _sign;

    private TestSigner(string domain, string selector, string algorithm, string record, Func<byte[], byte[]> sign)
    {
        (Domain, Selector, Algorithm, Record) = (domain, selector, algorithm, record);
        _sign = sign;
    }

    public string Domain { get; }
    public string Selector { get; }
    public string Algorithm { get; }
    public string Record { get; }
    public string RecordName => $"{Selector}._domainkey.{Domain}";

    public static TestSigner Rsa(string domain = "example.test", string selector = "s1", int size = 1024, string prefix = "v=DKIM1; ")
    {
        var rsa = RSA.Create(size);
        return new(domain, selector, "rsa-sha256", prefix + "p=" + Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo()), bytes => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    public static TestSigner Ed25519(string domain = "example.test", string selector = "ed")
    {
        var key = new Ed25519PrivateKeyParameters(new SecureRandom());
        return new(domain, selector, "ed25519-sha256", "v=DKIM1; k=ed25519; p=" + Convert.ToBase64String(key.GeneratePublicKey().GetEncoded()), bytes =>
        {
            var signer = new Ed25519Signer();
            signer.Init(true, key);
            var hash = SHA256.HashData(bytes);
            signer.BlockUpdate(hash, 0, hash.Length);
            return signer.GenerateSignature();
        });
    }

    /// <summary>A record with a key of those numbers.</summary>
    public static string RecordOf(byte[] modulus, byte[] exponent) =>
        "v=DKIM1; p=" + Convert.ToBase64String(new RsaPublicKeyStructure(new Org.BouncyCastle.Math.BigInteger(1, modulus), new Org.BouncyCastle.Math.BigInteger(1, exponent)).GetDerEncoded());

    /// <summary>The message with a signature on top.</summary>
    /// <param name="message">The message, with CRLF.</param>
    /// <param name="canonicalization">c=.</param>
    /// <param name="headers">h=.</param>
    /// <param name="extra">Tags that go between the others, each with a semicolon.</param>
    /// <param name="length">l=.</param>
    /// <param name="edit">Changes the field before it is signed.</param>
    public string Sign(string message, string canonicalization = "relaxed/relaxed", string headers = "from:to:subject:date", string extra = "", int? length = null, Func<string, string>? edit = null) =>
        SignatureOf("DKIM-Signature", "v=1; ", message, canonicalization, headers, extra, length, edit) + message;

    public void Publish(Action<string, string, object> add) => add("TXT", RecordName, Record);

    /// <summary>The message with one more set of ARC on top.</summary>
    public string Seal(string message, int instance, string? status = null, string results = "spf=pass smtp.mailfrom=example.test")
    {
        var aar = $"ARC-Authentication-Results: i={instance}; {Domain}; {results}\r\n";
        var ams = SignatureOf("ARC-Message-Signature", $"i={instance}; ", message, "relaxed/relaxed", "from:to:subject:date", "", null, null);
        var seal = $"ARC-Seal: i={instance}; a={Algorithm}; cv={status ?? (instance == 1 ? "none" : "pass")}; d={Domain}; s={Selector}; b=";
        var whole = aar + ams + message;
        var covered = new StringBuilder();
        for (var i = 1; i <= instance; i++)
        {
            foreach (var name in new[] { "ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal" })
            {
                if (Fields(whole).FirstOrDefault(field => field.StartsWith(name + ":", StringComparison.Ordinal) && Instance().Match(field).Groups[1].Value == i.ToString(CultureInfo.InvariantCulture)) is { } field) covered.Append(Header(field, true));
            }
        }
        var b = _sign(Encoding.Latin1.GetBytes(covered + Header(seal + "\r\n", true)[..^2]));
        return seal + Convert.ToBase64String(b) + "\r\n" + whole;
    }

    private string SignatureOf(string name, string first, string message, string canonicalization, string headers, string extra, int? length, Func<string, string>? edit)
    {
        var (isHeaderRelaxed, isBodyRelaxed) = (canonicalization.StartsWith("relaxed", StringComparison.Ordinal), canonicalization.EndsWith("/relaxed", StringComparison.Ordinal));
        var body = Body(message[(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..], isBodyRelaxed);
        var bh = Convert.ToBase64String(SHA256.HashData(Encoding.Latin1.GetBytes(length is { } l ? body[..Math.Min(l, body.Length)] : body)));
        var field = $"{name}: {first}a={Algorithm}; c={canonicalization};\r\n d={Domain}; s={Selector}; {extra}{(length is null ? "" : $"l={length}; ")}h={headers};\r\n bh={bh}; b=\r\n";
        if (edit is not null) field = edit(field);
        var left = Fields(message);
        var signed = new StringBuilder();
        foreach (var wanted in headers.Split(':'))
        {
            var at = left.FindLastIndex(one => one.StartsWith(wanted.Trim() + ":", StringComparison.OrdinalIgnoreCase));
            if (at < 0) continue;
            signed.Append(Header(left[at], isHeaderRelaxed));
            left.RemoveAt(at);
        }
        var b = _sign(Encoding.Latin1.GetBytes(signed + Header(field, isHeaderRelaxed)[..^2]));
        return field[..^2] + Convert.ToBase64String(b) + "\r\n";
    }

    private static List<string> Fields(string message) =>
        [.. FieldEnd().Split(message[..(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 2)]).Where(field => field.Length > 0).Select(field => field + "\r\n")];

    private static string Header(string field, bool isRelaxed)
    {
        if (!isRelaxed) return field;
        var colon = field.IndexOf(':', StringComparison.Ordinal);
        var value = White().Replace(field[(colon + 1)..].Replace("\r\n", "", StringComparison.Ordinal), " ").Trim(' ');
        return field[..colon].TrimEnd().ToLowerInvariant() + ":" + value + "\r\n";
    }

    private static string Body(string body, bool isRelaxed)
    {
        var lines = body.Split("\r\n").ToList();
        if (isRelaxed) lines = [.. lines.Select(line => White().Replace(line, " ").TrimEnd(' '))];
        while (lines.Count > 0 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        if (lines.Count == 0) return isRelaxed ? "" : "\r\n";
        return string.Join("\r\n", lines) + "\r\n";
    }

    [GeneratedRegex(@"[ \t]+")]
    private static partial Regex White();

    [GeneratedRegex(@"\r\n(?![ \t])")]
    private static partial Regex FieldEnd();

    [GeneratedRegex(@"i=(\d+)")]
    private static partial Regex Instance();
}
