using System.Security.Cryptography;
using MailOps.Messages;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace MailOps.Authenticity.Signatures;

/// <summary>Verifies the signatures of one message (RFC 6376 section 6.1): first all of them say which hashes they want, then the body is read once, then they are verified.</summary>
/// <param name="message">The message.</param>
/// <param name="keys">Who fetches keys.</param>
/// <param name="at">The time, for signatures that expire.</param>
internal sealed class SignatureVerifier(SignedMessage message, SignatureKeys keys, DateTimeOffset at)
{
    /// <summary>How often a body is hashed for one message: by relaxed and by simple rules, and for a few lengths (l=).</summary>
    private const int MaxHashes = 8;

    private static readonly byte[] LineEnd = [(byte)'\r', (byte)'\n'];

    private readonly List<BodyHash> _hashes = [];
    private readonly Dictionary<string, List<RawField>> _fields = message.Fields.GroupBy(field => field.Name).ToDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);

    /// <summary>Takes note of which hash a signature wants.</summary>
    public void Want(SignatureField signature)
    {
        if (signature.Fault is null && signature.Kind != SignatureKind.ArcSeal && HashFor(signature) is null && _hashes.Count < MaxHashes) _hashes.Add(new BodyHash(signature.IsBodyRelaxed, signature.BodyLength));
    }

    /// <summary>Reads the body.</summary>
    public Task HashAsync(CancellationToken cancellationToken) => message.HashAsync(_hashes, cancellationToken);

    /// <summary>Verifies a signature of header and body, whose hash was wanted.</summary>
    /// <param name="signature">The signature.</param>
    /// <param name="limit">Ends the questions to the DNS.</param>
    /// <param name="cancellationToken">Ends everything.</param>
    public async Task<VerifiedSignature> VerifyAsync(SignatureField signature, CancellationToken limit, CancellationToken cancellationToken)
    {
        if (signature.Fault is not null) return new(signature, signature.Fault);
        if (HashFor(signature) is not { } body)
            return new(signature, new(DkimResult.Policy, $"It was not evaluated, for the signatures want more than {MaxHashes} different hashes of the body (c=, l=).", "No signer makes such signatures: the message was made to cost its receivers time."));
        var key = await keys.GetAsync(signature, limit, cancellationToken).ConfigureAwait(false);
        var verdict = key.Fault ?? MatchFault(signature, key) ?? Verify(signature, key, body);
        // RFC 6376 section 3.6.1: while a domain tries DKIM, mail whose signature does not verify is to be taken for unsigned.
        if (verdict.Result == DkimResult.Fail && key.Record!.Has("t", "y")) verdict = verdict with { Result = DkimResult.Neutral, Reason = verdict.Reason + " The domain only tries DKIM (t=y), so it counts as unsigned." };
        return new(signature, verdict) { Key = key, UnsignedBytes = signature.BodyLength is { } length ? Math.Max(0, body.Length - length) : 0 };
    }

    /// <summary>Verifies a seal.</summary>
    /// <param name="seal">The seal.</param>
    /// <param name="sealedFields">What it seals, in order; its own field is the last.</param>
    /// <param name="limit">Ends the questions to the DNS.</param>
    /// <param name="cancellationToken">Ends everything.</param>
    public async Task<VerifiedSignature> VerifySealAsync(SignatureField seal, IEnumerable<RawField> sealedFields, CancellationToken limit, CancellationToken cancellationToken)
    {
        if (seal.Fault is not null) return new(seal, seal.Fault);
        var key = await keys.GetAsync(seal, limit, cancellationToken).ConfigureAwait(false);
        if ((key.Fault ?? MatchFault(seal, key)) is { } fault) return new(seal, fault) { Key = key };
        var verdict = IsSigned(seal, key, HashOf(sealedFields, seal)) switch
        {
            null => Unusable(seal),
            true => new SignatureVerdict(DkimResult.Pass, "The seal verifies."),
            false => new SignatureVerdict(DkimResult.Fail, "The seal does not fit: a field of the chain was changed after it was made, or it was made by another key.", null),
        };
        return new(seal, verdict) { Key = key };
    }

    private static SignatureVerdict? MatchFault(SignatureField signature, SignatureKey key)
    {
        if (key.Record!.Type != signature.KeyType)
            return new(DkimResult.PermError, $"The signature is by {signature.Algorithm}, and the key of selector {signature.Selector} is of another kind.", "Publish the key that signs, or correct the selector.");
        if (signature.Kind == SignatureKind.Dkim && key.Record.Has("t", "s") && signature.Identity is { } identity
            && SignatureField.NameOf(identity.Substring(identity.LastIndexOf('@') + 1)) != SignatureField.NameOf(signature.Domain))
            return new(DkimResult.PermError, "The key is not for names below its domain (t=s), and the identity (i=) is one.", "Leave t=s out of the key's record, or sign with i= in the domain itself.");
        return null;
    }

    private static SignatureVerdict Unusable(SignatureField signature) =>
        new(DkimResult.PermError, $"The key of selector {signature.Selector} is none by which a signature can be verified.", "Make a new key, as New-DkimKey does.");

    private SignatureVerdict Verify(SignatureField signature, SignatureKey key, BodyHash body)
    {
        if (IsSigned(signature, key, HashOf(Signed(signature).Append(signature.Field), signature)) is not { } isHeaderGood) return Unusable(signature);
        var isBodyGood = body.Value.SequenceEqual(signature.BodyHash);
        if (signature.BodyLength > body.Length)   // RFC 6376 section 3.5
            return new(DkimResult.Fail, $"The body has {body.Length} bytes and the signature is of {signature.BodyLength} (l=): its end is missing.", BodyAdvice());
        if (!isBodyGood && !isHeaderGood) return new(DkimResult.Fail, "Neither the body nor the signed fields are those that were signed.", BodyAdvice());
        if (!isBodyGood) return new(DkimResult.Fail, "The body is not the one that was signed: its hash differs.", BodyAdvice());
        if (!isHeaderGood) return new(DkimResult.Fail, "The body is the one that was signed, but a signed field is not, or the signature is by another key than the one published.", HeaderAdvice(signature));
        if (signature.ExpiresAt < at)
            return new(DkimResult.Policy, FormattableString.Invariant($"The signature verifies, but has expired at {signature.ExpiresAt:yyyy-MM-dd HH:mm} UTC (x=)."), "It may have been good when the message came; see what your server wrote then (Claims).");
        return new(DkimResult.Pass, "The signature verifies.");
    }

    private string BodyAdvice() => _fields.ContainsKey("list-id") || _fields.ContainsKey("list-post")
        ? "The message came over a mailing list, which changes messages. The list should sign what it sends on, or leave subject and body alone."
        : "Something behind the signer changed the body: a disclaimer, a scanner, a change of encoding. Sign behind it, or have it leave signed mail alone.";

    private static string HeaderAdvice(SignatureField signature) =>
        $"Something behind the signer changed one of: {Printable.Shorten(string.Join(", ", signature.SignedHeaders.Distinct(StringComparer.Ordinal)))} - often the subject or the folding of lines. Sign behind it, or with c=relaxed; or publish the key that signs.";

    private BodyHash? HashFor(SignatureField signature) => _hashes.Find(hash => hash.IsRelaxed == signature.IsBodyRelaxed && hash.Limit == signature.BodyLength);

    // RFC 6376 section 5.4.2: of several fields of a name the last comes first; one that is not there is nothing.
    private IEnumerable<RawField> Signed(SignatureField signature)
    {
        var taken = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in signature.SignedHeaders)
        {
            if (!_fields.TryGetValue(name, out var fields)) continue;
            if (!taken.TryGetValue(name, out var next)) next = fields.Count - 1;
            if (next >= 0 && ReferenceEquals(fields[next], signature.Field)) next--;   // section 3.7: its own field comes at the end, and there alone
            taken[name] = next - 1;
            if (next >= 0) yield return fields[next];
        }
    }

    // RFC 6376 section 3.7: the signature's own field comes last, without its b= and without a line end.
    private static byte[] HashOf(IEnumerable<RawField> fields, SignatureField signature)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var field in fields)
        {
            var isOwn = ReferenceEquals(field, signature.Field);
            hash.AppendData(field.Canonical(signature.IsHeaderRelaxed, withoutSignature: isOwn));
            if (!isOwn) hash.AppendData(LineEnd);
        }
        return hash.GetHashAndReset();
    }

    // RFC 8463 section 3: Ed25519 signs the hash, and not what was hashed.
    private static bool? IsSigned(SignatureField signature, SignatureKey key, byte[] hash)
    {
        if (signature.KeyType == DkimKeyType.Rsa) return RsaKey.Verify(key.Bytes, hash, signature.Signature);
        try
        {
            var verifier = new Ed25519Signer();
            verifier.Init(forSigning: false, new Ed25519PublicKeyParameters(key.Bytes));
            verifier.BlockUpdate(hash, 0, hash.Length);
            return verifier.VerifySignature(signature.Signature);
        }
        catch (ArgumentException)
        {
            return null;   // these bytes are no point of the curve
        }
    }
}
