using MailOps.Authenticity.Dkim;
using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity.Signatures;

/// <summary>A key as it was found, or why there is none.</summary>
/// <param name="Record">The record; null where there is none that can be read.</param>
/// <param name="Fault">Why no signature by it counts; null where they do.</param>
/// <param name="Records">How many records there are.</param>
internal sealed record SignatureKey(DkimKeyRecord? Record, SignatureVerdict? Fault, int Records = 1)
{
    /// <summary>What the key is, with all that is needed to verify by it.</summary>
    public byte[] Bytes { get; init; } = [];

    /// <summary>Its size in bits.</summary>
    public int Size { get; init; }
}

/// <summary>Fetches keys from the DNS (RFC 6376 section 6.1.2), each once.</summary>
/// <param name="dns">Who is asked.</param>
internal sealed class SignatureKeys(IDnsInspector dns)
{
    private readonly Dictionary<string, SignatureKey> _known = new(StringComparer.Ordinal);

    /// <summary>The key of a signature that has no fault.</summary>
    /// <param name="signature">The signature.</param>
    /// <param name="limit">Ends the questions; what is not answered by then is a temporary error.</param>
    /// <param name="cancellationToken">Ends everything.</param>
    public async Task<SignatureKey> GetAsync(SignatureField signature, CancellationToken limit, CancellationToken cancellationToken)
    {
        var name = $"{SignatureField.NameOf(signature.Selector)}._domainkey.{SignatureField.NameOf(signature.Domain)}";
        if (_known.TryGetValue(name, out var known)) return known;
        SignatureKey key;
        try
        {
            key = name.Length > 253 ? None($"The name of the key has {name.Length} characters, and a name of the DNS 253 at most.") : Judge(name, await dns.ResolveTxtAsync(name, limit).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            key = Later($"The time was over before the DNS had given the key at {name}.");
        }
        return _known[name] = key;
    }

    private static SignatureKey None(string reason) => new(null, new(DkimResult.PermError, reason, "Check that the record is published, and that the signer uses the selector that is."));

    private static SignatureKey Later(string reason) => new(null, new(DkimResult.TempError, reason, "Try again, or ask another DNS server with -Server."));

    private static SignatureKey Judge(string name, DnsAnswer<string> answer)
    {
        if (answer.Status == DnsStatus.Failed) return Later($"The DNS gave no answer for {name}: {answer.Detail}.");
        if (answer.Records.Count == 0) return None($"There is no key at {name}.");
        var text = answer.Records.FirstOrDefault(record => TagList.Read(record, StringComparison.Ordinal)["p"] is not null);
        if (text is null) return None($"What is published at {name} is no key.");
        var record = new DkimKeyRecord(text);
        return FaultOf(record, name) is { } fault
            ? new SignatureKey(record, fault, answer.Records.Count) { Size = record.Size }
            : new SignatureKey(record, null, answer.Records.Count) { Size = record.Size, Bytes = DkimKeyBits.BytesOf(record.Key!)! };
    }

    // RFC 6376 section 6.1.2, steps 4 to 8.
    private static SignatureVerdict? FaultOf(DkimKeyRecord record, string name)
    {
        if (record.Tags.Faults.FirstOrDefault(fault => !fault.IsHarmless) is { } malformed)
            return new(DkimResult.PermError, $"The key at {name} is malformed at character {malformed.Column}: {malformed.Reason}", "Correct the record; Resolve-DkimRecord tells what is wrong with it.");
        if (record.Tags["v"] is { } version && (version.Value != "DKIM1" || record.Tags.Tags[0] != version))
            return new(DkimResult.PermError, $"The record at {name} does not begin with v=DKIM1, so it is no key.", "Correct the record; Resolve-DkimRecord tells what is wrong with it.");
        if (record.IsRevoked) return new(DkimResult.PermError, $"The key at {name} is revoked (an empty p=).", "Sign with another key.");
        if (record.Type is null) return new(DkimResult.PermError, $"The key at {name} is of a kind that nobody knows (k={Printable.Shorten(record.Tags["k"]!.Value)}).", "Correct the record: k=rsa or k=ed25519.");
        if (record.Tags["h"] is not null && !record.Has("h", "sha256")) return new(DkimResult.PermError, $"The key at {name} is not for SHA-256 (h=).", "Correct the record: leave h out.");
        if (record.Tags["s"] is not null && !record.Has("s", "*") && !record.Has("s", "email")) return new(DkimResult.PermError, $"The key at {name} is not for e-mail (s=).", "Correct the record: leave s out.");
        return SizeFault(record, name);
    }

    private static SignatureVerdict? SizeFault(DkimKeyRecord record, string name)
    {
        if (record.Size == 0) return new(DkimResult.PermError, $"The key at {name} cannot be read.", "Publish the key again, whole; Resolve-DkimRecord tells what is wrong with it.");
        if (record.Type != DkimKeyType.Rsa) return null;
        if (record.Size < RsaKey.MinSize)   // RFC 8301 section 3.2
            return new(DkimResult.Policy, $"The key at {name} has {record.Size} bits, and receivers must refuse less than {RsaKey.MinSize}.", "Sign with a key of 2048 bits.");
        return record.Size > RsaKey.MaxSize
            ? new(DkimResult.Policy, $"The key at {name} has {record.Size} bits, and {RsaKey.MaxSize} at most are evaluated.", "Sign with a key of 2048 bits; receivers need not verify more than 4096.")
            : null;
    }
}
