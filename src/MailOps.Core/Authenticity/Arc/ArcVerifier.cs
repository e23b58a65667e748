using MailOps.Authenticity.Signatures;
using MailOps.Messages;

namespace MailOps.Authenticity.Arc;

/// <summary>Validates the chain of a message (RFC 8617 section 5.2), and tells each of its sets.</summary>
internal sealed class ArcVerifier
{
    /// <summary>The longest chain (RFC 8617 section 5.2).</summary>
    public const int MaxSets = 50;

    private readonly SortedList<int, ArcSet> _sets;
    private readonly SignatureVerifier _verifier;
    private readonly string? _fault;

    /// <summary>Reads the chain, and lets its signatures say which hashes they want.</summary>
    public ArcVerifier(SignedMessage message, SignatureVerifier verifier)
    {
        _verifier = verifier;
        _sets = ArcSet.ReadAll(message.Fields, 3 * MaxSets, out _fault);
        foreach (var set in _sets.Values.Reverse()) set.Signatures.ForEach(verifier.Want);
    }

    /// <summary>Validates.</summary>
    /// <param name="limit">Ends the questions to the DNS.</param>
    /// <param name="cancellationToken">Ends everything.</param>
    public async Task<ArcCheck> CheckAsync(CancellationToken limit, CancellationToken cancellationToken)
    {
        if (_sets.Count == 0 && _fault is null) return new ArcCheck { Result = ArcResult.None, Reason = "The message has no chain of ARC." };
        var checks = new List<ArcSetCheck>();
        foreach (var set in _sets.Values) checks.Add(await CheckAsync(set, limit, cancellationToken).ConfigureAwait(false));
        var (result, reason) = Judge(checks);
        return new ArcCheck
        {
            Result = result,
            Reason = Printable.Escape(reason),
            OldestPass = OldestPass(checks),
            Sealer = [.. checks.Where(check => check.Domain is not null).Select(check => check.Domain!)],
            Instances = [.. checks],
        };
    }

    private async Task<ArcSetCheck> CheckAsync(ArcSet set, CancellationToken limit, CancellationToken cancellationToken)
    {
        var message = set.Signatures.Count == 1 ? await _verifier.VerifyAsync(set.Signatures[0], limit, cancellationToken).ConfigureAwait(false) : null;
        var isChain = Enumerable.Range(1, set.Instance).All(i => _sets.TryGetValue(i, out var below) && below.IsWhole);
        var seal = isChain ? await _verifier.VerifySealAsync(set.Seals[0], Sealed(set.Instance), limit, cancellationToken).ConfigureAwait(false) : null;
        var stated = set.Seals.Count == 1 ? set.Seals[0] : null;
        return new ArcSetCheck
        {
            Instance = set.Instance,
            Domain = Shown(stated?.Domain),
            Selector = Shown(stated?.Selector),
            Algorithm = Shown(stated?.Algorithm),
            ChainStatus = Shown(stated?.ChainStatus),
            SealedAt = stated?.SignedAt,
            SealResult = seal?.Verdict.Result ?? DkimResult.None,
            SealReason = Printable.Escape(seal?.Verdict.Reason ?? (set.IsWhole ? "It was not verified, for the sets below are not whole." : $"The set is not whole: it has {set.Results.Count} ARC-Authentication-Results, {set.Signatures.Count} ARC-Message-Signature and {set.Seals.Count} ARC-Seal.")),
            SignatureResult = message?.Verdict.Result ?? DkimResult.None,
            SignatureReason = Printable.Escape(message?.Verdict.Reason ?? "There is not one signature."),
            IsWhole = set.IsWhole,
        };
    }

    // RFC 8617 section 5.1.1: of each set from the first, results, signature and seal; section 5.1.2: who has found the chain broken seals his own set alone.
    private IEnumerable<RawField> Sealed(int instance) =>
        Enumerable.Range(1, instance).Where(i => i == instance || !SaysFail(_sets[instance].Seals[0].ChainStatus)).Select(i => _sets[i])
            .SelectMany(set => new[] { set.Results[0], set.Signatures[0].Field, set.Seals[0].Field });

    private static bool SaysFail(string? status) => string.Equals(status, "fail", StringComparison.OrdinalIgnoreCase);

    // The steps of RFC 8617 section 5.2.
    private (ArcResult Result, string Reason) Judge(List<ArcSetCheck> checks)
    {
        if (_fault is not null) return (ArcResult.Fail, _fault);
        var newest = checks[checks.Count - 1];
        if (SaysFail(newest.ChainStatus)) return (ArcResult.Fail, $"{newest.Domain} has found the chain broken before it (cv=fail).");
        if (checks.Where((check, i) => check.Instance != i + 1).Any()) return (ArcResult.Fail, $"The chain has gaps: it has the instances {string.Join(", ", checks.Select(check => check.Instance))}.");
        if (checks.Find(check => !check.IsWhole) is { } torn) return (ArcResult.Fail, $"Instance {torn.Instance}: {torn.SealReason}");
        if (checks.Find(check => !string.Equals(check.ChainStatus, check.Instance == 1 ? "none" : "pass", StringComparison.OrdinalIgnoreCase)) is { } wrong)
            return (ArcResult.Fail, $"Instance {wrong.Instance} says cv={wrong.ChainStatus}, which cannot be there.");
        if (checks.Find(check => check.SealResult == DkimResult.TempError) is { } later) return (ArcResult.TempError, $"Instance {later.Instance}: {later.SealReason}");
        if (newest.SignatureResult == DkimResult.TempError) return (ArcResult.TempError, $"Instance {newest.Instance}: {newest.SignatureReason}");
        if (newest.SignatureResult != DkimResult.Pass) return (ArcResult.Fail, $"The message is not the one that {newest.Domain} has signed (instance {newest.Instance}): {newest.SignatureReason}");
        if (checks.FindLast(check => check.SealResult != DkimResult.Pass) is { } broken) return (ArcResult.Fail, $"Instance {broken.Instance}, by {broken.Domain}: {broken.SealReason}");
        return (ArcResult.Pass, $"The chain is whole; it was sealed by {string.Join(", then ", checks.Select(check => check.Domain))}.");
    }

    // RFC 8617 section 5.2 has it for reports: since which instance the message is unchanged; 0 where it is since before the first.
    private static int? OldestPass(List<ArcSetCheck> checks)
    {
        if (checks.Count == 0 || checks[checks.Count - 1].SignatureResult != DkimResult.Pass) return null;
        var failed = checks.FindLast(check => check.SignatureResult != DkimResult.Pass);
        return failed is null ? 0 : failed.Instance + 1;
    }

    private static string? Shown(string? text) => text is null ? null : Printable.Escape(Printable.Shorten(text));
}
