using MailOps.Authenticity.Dkim;
using MailOps.Dns;
using static MailOps.FindingSeverity;

namespace MailOps.Domains;

/// <summary>The DKIM keys of a domain: those named, or those at selectors that are common.</summary>
/// <param name="dns">Who is asked.</param>
/// <param name="selectors">The selectors; none for the common ones.</param>
internal sealed class DkimCheck(IDnsInspector dns, IReadOnlyList<string> selectors)
{
    private readonly DkimSurveyor _surveyor = new(dns);

    public async Task<CheckResult<DkimRecordReport[]>> LookAsync(string domain, string name, CancellationToken cancellationToken)
    {
        if (selectors.Count > 0) return Judge(await Task.WhenAll(selectors.Select(selector => _surveyor.SurveyAsync(domain, selector, cancellationToken))).ConfigureAwait(false));
        var seen = await Task.WhenAll(DkimSelectors.Common.Select(selector => SeenAsync(domain, name, selector, cancellationToken))).ConfigureAwait(false);
        var keys = seen.OfType<DkimRecordReport>().ToArray();
        if (keys.Length > 0) return Judge(keys);
        return new CheckResult<DkimRecordReport[]>(MailDomainCheck.Dkim, [])
        {
            Findings =
            [
                CheckResult.Find(MailDomainCheck.Dkim, Information, name, "No DKIM key was seen at the selectors that are common, which need not mean that there is none.",
                    "Name the selector (s= in a DKIM-Signature field of the domain's mail) with -DkimSelector. If the domain does not sign its mail, let it."),
            ],
        };
    }

    private static CheckResult<DkimRecordReport[]> Judge(DkimRecordReport[] keys)
    {
        var findings = keys.SelectMany(key => key.Findings.Select(finding =>
            CheckResult.Find(MailDomainCheck.Dkim, finding.Severity, key.RecordName, finding.Message, finding.Advice, finding.Column))).ToArray();
        return CheckResult<DkimRecordReport[]>.Judged(MailDomainCheck.Dkim, keys, findings);
    }

    // What answers to every name is no key; and one that was withdrawn, or is not known now, nobody has asked for.
    private async Task<DkimRecordReport?> SeenAsync(string domain, string name, string selector, CancellationToken cancellationToken)
    {
        var answer = await dns.ResolveTxtAsync($"{selector}._domainkey.{name}", cancellationToken).ConfigureAwait(false);
        if (!answer.Records.Any(DkimSurveyor.IsKey)) return null;
        var key = await _surveyor.SurveyAsync(domain, selector, cancellationToken).ConfigureAwait(false);
        return key.IsRevoked ? null : key;
    }
}
