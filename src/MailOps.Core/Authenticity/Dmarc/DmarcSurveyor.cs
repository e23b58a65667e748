using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity.Dmarc;

/// <summary>Finds the DMARC record that counts for a domain, reads and judges it.</summary>
/// <param name="dns">Who is asked.</param>
public sealed class DmarcSurveyor(IDnsInspector dns)
{
    // A record of a stranger must not make us ask without end.
    private const int MostHosts = 10;

    /// <summary>Looks a domain's record over.</summary>
    /// <param name="domain">A domain name, with U-labels or A-labels.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.InvalidDomain"/>, <see cref="ErrorCode.DnsNoSuchDomain"/> or <see cref="ErrorCode.DnsFailed"/> where there is nothing to look over. A domain without a record is a report.
    /// </exception>
    public async Task<DmarcRecordReport> SurveyAsync(string domain, CancellationToken cancellationToken)
    {
        var name = DomainRecords.NameOf(domain);
        var walk = await DmarcWalk.FromAsync(name, dns, cancellationToken).ConfigureAwait(false);
        if (walk.Record is null) return await MissingAsync(domain, name, walk, cancellationToken).ConfigureAwait(false);

        var record = walk.Record;
        var findings = walk.Findings.Concat(DmarcJudgement.Of(record, isOwn: record.Domain == name)).ToList();
        findings.AddRange(await StrangersAsync(record, walk.OrganizationalDomain, cancellationToken).ConfigureAwait(false));
        return new DmarcRecordReport
        {
            Domain = domain,
            Verdict = DomainRecords.VerdictOf(findings),
            Policy = record.Applies ? await walk.PolicyAsync(dns, cancellationToken).ConfigureAwait(false) : null,
            SubdomainPolicy = record.Applies ? record.SubdomainPolicy : null,
            NonexistentPolicy = record.Applies ? record.NonexistentPolicy : null,
            IsTesting = record.IsTesting,
            DkimAlignment = record.AlignmentOf("adkim"),
            SpfAlignment = record.AlignmentOf("aspf"),
            AggregateReportUri = [.. record.Aggregate.Where(uri => uri.Fault is null).Select(uri => Printable.Escape(uri.Text))],
            FailureReportUri = [.. record.Failure.Where(uri => uri.Fault is null).Select(uri => Printable.Escape(uri.Text))],
            Record = Printable.Escape(record.Text),
            RecordDomain = record.Domain,
            OrganizationalDomain = walk.OrganizationalDomain,
            Walk = [.. walk.Asked],
            Findings = [.. findings],
            TTL = walk.Ttl,
        };
    }

    private async Task<DmarcRecordReport> MissingAsync(string domain, string name, DmarcWalk walk, CancellationToken cancellationToken)
    {
        if (!await DomainRecords.ExistsAsync(dns, name, cancellationToken).ConfigureAwait(false)) throw DomainRecords.NoSuchDomain(domain);
        return new DmarcRecordReport
        {
            Domain = domain,
            Verdict = walk.Findings.Count > 0 ? RecordVerdict.Invalid : RecordVerdict.Missing,
            OrganizationalDomain = walk.OrganizationalDomain,
            Walk = [.. walk.Asked],
            Findings =
            [
                .. walk.Findings,
                DomainRecords.Find(FindingSeverity.Error, name, 0, "No DMARC record counts for the domain: anybody can write mail in its name.",
                    $"Publish a TXT record at _dmarc.{walk.OrganizationalDomain}: v=DMARC1; p=none; rua=mailto: with an address for reports. Once all mail of the domain passes, change p to reject."),
            ],
            TTL = walk.Ttl,
        };
    }

    // RFC 9990 section 4: somebody who gets reports on other domains says so in the DNS, or gets none.
    private async Task<IEnumerable<RecordFinding>> StrangersAsync(DmarcRecord record, string organization, CancellationToken cancellationToken)
    {
        var findings = new List<RecordFinding>();
        var strangers = record.Aggregate.Concat(record.Failure).Where(uri => uri is { Fault: null, Host: not null } && !IsWithin(uri.Host, organization));
        foreach (var uri in strangers.GroupBy(uri => uri.Host).Select(group => group.First()).Take(MostHosts))
        {
            if (!DomainName.TryToAscii($"{record.Domain}._report._dmarc.{uri.Host}", out var name)) continue;
            var answer = await dns.ResolveTxtAsync(name, cancellationToken).ConfigureAwait(false);
            if (answer.Status == DnsStatus.Failed)
                findings.Add(DomainRecords.Find(FindingSeverity.Warning, record.Domain, uri.Column, $"Whether {uri.Host} takes reports on {record.Domain} is not known, for the DNS gives no answer for {name}.", "Try again later."));
            else if (!answer.Records.Any(DmarcRecord.IsOne))
                findings.Add(DomainRecords.Find(FindingSeverity.Warning, record.Domain, uri.Column, $"{uri.Host} does not say that it takes reports on {record.Domain}, so none are sent there.", $"Have a TXT record published at {name}: v=DMARC1;"));
        }
        return findings;
    }

    private static bool IsWithin(string host, string domain) =>
        string.Equals(host, domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
}
