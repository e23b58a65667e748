using System.Net.Sockets;
using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity.Dmarc;

/// <summary>The DNS tree walk of RFC 9989 section 4.10: from a domain upwards, not more than eight questions.</summary>
internal sealed class DmarcWalk
{
    private const int MostQuestions = 8;

    private readonly List<string> _asked = [];
    private readonly List<DmarcRecord> _records = [];

    private readonly string _start;

    private DmarcWalk(string start) => OrganizationalDomain = _start = start;

    /// <summary>The domains whose record was asked for.</summary>
    public IReadOnlyList<string> Asked => _asked;

    /// <summary>The one with the name that began the walk; otherwise that of its organizational domain, otherwise that of the public suffix above; null where none counts.</summary>
    public DmarcRecord? Record { get; private set; }

    /// <summary>The organizational domain of the one that began the walk (RFC 9989 section 4.10.2).</summary>
    public string OrganizationalDomain { get; private set; }

    /// <summary>How long what was found may be kept.</summary>
    public TimeSpan Ttl { get; private set; }

    /// <summary>What is to be said of the way: names with several records, of which none counts.</summary>
    public List<RecordFinding> Findings { get; } = [];

    /// <summary>Walks.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.DnsFailed"/>.</exception>
    public static async Task<DmarcWalk> FromAsync(string name, IDnsInspector dns, CancellationToken cancellationToken)
    {
        var walk = new DmarcWalk(name);
        for (string? at = name; at is not null && !walk._records.Exists(record => record.IsPublicSuffix is not null); at = Above(at))
            await walk.AskAsync(at, dns, cancellationToken).ConfigureAwait(false);
        walk.Choose(name);
        return walk;
    }

    /// <summary>The policy of the record for the name that began the walk.</summary>
    /// <remarks>RFC 9989 section 4.10.1: of a record above it sp counts, or np where it does not exist, which means here that it has neither mail exchanger nor address.</remarks>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.DnsFailed"/>.</exception>
    public async Task<DmarcPolicy> PolicyAsync(IDnsInspector dns, CancellationToken cancellationToken)
    {
        if (Record!.Domain == _start) return Record.Policy;
        if (DomainRecords.Known(await dns.ResolveMxAsync(_start, cancellationToken).ConfigureAwait(false), _start).Status == DnsStatus.Found) return Record.SubdomainPolicy;
        foreach (var family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
        {
            if (DomainRecords.Known(await dns.ResolveAddressesAsync(_start, family, cancellationToken).ConfigureAwait(false), _start).Status == DnsStatus.Found) return Record.SubdomainPolicy;
        }
        return Record.NonexistentPolicy;
    }

    // Of a name of more than eight labels the next one has seven.
    private static string? Above(string name)
    {
        var labels = name.Split('.');
        return labels.Length == 1 ? null : string.Join(".", labels.Skip(Math.Max(1, labels.Length - MostQuestions + 1)));
    }

    private async Task AskAsync(string at, IDnsInspector dns, CancellationToken cancellationToken)
    {
        _asked.Add(at);
        var answer = DomainRecords.Known(await dns.ResolveTxtAsync("_dmarc." + at, cancellationToken).ConfigureAwait(false), "_dmarc." + at);
        var records = answer.Records.Where(DmarcRecord.IsOne).ToArray();
        if (_asked.Count == 1 || records.Length > 0) Ttl = answer.Ttl;
        if (records.Length == 1) _records.Add(DmarcRecord.Read(records[0], at));
        if (records.Length > 1)
        {
            Findings.Add(DomainRecords.Find(FindingSeverity.Error, at, 0, $"{at} has {records.Length} DMARC records, and only one can be: receivers pass all of them over.", "Delete all but one."));
            Findings.AddRange(records.Select(record => DomainRecords.Find(FindingSeverity.Information, at, 0, record, null)));
        }
        if (records.Length == 0 && _asked.Count == 1 && answer.Records.FirstOrDefault(text => text.TrimStart(' ', '\t', '"').StartsWith("v=DMARC", StringComparison.OrdinalIgnoreCase)) is { } near)
            Findings.Add(DomainRecords.Find(FindingSeverity.Error, at, 1, $"'{Printable.Shorten(near)}' is no DMARC record, for it does not begin with v=DMARC1 and a semicolon.", "Begin it with v=DMARC1; in just these letters."));
    }

    private void Choose(string name)
    {
        var suffix = _records.Find(record => record.IsPublicSuffix == true && record.Domain != name);
        if (_records.Find(record => record.IsPublicSuffix == false) is { } own) OrganizationalDomain = own.Domain;
        else if (suffix is not null) OrganizationalDomain = string.Join(".", name.Split('.').Skip(name.Split('.').Length - suffix.Domain.Split('.').Length - 1));
        else if (_records.Count > 0) OrganizationalDomain = _records[_records.Count - 1].Domain;
        Record = _records.Find(record => record.Domain == name) ?? _records.Find(record => record.Domain == OrganizationalDomain) ?? suffix;
    }
}
