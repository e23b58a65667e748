using MailOps.Authenticity.Signatures;
using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity.Dmarc;

/// <summary>What DMARC is asked about beside the author: what SPF and DKIM have said.</summary>
/// <param name="IsSpfKnown">Whether SPF was asked.</param>
/// <param name="Spf">What it said of the sender of the envelope.</param>
/// <param name="SpfDomain">Whose domain that is, in A-label form.</param>
/// <param name="Signatures">The signatures.</param>
internal sealed record DmarcEvidence(bool IsSpfKnown, SpfResult Spf, string? SpfDomain, IReadOnlyList<VerifiedSignature> Signatures);

/// <summary>What DMARC says of one domain of the From field.</summary>
/// <param name="Check">The outcome.</param>
/// <param name="IsUndecided">Whether what is not known could change it.</param>
internal sealed record DmarcOutcome(DmarcCheck Check, bool IsUndecided = false)
{
    /// <summary>Which domains stand for the author's, whether or not they have passed.</summary>
    public HashSet<string> Aligned { get; init; } = new(StringComparer.Ordinal);
}

/// <summary>Evaluates DMARC (RFC 9989 section 5.3) for the domains of a From field.</summary>
/// <param name="dns">Who is asked.</param>
internal sealed class DmarcEvaluator(IDnsInspector dns)
{
    private readonly Dictionary<string, DmarcWalk> _walks = new(StringComparer.Ordinal);

    /// <summary>Evaluates one domain.</summary>
    /// <param name="domain">In A-label form.</param>
    /// <param name="evidence">What SPF and DKIM said.</param>
    /// <param name="limit">Ends the questions; what is not answered by then is a temporary error.</param>
    /// <param name="cancellationToken">Ends everything.</param>
    public async Task<DmarcOutcome> EvaluateAsync(string domain, DmarcEvidence evidence, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            return await EvaluateAsync(domain, evidence, limit).ConfigureAwait(false);
        }
        catch (MailOpsException e) when (e.Code == ErrorCode.DnsFailed)
        {
            return Later(domain, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Later(domain, "The time was over before the DNS had told the policy.");
        }
    }

    private static DmarcOutcome Later(string domain, string reason) =>
        new(new DmarcCheck { Result = DmarcResult.TempError, Domain = domain, Reason = Printable.Escape(reason), Advice = "Try again, or ask another DNS server with -Server." }, IsUndecided: true);

    private async Task<DmarcOutcome> EvaluateAsync(string domain, DmarcEvidence evidence, CancellationToken cancellationToken)
    {
        var walk = await WalkAsync(domain, cancellationToken).ConfigureAwait(false);
        var record = walk.Record;
        var (dkim, spf) = (record?.AlignmentOf("adkim") ?? DmarcAlignment.Relaxed, record?.AlignmentOf("aspf") ?? DmarcAlignment.Relaxed);
        var aligned = new HashSet<string>(StringComparer.Ordinal);
        foreach (var signer in evidence.Signatures.Select(DomainOf).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (await IsAlignedAsync(domain, signer, dkim, walk, cancellationToken).ConfigureAwait(false)) aligned.Add("dkim=" + signer);
        }
        if (evidence.SpfDomain is { } sender && await IsAlignedAsync(domain, sender, spf, walk, cancellationToken).ConfigureAwait(false)) aligned.Add("spf=" + sender);

        var by = evidence.Signatures.Where(signature => signature.Passes && aligned.Contains("dkim=" + DomainOf(signature))).Select(signature => "dkim=" + DomainOf(signature)).Distinct(StringComparer.Ordinal).ToList();
        if (evidence.Spf == SpfResult.Pass && aligned.Contains("spf=" + evidence.SpfDomain)) by.Add("spf=" + evidence.SpfDomain);
        var isLater = by.Count == 0 && (evidence.Spf == SpfResult.TempError || evidence.Signatures.Any(signature => signature.Verdict.Result == DkimResult.TempError && aligned.Contains("dkim=" + DomainOf(signature))));
        var isUndecided = by.Count == 0 && (isLater || !evidence.IsSpfKnown);
        var policy = record is { Applies: true } ? await walk.PolicyAsync(dns, cancellationToken).ConfigureAwait(false) : (DmarcPolicy?)null;
        var (result, reason, advice) = Judge(domain, walk, policy, evidence, by, isLater, isUndecided);
        var check = new DmarcCheck
        {
            Result = result,
            Reason = Printable.Escape(reason),
            Advice = advice,
            Domain = domain,
            Policy = policy,
            RequestedAction = result != DmarcResult.Fail ? null : record!.IsTesting ? DmarcPolicy.None : policy,
            AlignedBy = [.. by],
            DkimAlignment = dkim,
            SpfAlignment = spf,
            Record = record is null ? null : Printable.Escape(record.Text),
            RecordDomain = record?.Domain,
            OrganizationalDomain = walk.OrganizationalDomain,
        };
        return new DmarcOutcome(check, isUndecided) { Aligned = aligned };
    }

