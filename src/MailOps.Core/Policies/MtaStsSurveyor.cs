using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Policies;

/// <summary>Fetches the MTA-STS record and policy of a domain, reads them, and holds them against its mail exchangers.</summary>
/// <param name="dns">Who is asked.</param>
/// <param name="fetcher">Who fetches policies; its owner disposes it. Null for nobody: the record alone is looked over.</param>
public sealed class MtaStsSurveyor(IDnsInspector dns, MtaStsFetcher? fetcher)
{
    // RFC 8461 section 3.2 has weeks in mind: while senders have no policy in their caches, there is no protection.
    private static readonly TimeSpan ShortAge = TimeSpan.FromDays(1);

    /// <summary>Looks a domain's policy over.</summary>
    /// <param name="domain">A domain name, with U-labels or A-labels.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.InvalidDomain"/>, <see cref="ErrorCode.DnsNoSuchDomain"/> or <see cref="ErrorCode.DnsFailed"/> where there is nothing to look over. A domain without a policy is a report.
    /// </exception>
    public async Task<MtaStsPolicyReport> SurveyAsync(string domain, CancellationToken cancellationToken)
    {
        var name = DomainRecords.NameOf(domain);
        var answer = await PolicyRecords.AskAsync(dns, domain, name, MtaStsRecord.NameFor(name), cancellationToken).ConfigureAwait(false);
        var record = MtaStsRecord.Choose(answer.Records);
        if (record is { Value: null, Fault: null }) return Missing(domain, name, answer.Ttl);

        var findings = new List<RecordFinding>();
        if (record.Fault is { } fault) findings.Add(PolicyRecords.Find(fault, name));
        var fetch = fetcher is null ? null : await fetcher.FetchAsync(name, cancellationToken).ConfigureAwait(false);
        if (fetch is null)
        {
            findings.Add(DomainRecords.Find(FindingSeverity.Information, name, 0, "The policy was not fetched, so the record alone was looked at.", null));
        }
        else if (fetch.Policy is { } policy)
        {
            findings.AddRange(OfPolicy(policy, name));
            findings.AddRange(await OfExchangersAsync(policy, name, cancellationToken).ConfigureAwait(false));
        }
        else
        {
            findings.Add(OfFailure(fetch, name));
        }
        return new MtaStsPolicyReport
        {
            Domain = domain,
            Verdict = DomainRecords.VerdictOf(findings),
            Mode = fetch?.Policy?.Mode,
            Mx = [.. fetch?.Policy?.Mx ?? []],
            MaxAge = fetch?.Policy?.MaxAge ?? TimeSpan.Zero,
            Id = record.Value?.Id,
            Record = PolicyRecords.TextOf(answer, MtaStsRecord.Version) is { } text ? Printable.Escape(text) : null,
            Policy = [.. (fetch?.Policy?.Lines ?? []).Select(Printable.Escape)],
            PolicyUri = MtaStsPolicy.UriFor(name),
            Findings = [.. findings],
            TTL = answer.Ttl,
        };
    }

    private static MtaStsPolicyReport Missing(string domain, string name, TimeSpan ttl) => new()
    {
        Domain = domain,
        Verdict = RecordVerdict.Missing,
        Findings =
        [
            DomainRecords.Find(FindingSeverity.Warning, name, 0, "The domain has no MTA-STS record: who is on the way can keep TLS off mail to it, unless DANE prevents that.",
                $"Publish a policy at {MtaStsPolicy.UriFor(name)}, and a TXT record at {MtaStsRecord.NameFor(name)}: v=STSv1; id= with letters and digits that change with the policy."),
        ],
        TTL = ttl,
    };

    private static IEnumerable<RecordFinding> OfPolicy(MtaStsPolicy policy, string name)
    {
        if (policy.Mode == MtaStsMode.None) yield return DomainRecords.Find(FindingSeverity.Warning, name, 0, "With mode: none the policy protects nothing.", "Change it to testing, and later to enforce.");
        if (policy.Mode == MtaStsMode.Testing) yield return DomainRecords.Find(FindingSeverity.Information, name, 0, "With mode: testing senders deliver without TLS all the same.", "Change it to enforce once the reports show no failures.");
        if (policy.MaxAge < ShortAge)
            yield return DomainRecords.Find(FindingSeverity.Warning, name, 0, $"Senders keep the policy for {policy.MaxAge.TotalSeconds} seconds alone, which protects little.", "Write max_age: 604800 or more, a week to a year.");
    }

    private async Task<IEnumerable<RecordFinding>> OfExchangersAsync(MtaStsPolicy policy, string name, CancellationToken cancellationToken)
    {
        if (policy.Mode == MtaStsMode.None) return [];
        var answer = DomainRecords.Known(await dns.ResolveMxAsync(name, cancellationToken).ConfigureAwait(false), name);
        // RFC 5321 section 5.1: without mail exchangers the domain is its own; RFC 7505 section 3: an empty name is none.
        var hosts = answer.Status == DnsStatus.Found ? answer.Records.Select(mx => mx.Exchange).Where(host => host.Length > 0).ToArray() : [name];
        var severity = policy.Mode == MtaStsMode.Enforce ? FindingSeverity.Error : FindingSeverity.Warning;
        return hosts.Where(host => !policy.Allows(host))
            .Select(host => DomainRecords.Find(severity, name, 0, $"The mail exchanger {host} is not in the policy" + (severity == FindingSeverity.Error ? ": senders do not deliver to it." : "."), $"Add mx: {host} to the policy, and change the id in the record."))
            .Concat(policy.Mx.Where(pattern => !hosts.Any(host => (policy with { Mx = [pattern] }).Allows(host)))
                .Select(pattern => DomainRecords.Find(FindingSeverity.Information, name, 0, $"The policy has mx: {pattern}, which is no mail exchanger of the domain.", "Leave it out unless it is about to be one.")));
    }

    private static RecordFinding OfFailure(MtaStsFetch fetch, string name)
    {
        var uri = MtaStsPolicy.UriFor(name);
        var (message, advice) = fetch.Status switch
        {
            MtaStsFetchStatus.CertificateInvalid => ($"The certificate at {uri} is not valid for its name: {fetch.Detail}", $"Install a certificate for {uri.Host} by an authority that all trust."),
            MtaStsFetchStatus.PolicyInvalid => ($"What is at {uri} is no policy: {fetch.Detail}.", "Correct the file."),
            _ => ($"There is no policy at {uri}: {fetch.Detail}.", "Have the web server answer there with 200, text/plain and the policy, without redirection."),
        };
        return DomainRecords.Find(FindingSeverity.Error, name, 0, message, advice);
    }
}
