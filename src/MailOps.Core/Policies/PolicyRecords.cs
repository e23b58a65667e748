using MailOps.Dns;

namespace MailOps.Policies;

/// <summary>What looking over MTA-STS and TLS-RPT has in common.</summary>
internal static class PolicyRecords
{
    /// <summary>The TXT records at a name below a domain.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.DnsFailed"/>, or <see cref="ErrorCode.DnsNoSuchDomain"/> where the domain itself is none.</exception>
    public static async Task<DnsAnswer<string>> AskAsync(IDnsInspector dns, string domain, string name, string recordName, CancellationToken cancellationToken)
    {
        var answer = DomainRecords.Known(await dns.ResolveTxtAsync(recordName, cancellationToken).ConfigureAwait(false), recordName);
        if (answer.Records.Count == 0 && !await DomainRecords.ExistsAsync(dns, name, cancellationToken).ConfigureAwait(false)) throw DomainRecords.NoSuchDomain(domain);
        return answer;
    }

    /// <summary>The text of the first record of a version; null where there is none.</summary>
    public static string? TextOf(DnsAnswer<string> answer, string version) => answer.Records.FirstOrDefault(record => TaggedRecord.Begins(record, version));

    /// <summary>A fault of a record as a finding.</summary>
    public static RecordFinding Find(PolicyFault fault, string domain) =>
        DomainRecords.Find(FindingSeverity.Error, domain, fault.Column, char.ToUpperInvariant(fault.Reason[0]) + fault.Reason.Substring(1) + ".", "Correct it: with a fault senders pass the record over.");
}