    private static (DmarcResult Result, string Reason, string? Advice) Judge(string domain, DmarcWalk walk, DmarcPolicy? policy, DmarcEvidence evidence, List<string> by, bool isLater, bool isUndecided)
    {
        if (walk.Record is null)
            return (DmarcResult.None, walk.Findings.Count > 0 ? walk.Findings[0].Message : $"{domain} has no DMARC policy.", $"Publish one if the domain is yours; Resolve-DmarcRecord {domain} tells how.");
        if (policy is null) return (DmarcResult.PermError, $"The DMARC record of {walk.Record.Domain} has neither a policy nor a place for reports, so receivers pass it over.", $"Correct the record; Resolve-DmarcRecord {domain} tells what is wrong.");
        if (by.Count > 0) return (DmarcResult.Pass, $"{string.Join(" and ", by)} stands for {domain}.", null);
        if (isLater) return (DmarcResult.TempError, $"Nothing that has passed stands for {domain}, but the DNS did not answer all.", "Try again, or ask another DNS server with -Server.");
        if (isUndecided) return (DmarcResult.None, $"No DKIM signature that passes stands for {domain}, and what SPF says is not known.", HandOver.Advice);
        return (DmarcResult.Fail, $"Nothing that has passed stands for {domain}: {Passed(evidence)}.",
            $"If the mail is yours, have it signed with DKIM for {domain}, or sent with a sender of the envelope within it; if not, it is forged or was changed on its way.");
    }

    private static string Passed(DmarcEvidence evidence)
    {
        var passed = evidence.Signatures.Where(signature => signature.Passes).Select(DomainOf).OfType<string>().Distinct(StringComparer.Ordinal).Select(signer => "DKIM passes for " + signer).ToList();
        if (evidence.Spf == SpfResult.Pass) passed.Add("SPF passes for " + evidence.SpfDomain);
        return passed.Count > 0 ? string.Join(", ", passed) : evidence.Signatures.Count > 0 ? "neither SPF nor DKIM passes" : "SPF does not pass, and there is no DKIM signature";
    }

    /// <summary>Whether a domain stands for the author's (RFC 9989 section 4.4).</summary>
    private async Task<bool> IsAlignedAsync(string author, string domain, DmarcAlignment alignment, DmarcWalk walk, CancellationToken cancellationToken)
    {
        if (domain == author) return true;
        if (alignment == DmarcAlignment.Strict) return false;
        // Without the same end they cannot have the same organizational domain, and need not be asked about.
        if (domain != walk.OrganizationalDomain && !domain.EndsWith("." + walk.OrganizationalDomain, StringComparison.Ordinal)) return false;
        return (await WalkAsync(domain, cancellationToken).ConfigureAwait(false)).OrganizationalDomain == walk.OrganizationalDomain;
    }

    private async Task<DmarcWalk> WalkAsync(string domain, CancellationToken cancellationToken)
    {
        if (!_walks.TryGetValue(domain, out var walk)) _walks.Add(domain, walk = await DmarcWalk.FromAsync(domain, dns, cancellationToken).ConfigureAwait(false));
        return walk;
    }

    private static string? DomainOf(VerifiedSignature signature) => SignatureField.NameOf(signature.Field.Domain);
}
