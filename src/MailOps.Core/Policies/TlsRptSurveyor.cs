using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Policies;

/// <summary>Fetches TLS-RPT records, reads and judges them.</summary>
/// <param name="dns">Who is asked.</param>
public sealed class TlsRptSurveyor(IDnsInspector dns)
{
    /// <summary>Looks a domain's record over.</summary>
    /// <param name="domain">A domain name, with U-labels or A-labels.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.InvalidDomain"/>, <see cref="ErrorCode.DnsNoSuchDomain"/> or <see cref="ErrorCode.DnsFailed"/> where there is nothing to look over. A domain without a record is a report.
    /// </exception>
    public async Task<TlsRptRecordReport> SurveyAsync(string domain, CancellationToken cancellationToken)
    {
        var name = DomainRecords.NameOf(domain);
        var answer = await PolicyRecords.AskAsync(dns, domain, name, TlsRptRecord.NameFor(name), cancellationToken).ConfigureAwait(false);
        var text = PolicyRecords.TextOf(answer, TlsRptRecord.Version);
        var reading = TlsRptRecord.Choose(answer.Records);
        var findings = new List<RecordFinding>();
        if (reading is { Value: null, Fault: null })
        {
            findings.Add(DomainRecords.Find(FindingSeverity.Warning, name, 0, "The domain has no TLS-RPT record, so nobody tells it of mail that TLS keeps away.",
                $"Publish a TXT record at {TlsRptRecord.NameFor(name)}: v=TLSRPTv1; rua=mailto: with an address for reports."));
        }
        if (reading.Fault is { } fault) findings.Add(PolicyRecords.Find(fault, name));
        foreach (var uri in reading.Value?.Uris ?? [])
        {
            if (!uri.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) && !uri.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
                findings.Add(DomainRecords.Find(FindingSeverity.Warning, name, text!.IndexOf(uri, StringComparison.Ordinal) + 1, $"No report goes to {Printable.Shorten(uri)}: senders know mailto and https alone.", "Write mailto: and an address."));
        }
        return new TlsRptRecordReport
        {
            Domain = domain,
            Verdict = reading is { Value: null, Fault: null } ? RecordVerdict.Missing : DomainRecords.VerdictOf(findings),
            ReportUri = [.. (reading.Value?.Uris ?? []).Select(Printable.Escape)],
            Record = text is null ? null : Printable.Escape(text),
            Findings = [.. findings],
            TTL = answer.Ttl,
        };
    }
}
