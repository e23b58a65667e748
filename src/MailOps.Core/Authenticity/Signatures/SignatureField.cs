using System.Globalization;
using MailOps.Messages;

namespace MailOps.Authenticity.Signatures;

/// <summary>A signature's field, read by the grammar of RFC 6376 section 3.5 and of RFC 8617 section 4.1.</summary>
internal sealed class SignatureField
{
    /// <summary>Bytes of a field that is read; what signers write has a hundredth of it.</summary>
    public const int MaxLength = 64 * 1024;

    private const string SyntaxAdvice = "The signer's software writes what is no signature: correct its configuration.";
    private static readonly char[] Space = [' ', '\t', '\r', '\n'];

    private readonly TagList _tags;

    private SignatureField(RawField field, SignatureKind kind, TagList tags)
    {
        Field = field;
        Kind = kind;
        _tags = tags;
    }

    public RawField Field { get; }
    public SignatureKind Kind { get; }

    /// <summary>Why it cannot be evaluated; null where it can.</summary>
    public SignatureVerdict? Fault { get; private set; }

    public string? Domain => Text("d");
    public string? Selector => Text("s");
    public string? Algorithm => Text("a");
    public string? Identity => Text("i");
    public string? ChainStatus => Text("cv");

    /// <summary>The algorithms for header and body.</summary>
    public string Canonicalization => Kind == SignatureKind.ArcSeal ? "relaxed" : Text("c") ?? "simple/simple";

    /// <summary>The kind of key that the algorithm takes; null where it is none of those that are verified.</summary>
    public DkimKeyType? KeyType => Algorithm switch
    {
        "rsa-sha256" => DkimKeyType.Rsa,
        "ed25519-sha256" => DkimKeyType.Ed25519,   // RFC 8463 section 3
        _ => null,
    };

    public bool IsHeaderRelaxed { get; private set; }
    public bool IsBodyRelaxed { get; private set; }
    public byte[] Signature { get; private set; } = [];
    public byte[] BodyHash { get; private set; } = [];

    /// <summary>The names of the signed fields, in small letters.</summary>
    public string[] SignedHeaders { get; private set; } = [];

    /// <summary>How many bytes of the body are signed (l=); null for all.</summary>
    public long? BodyLength { get; private set; }

    public DateTimeOffset? SignedAt { get; private set; }
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>Reads a field; nothing is refused, but <see cref="Fault"/> says what stands against it.</summary>
    public static SignatureField Read(RawField field, SignatureKind kind)
    {
        if (field.Length > MaxLength)
        {
            var fault = new SignatureVerdict(DkimResult.Policy, $"The signature's field has {field.Length} bytes, and {MaxLength} at most are read.", "No signer writes such a field: the message was made to cost its receivers time.");
            return new SignatureField(field, kind, TagList.Read("", StringComparison.Ordinal)) { Fault = fault };
        }
        var signature = new SignatureField(field, kind, TagList.Read(field.Value, StringComparison.Ordinal));
        signature.Fault = signature.ReadTags() ?? signature.Judge();
        return signature;
    }

    /// <summary>A domain or selector in the form in which the DNS is asked; null where it has none.</summary>
    public static string? NameOf(string? text) => text is not null && DomainName.TryToAscii(text, out var ascii) ? ascii : null;

    /// <summary>A list of fields as it stands in h=, in small letters.</summary>
    public static string[] ListOf(string text) => [.. text.Split(':').Select(name => name.Trim(Space).ToLowerInvariant())];

    private string? Text(string tag) => _tags[tag]?.Value;

    private static SignatureVerdict Syntax(string reason) => new(DkimResult.Neutral, reason, SyntaxAdvice);

    // RFC 6376 section 6.1.1, in the order of what a reader would mend first. RFC 8601 section 2.7.1 has neutral for what cannot be processed.
    private SignatureVerdict? ReadTags()
    {
        if (_tags.Faults.FirstOrDefault(fault => !fault.IsHarmless) is { } fault) return Syntax($"The signature is malformed at character {fault.Column}: {fault.Reason}");
        if (Required().FirstOrDefault(name => Text(name) is null or "") is { } missing) return Syntax($"The signature has no {missing}=.");
        if (Kind == SignatureKind.Dkim && Text("v") != "1") return Syntax($"'{Printable.Shorten(Text("v")!)}' is no version of DKIM; the one that there is is 1.");
        if (NameOf(Domain) is not { } domain || domain.IndexOf('.') < 0) return Syntax($"'{Printable.Shorten(Domain!)}' (d=) is no domain.");
        if (NameOf(Selector) is null) return Syntax($"'{Printable.Shorten(Selector!)}' (s=) is no selector.");
        return ReadBytes() ?? ReadCanonicalization() ?? ReadNumbers();
    }

    private string[] Required() => Kind switch
    {
        SignatureKind.Dkim => ["v", "a", "b", "bh", "d", "h", "s"],
        SignatureKind.ArcMessage => ["i", "a", "b", "bh", "d", "h", "s"],
        _ => ["i", "a", "b", "cv", "d", "s"],
    };

