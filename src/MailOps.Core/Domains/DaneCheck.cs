using MailOps.Dns;
using MailOps.Policies.Dane;
using static MailOps.FindingSeverity;

namespace MailOps.Domains;

/// <summary>How the mail exchangers of a domain prove themselves by the DNS, all together.</summary>
/// <param name="surveyor">Who looks at each.</param>
internal sealed class DaneCheck(DaneSurveyor surveyor)
{
    public async Task<CheckResult<DaneRecordReport[]>> LookAsync(string domain, MailExchangers found, CancellationToken cancellationToken)
    {
        var reports = await surveyor.SurveyAsync(domain, found, cancellationToken).ConfigureAwait(false);
        var without = reports.Where(report => report.Verdict == RecordVerdict.Missing).ToArray();
        if (without.Length == reports.Length)
        {
            return new CheckResult<DaneRecordReport[]>(MailDomainCheck.Dane, reports)
            {
                Findings =
                [
                    CheckResult.Find(MailDomainCheck.Dane, Information, domain, "No mail exchanger has TLSA records: who is on the way can keep TLS off mail to the domain, unless MTA-STS prevents that.",
                        "Sign the zones (DNSSEC) and publish 3 1 1 with the SHA-256 of each server's public key, or publish an MTA-STS policy."),
                ],
            };
        }
        var worst = reports.Except(without).Max(report => report.Verdict);
        var findings = reports.Except(without).SelectMany(report => report.Findings).GroupBy(finding => (finding.Domain, finding.Message)).Select(same => same.First()).ToList();
        if (without.Length > 0)
        {
            findings.Add(DomainRecords.Find(Warning, domain, 0, $"Of the mail exchangers some have no TLSA records ({string.Join(", ", without.Select(report => report.NameExchange))}): an attacker has mail sent to these.", "Publish records for all of them."));
            worst = worst == RecordVerdict.Valid ? RecordVerdict.Warning : worst;
        }
        return CheckResult<DaneRecordReport[]>.Reported(MailDomainCheck.Dane, reports, worst, findings);
    }
}
