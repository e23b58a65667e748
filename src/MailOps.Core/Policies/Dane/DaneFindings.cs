using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Policies.Dane;

/// <summary>What is to be said of the TLSA records of a server, and what to do.</summary>
/// <param name="server">The server's name.</param>
/// <param name="recordName">Where its records are.</param>
internal sealed class DaneFindings(string server, string recordName)
{
    private const int MaxNamed = 3;      // records named in one sentence: more is a list
    private const int MaxShown = 24;     // characters of one

    private readonly List<RecordFinding> _all = [];

    public IReadOnlyList<RecordFinding> All => _all;

    public void MxNotProven(string domain) => Add(FindingSeverity.Warning,
        $"The MX records of {domain} are not proven by DNSSEC: whoever forges the answer sends mail to servers of his own, whatever the records of this one are.",
        $"Sign the zone of {domain}. If it is signed, ask a DNS server that validates, with -Server.");

    public void TooMany(string domain, int count, int looked) => Add(FindingSeverity.Warning,
        FormattableString.Invariant($"{domain} has {count} mail exchangers, of which the first {looked} were looked at."), "Publish a few: senders do not try them all.");

    public void NoName(string exchanger) => Add(FindingSeverity.Error, $"The mail exchanger {exchanger} is no host name.", "Correct the MX record: it names a host, not an address or a URL.");

    public void NoAddress(DnsStatus status, string? detail) => Add(FindingSeverity.Error,
        status == DnsStatus.Failed ? $"The DNS gave no answer that can be trusted for the addresses of {server}: {detail}. Senders do not deliver to it now." : $"{server} has no address.",
        status == DnsStatus.Failed ? "If it stays so, the signatures of its zone (DNSSEC) are wrong or have expired: sign it again." : "Give it an A or AAAA record, or take it out of the MX records.");

    public void NoAnswer(string failure) => Add(FindingSeverity.Error,
        $"{char.ToUpperInvariant(failure[0])}{failure.Substring(1)}. Senders that know DANE do not deliver to this server.",
        "Sign the zone again if its signatures are wrong or have expired; name servers that do not answer for TLSA must be upgraded.");

    public void Missing(bool isProven) => Add(FindingSeverity.Warning,
        $"There is no TLSA record at {recordName}: who is on the way can keep TLS off mail to this server, unless MTA-STS prevents that.",
        isProven ? "Publish the sum of the server's key: 3 1 1 and the SHA-256 of its public key, in hexadecimal."
        : "Sign the zone (DNSSEC) first; then publish the sum of the server's key: 3 1 1 and the SHA-256 of its public key, in hexadecimal. If it is signed, ask a DNS server that validates, with -Server.");

    public void NotProven(int count) => Add(FindingSeverity.Warning,
        $"The {(count == 1 ? "TLSA record" : FormattableString.Invariant($"{count} TLSA records"))} at {recordName} {(count == 1 ? "counts" : "count")} for nothing, since DNSSEC does not prove the answers.",
        "Sign the zones of the server's name and of its records. If they are signed, ask a DNS server that validates, with -Server.");

    /// <summary>What can be said of the records without the server's certificate.</summary>
    public void OfRecords(DaneRecords records)
    {
        foreach (var same in records.All.GroupBy(DaneRecords.WhyUnusable).Where(group => group.Key is not null))
            Add(FindingSeverity.Warning, $"A record cannot be used: {same.Key} ({Named(same)}).", "Replace it by 3 1 1 and the SHA-256 of the server's public key, or delete it.");
        var usable = records.Usable;
        if (usable.Count == 0)
        {
            Add(FindingSeverity.Error, "None of the TLSA records can be used: senders insist on TLS, and cannot tell the server from another.", "Publish 3 1 1 and the SHA-256 of the server's public key, in hexadecimal.");
            return;
        }
        if (records.All.Where(record => DaneRecords.WhyUnusable(record) is null && !usable.Contains(record)).ToArray() is { Length: > 0 } weaker)
            Add(FindingSeverity.Information, $"Where senders know SHA-512, a SHA-256 sum of the same kind beside it does not count ({Named(weaker)}).", "Publish both sums of each key, or SHA-256 alone.");
        if (usable.All(record => record.Matching == DaneRecords.Sha512) && !records.All.Any(record => record.Matching == DaneRecords.Sha256))
            Add(FindingSeverity.Warning, "The records have SHA-512 sums alone, which not every sender knows: SHA-256 is what all must know.", "Publish the SHA-256 sums (matching type 1) in their place.");
        if (usable.Where(record => record.Matching == DaneRecords.Exact).ToArray() is { Length: > 0 } whole)
            Add(FindingSeverity.Information, $"A record holds all of a certificate or key, and not its sum: answers get long, and not all networks pass them on ({Named(whole)}).", "Publish the SHA-256 (matching type 1).");
        if (usable.Where(record => record is { Usage: DaneRecords.EndEntity, Selector: DaneRecords.Certificate }).ToArray() is { Length: > 0 } bound)
            Add(FindingSeverity.Information, $"A record is of the server's whole certificate, so that it is wrong after each renewal ({Named(bound)}).", "Publish the sum of the key (3 1 1), and keep the key when the certificate is renewed.");
        if (usable.Count == 1)
            Add(FindingSeverity.Information, "There is one record that counts: between a new key at the server and its record in all caches, no mail would come.",
                "Before the key changes publish the next one's record beside it, wait for the time to live (TTL), then change the key, and delete the old record last.");
    }

    public void NotCompared(SmtpServerFinding problem) => Add(FindingSeverity.Warning, $"The records could not be compared with the server's certificate: {problem.Problem}", problem.Advice);

    public void NoTls(SmtpServerFinding problem) => Add(FindingSeverity.Error, $"Senders that know DANE do not deliver to this server, for there is no TLS: {problem.Problem}", problem.Advice);

    /// <summary>What the server's certificate has shown.</summary>
    public void OfMatch(DaneFault? fault, IReadOnlyList<DaneRecord> records)
    {
        if (fault is not null)
        {
            Add(FindingSeverity.Error, $"Senders that know DANE do not deliver to this server: {fault.Text}.", fault.Kind switch
            {
                DaneFaultKind.NotTimeValid => "Renew the certificate, or publish the sum of the server's own key (3 1 1), of which dates do not count.",
                DaneFaultKind.OtherName => "Have a certificate issued for one of these names, or publish the sum of the server's own key (3 1 1), of which names do not count.",
                DaneFaultKind.NotTrusted => "Let the server send the certificates up to the authority of the record (a full chain file), or publish the sum of its own key (3 1 1).",
                _ => "Publish the record of the key that the server has now, at once. At the next change publish the new key's record first, wait for the time to live (TTL), and then change the key.",
            });
            return;
        }
        if (records.Where(record => record.IsMatch == false).ToArray() is { Length: > 0 } others)
            Add(FindingSeverity.Information, $"A record does not match the certificate that the server shows now ({Named(others.Select(record => record.ToString()))}).", "Leave it if it is of the next key; delete it if it is of an old one.");
    }

    private static string Named(IEnumerable<TlsaRecord> records) => Named(records.Select(DaneRecords.Text));

    private static string Named(IEnumerable<string> records)
    {
        var all = records.ToArray();
        var named = string.Join(", ", all.Take(MaxNamed).Select(text => Printable.Shorten(text, MaxShown)));
        return all.Length > MaxNamed ? FormattableString.Invariant($"{named} and {all.Length - MaxNamed} more") : named;
    }

    private void Add(FindingSeverity severity, string message, string advice) => _all.Add(DomainRecords.Find(severity, server, 0, message, advice));
}
