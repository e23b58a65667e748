using MailOps.Authenticity.Dmarc;
using MailOps.Authenticity.Signatures;
using MailOps.Messages;

namespace MailOps.Authenticity;

/// <summary>All that was found about one message, put into the object that a user gets.</summary>
internal sealed class AuthenticityReport(
    SignedMessage message, MailHeader header, AuthorField author, MessageSpf spf, IReadOnlyList<VerifiedSignature> signatures, int signatureFields, IReadOnlyList<DmarcOutcome> dmarc, ArcCheck arc, DateTimeOffset at)
{
    /// <summary>How many domains of one From field are asked about.</summary>
    public const int MostAuthors = 5;

    private const int MostNames = 200;   // of the signed fields that are shown

    private HashSet<string> Aligned { get; } = dmarc.Count > 0 ? dmarc[0].Aligned : new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The object.</summary>
    public MessageAuthenticity Describe()
    {
        var checks = signatures.Select(Describe).ToArray();
        var mail = spf.Describe(Aligned.Contains("spf=" + spf.Domain));
        var policy = dmarc.Count > 0 ? dmarc[0].Check : NoAuthor();
        var verdict = Judge(policy);
        var best = checks.FirstOrDefault(check => check is { Result: DkimResult.Pass, IsAligned: true }) ?? checks.FirstOrDefault(check => check.Result == DkimResult.Pass) ?? checks.FirstOrDefault();
        return new MessageAuthenticity
        {
            Verdict = verdict,
            Reason = Reason(verdict, mail, policy),
            From = header.From is { } from ? Printable.Escape(from) : null,
            Subject = header.Subject is { } subject ? Printable.Escape(subject) : null,
            MessageId = header.MessageId is { } id ? Printable.Escape(id) : null,
            FromDomain = [.. author.Domains],
            Spf = mail,
            DkimResult = best?.Result ?? DkimResult.None,
            Dkim = checks,
            Dmarc = policy,
            Arc = arc,
            Claims = header.Verdicts,
            Findings = [.. new AuthenticityFindings(message, author, signatures, signatureFields, at).Of(checks, mail, policy, arc, verdict).OrderByDescending(finding => finding.Severity)],
            Path = header.Path,
        };
    }

    private DmarcCheck NoAuthor() => new()
    {
        Result = DmarcResult.PermError,
        Reason = author.Fields == 0 ? "The message has no From field." : author.Fields > 1 ? $"The message has {author.Fields} From fields, of which programs show different ones." : "The From field has no address with a domain.",
        Advice = "No honest program sends such a message: refuse it.",
    };

    private DkimCheck Describe(VerifiedSignature signature)
    {
        var field = signature.Field;
        return new DkimCheck
        {
            Result = signature.Verdict.Result,
            Reason = Printable.Escape(signature.Verdict.Reason),
            Advice = signature.Verdict.Advice is { } advice ? Printable.Escape(advice) : null,
            Domain = Shown(field.Domain),
            Selector = Shown(field.Selector),
            IsAligned = SignatureField.NameOf(field.Domain) is { } domain && Aligned.Contains("dkim=" + domain),
            Algorithm = Shown(field.Algorithm),
            Canonicalization = field.Fault is null ? field.Canonicalization : null,
            Identity = Shown(field.Identity),
            KeySize = signature.Key?.Size ?? 0,
            IsTesting = signature.IsTesting,
            SignedHeaders = [.. field.SignedHeaders.Take(MostNames).Select(Printable.Escape)],
            UnsignedBytes = signature.UnsignedBytes,
            SignedAt = field.SignedAt,
            ExpiresAt = field.ExpiresAt,
        };
    }

    private AuthenticityVerdict Judge(DmarcCheck policy)
    {
        if (dmarc.Count == 0) return AuthenticityVerdict.Failed;
        if (policy.Result == DmarcResult.Fail) return AuthenticityVerdict.Failed;
        if (author.Domains.Count > MostAuthors) return AuthenticityVerdict.Failed;
        // Each author has to be stood for, with a policy or without one.
        if (dmarc.All(outcome => outcome.Check.AlignedBy.Length > 0)) return AuthenticityVerdict.Authentic;
        return dmarc.Any(outcome => outcome.IsUndecided) ? AuthenticityVerdict.Unknown : AuthenticityVerdict.Unproven;
    }

    private static string Reason(AuthenticityVerdict verdict, MessageSpfCheck mail, DmarcCheck policy) => verdict switch
    {
        AuthenticityVerdict.Authentic when policy.Result != DmarcResult.Pass => $"{string.Join(" and ", policy.AlignedBy)} stands for {policy.Domain}, which has no policy.",
        AuthenticityVerdict.Unproven => $"Nothing stands for {policy.Domain}, and it has no policy that says what that means.",
        AuthenticityVerdict.Unknown when policy.Result == DmarcResult.None && !mail.IsEvaluated => $"No DKIM signature that passes stands for {policy.Domain}. {mail.Reason}",
        _ => policy.Reason,
    };

    private static string? Shown(string? text) => text is null ? null : Printable.Escape(Printable.Shorten(text));
}
