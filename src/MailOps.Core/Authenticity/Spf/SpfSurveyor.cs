using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity.Spf;

/// <summary>Fetches the SPF record of a domain, reads it with all that it leads to, and judges it.</summary>
/// <param name="dns">Who is asked.</param>
/// <param name="limits">The limits of receivers. Default: as the RFC says.</param>
public sealed class SpfSurveyor(IDnsInspector dns, SpfLimits? limits = null)
{
    private readonly SpfLimits _limits = limits ?? new SpfLimits();

    /// <summary>Looks a domain's record over.</summary>
    /// <param name="domain">A domain name, with U-labels or A-labels.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.InvalidDomain"/>, <see cref="ErrorCode.DnsNoSuchDomain"/> or <see cref="ErrorCode.DnsFailed"/> where there is nothing to look over. A domain without a record is a report.
    /// </exception>
    public async Task<SpfRecordReport> SurveyAsync(string domain, CancellationToken cancellationToken)
    {
        var name = DomainRecords.NameOf(domain);
        var answer = DomainRecords.Known(await dns.ResolveTxtAsync(name, cancellationToken).ConfigureAwait(false), domain);
        if (answer.Status == DnsStatus.NoSuchDomain) throw DomainRecords.NoSuchDomain(domain);

        var records = answer.Records.Where(SpfRecord.IsOne).ToArray();
        return records.Length switch
        {
            0 => Missing(domain, name, answer),
            1 => await ReadAsync(domain, name, records[0], answer.Ttl, cancellationToken).ConfigureAwait(false),
            _ => Several(domain, name, records, answer.Ttl),
        };
    }

    private async Task<SpfRecordReport> ReadAsync(string domain, string name, string text, TimeSpan ttl, CancellationToken cancellationToken)
    {
        var record = SpfParser.Parse(text);
        var walk = new SpfWalk(dns, _limits);
        await walk.ReadAsync(record, name, isLast: true, cancellationToken).ConfigureAwait(false);
        var findings = walk.Findings.ToArray();
        return new SpfRecordReport
        {
            Domain = domain,
            Verdict = DomainRecords.VerdictOf(findings),
            Record = Printable.Escape(text),
            Terms = [.. record.Terms.Select(Shown)],
            LookupCount = walk.Lookups,
            VoidLookupCount = walk.Voids,
            Tree = walk.Tree,
            Findings = findings,
            TTL = ttl,
        };
    }

    private static SpfRecordTerm Shown(SpfTerm term) => new()
    {
        Column = term.Column,
        Term = term.Text,
        Result = (term as SpfDirective)?.Result,
        IsLookup = term is SpfDirective { AsksDns: true } or SpfModifier { Name: "redirect" },
    };

    private static SpfRecordReport Missing(string domain, string name, DnsAnswer<string> answer)
    {
        var near = answer.Records.FirstOrDefault(text => text.TrimStart(' ', '\t', '"').StartsWith("v=spf", StringComparison.OrdinalIgnoreCase));
        var message = near is null ? "The domain has no SPF record." : $"The domain has no SPF record; '{Printable.Shorten(near)}' is none, for it does not begin with v=spf1 and a space.";
        return new SpfRecordReport
        {
            Domain = domain,
            Verdict = RecordVerdict.Missing,
            Findings = [DomainRecords.Find(FindingSeverity.Error, name, 0, message, "Publish a TXT record: v=spf1, the servers that send for the domain, and -all; v=spf1 -all where none does.")],
            TTL = answer.Ttl,
        };
    }

    private static SpfRecordReport Several(string domain, string name, string[] records, TimeSpan ttl) => new()
    {
        Domain = domain,
        Verdict = RecordVerdict.Invalid,
        Record = Printable.Escape(records[0]),
        Findings =
        [
            DomainRecords.Find(FindingSeverity.Error, name, 0, $"The domain has {records.Length} SPF records, and only one can be: receivers give PermError.", "Join their terms into one record and delete the others."),
            .. records.Select(record => DomainRecords.Find(FindingSeverity.Information, name, 0, record, null)),
        ],
        TTL = ttl,
    };
}
