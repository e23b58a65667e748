using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity.Dkim;

/// <summary>Fetches DKIM keys, reads and judges them (RFC 6376 section 3.6.1).</summary>
/// <param name="dns">Who is asked.</param>
public sealed class DkimSurveyor(IDnsInspector dns)
{
    /// <summary>Looks a key over.</summary>
    /// <param name="domain">A domain name, with U-labels or A-labels.</param>
    /// <param name="selector">The name of the key within the domain.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.InvalidDomain"/>, <see cref="ErrorCode.DnsNoSuchDomain"/> or <see cref="ErrorCode.DnsFailed"/> where there is nothing to look over. A selector without a record is a report.
    /// </exception>
    public async Task<DkimRecordReport> SurveyAsync(string domain, string selector, CancellationToken cancellationToken)
    {
        var (ascii, _, name) = DkimKeyPublication.NameOf(domain, selector);
        var answer = DomainRecords.Known(await dns.ResolveTxtAsync(name, cancellationToken).ConfigureAwait(false), name);
        if (answer.Records.Count == 0 && !await DomainRecords.ExistsAsync(dns, ascii, cancellationToken).ConfigureAwait(false)) throw DomainRecords.NoSuchDomain(domain);

        var text = answer.Records.FirstOrDefault(IsKey) ?? (answer.Records.Count > 0 ? answer.Records[0] : null);
        var key = text is null ? null : new DkimKeyRecord(text);
        var findings = new List<RecordFinding>();
        if (key is null) findings.Add(DomainRecords.Find(FindingSeverity.Error, ascii, 0, $"There is no key at {name}: signatures by it do not count.", "Check the selector (s= of a DKIM-Signature field), or publish the key."));
        // RFC 6376 section 3.6.2.2: what several records mean is left open.
        if (answer.Records.Count > 1) findings.Add(DomainRecords.Find(FindingSeverity.Error, ascii, 0, $"There are {answer.Records.Count} TXT records at {name}; which one receivers take is left to chance.", "Delete all but one."));
        if (key is not null) findings.AddRange(DkimJudgement.Of(key, ascii));
        return new DkimRecordReport
        {
            Domain = domain,
            Selector = selector,
            RecordName = name,
            Verdict = key is null ? RecordVerdict.Missing : DomainRecords.VerdictOf(findings),
            KeyType = key?.Type,
            KeySize = key?.Size ?? 0,
            IsRevoked = key?.IsRevoked ?? false,
            IsTesting = key?.Has("t", "y") ?? false,
            Record = text is null ? null : Printable.Escape(text),
            Findings = [.. findings],
            TTL = answer.Ttl,
        };
    }

    /// <summary>Whether a TXT record is meant for a key.</summary>
    internal static bool IsKey(string text) => TagList.Read(text, StringComparison.Ordinal)["p"] is not null;
}