    private SignatureVerdict? ReadBytes()
    {
        if (!TryDecode(Text("b")!, out var signature)) return Syntax("What is in b= is not base64.");
        Signature = signature;
        if (Kind == SignatureKind.ArcSeal) return null;
        if (!TryDecode(Text("bh")!, out var hash)) return Syntax("What is in bh= is not base64.");
        BodyHash = hash;
        SignedHeaders = ListOf(Text("h")!);
        return SignedHeaders.All(name => name.Length > 0) ? null : Syntax("The list of signed fields (h=) has an empty name in it.");
    }

    private SignatureVerdict? ReadCanonicalization()
    {
        if (Kind == SignatureKind.ArcSeal)
        {
            IsHeaderRelaxed = true;   // RFC 8617 section 5.1.1: only that
            return null;
        }
        var parts = Canonicalization.Split('/');
        // RFC 6376 section 3.5: the body's is simple where only one is named.
        if (parts.Length > 2 || !parts.All(part => part is "simple" or "relaxed")) return Syntax($"'{Printable.Shorten(Canonicalization)}' (c=) is no canonicalization that is known.");
        IsHeaderRelaxed = parts[0] == "relaxed";
        IsBodyRelaxed = parts.Length == 2 && parts[1] == "relaxed";
        return null;
    }

    private SignatureVerdict? ReadNumbers()
    {
        foreach (var name in new[] { "l", "t", "x" })
        {
            if (Text(name) is { } digits && (digits.Length is 0 or > 76 || !digits.All(c => c is >= '0' and <= '9'))) return Syntax($"'{Printable.Shorten(digits)}' ({name}=) is no number.");
        }
        if (Kind != SignatureKind.ArcSeal) BodyLength = Number("l");
        SignedAt = Time("t");
        ExpiresAt = Time("x");
        return null;
    }

    // What is well formed and stands against it all the same.
    private SignatureVerdict? Judge()
    {
        if (Algorithm == "rsa-sha1")
        {
            return new(DkimResult.PermError, "The signature is made with SHA-1 (rsa-sha1), which receivers must refuse.",   // RFC 8301 section 3.1
                "Have the signer use rsa-sha256.");
        }
        if (KeyType is null) return Syntax($"'{Printable.Shorten(Algorithm!)}' (a=) is no algorithm that is known.");
        if (Text("q") is { } queries && !ListOf(queries).Contains("dns/txt", StringComparer.Ordinal)) return Syntax($"'{Printable.Shorten(queries)}' (q=) is no way to fetch a key that is known.");
        if (Text("x") is not null && SignedAt >= ExpiresAt) return new(DkimResult.PermError, "The signature expires (x=) before it was made (t=).", "Correct the signer's configuration.");
        if (Kind == SignatureKind.Dkim) return JudgeDkim();
        // RFC 8617 section 4.1.2: seals come later than the signature that they seal.
        if (Kind == SignatureKind.ArcMessage && SignedHeaders.Contains("arc-seal", StringComparer.Ordinal)) return new(DkimResult.PermError, "The signature includes ARC-Seal (h=), which it must not.", SyntaxAdvice);
        // RFC 8617 section 4.1.3: a seal has its fixed list of fields.
        if (Kind == SignatureKind.ArcSeal && Text("h") is not null) return new(DkimResult.PermError, "The seal has a list of signed fields (h=), which it must not have.", SyntaxAdvice);
        return null;
    }

    private SignatureVerdict? JudgeDkim()
    {
        // RFC 6376 section 6.1.1: a signature that leaves out the author is worth nothing.
        if (!SignedHeaders.Contains("from", StringComparer.Ordinal))
            return new(DkimResult.PermError, "The author (From) is not among the signed fields (h=).", "Have the signer include From.");
        if (Identity is not { } identity) return null;
        var domain = NameOf(identity.Substring(identity.LastIndexOf('@') + 1));
        if (identity.IndexOf('@') < 0 || domain is null) return Syntax($"'{Printable.Shorten(identity)}' (i=) is no identity.");
        return domain == NameOf(Domain) || domain.EndsWith("." + NameOf(Domain), StringComparison.Ordinal)
            ? null
            : new(DkimResult.PermError, $"The identity (i={Printable.Shorten(identity)}) is not within the domain that signs (d={Printable.Shorten(Domain!)}).", "Correct the signer's configuration.");
    }

    private long? Number(string tag) =>
        Text(tag) is not { } digits ? null : long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;

    // Times beyond the calendar are never.
    private DateTimeOffset? Time(string tag) =>
        Number(tag) is not { } seconds ? null : seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeSeconds(seconds);

    private static bool TryDecode(string text, out byte[] bytes)
    {
        try
        {
            bytes = Convert.FromBase64String(text);   // which passes white space over
            return bytes.Length > 0;
        }
        catch (FormatException)
        {
            bytes = [];
            return false;
        }
    }
}
