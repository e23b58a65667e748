using System.Net;
using System.Net.Sockets;
using MailOps.Dns;
using MailOps.Messages;
using static MailOps.FindingSeverity;

namespace MailOps.Domains;

/// <summary>The mail exchangers of a domain, and their addresses.</summary>
/// <param name="dns">Who is asked.</param>
internal sealed class MxCheck(IDnsInspector dns)
{
    /// <summary>Mail exchangers looked at, the first ones: a domain with more is broken, or wants to keep others busy.</summary>
    private const int MaxHosts = 16;

    /// <summary>Addresses of one looked at.</summary>
    private const int MaxAddresses = 8;

    /// <exception cref="MailOpsException"><see cref="ErrorCode.DnsNoSuchDomain"/>.</exception>
    public async Task<CheckResult<MxLook>> LookAsync(string domain, string name, CancellationToken cancellationToken)
    {
        var answer = await dns.ResolveMxAsync(name, cancellationToken).ConfigureAwait(false);
        if (answer.Status == DnsStatus.NoSuchDomain) throw DomainRecords.NoSuchDomain(domain);
        if (answer.IsUnanswered)
            return CheckResult<MxLook>.Unknown(MailDomainCheck.Mx, name, $"No DNS server answered for the mail exchangers: {answer.Detail}.", "Ask a DNS server that answers, with -Server; this says nothing of the domain.");
        var found = await new MailExchangerLookup(dns, equals => equals).FindAsync(name, addresses: false, cancellationToken).ConfigureAwait(false);
        var findings = new List<MailDomainFinding>();
        var hosts = await Task.WhenAll(found.Hosts.Take(MaxHosts).Select(host => OfHostAsync(host, cancellationToken))).ConfigureAwait(false);
        OfDomain(name, answer, found, findings);
        foreach (var host in hosts) OfHost(name, host, found.Implicit, findings);
        if (hosts.Length > 0) OfAll(name, found.Hosts.Count, hosts, findings);
        return CheckResult<MxLook>.Judged(MailDomainCheck.Mx, new MxLook(found, hosts), findings);
    }

    private async Task<MxHost> OfHostAsync(MailHost host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host.Name, out _) || !DomainName.TryToAscii(host.Name, out var name)) return new MxHost(host, null, []);
        var answer = await dns.ResolveAddressesAsync(name, cancellationToken).ConfigureAwait(false);
        return new MxHost(host, answer, [.. answer.Records.Distinct().Take(MaxAddresses)]);
    }

    private static void OfDomain(string name, DnsAnswer<MxRecord> answer, MailExchangers found, List<MailDomainFinding> findings)
    {
        switch (found.Status)
        {
            case MailExchangersStatus.Failed:
                Add(findings, Error, name, $"The DNS gave no answer for the mail exchangers: {found.Detail}. Senders keep mail back until it does.", "Check the name servers of the domain. If a server that validates alone fails, the signatures (DNSSEC) are wrong or have expired.");
                break;
            case MailExchangersStatus.NoAddress or MailExchangersStatus.NoSuchDomain:
                Add(findings, Error, name, $"The domain takes no mail: {found.Detail}.", "Publish an MX record that names a host with an address, or a null MX (0 and a dot) if it is meant so.");
                break;
            case MailExchangersStatus.NullMx:
                Add(findings, Information, name, "The domain says that it takes no mail (null MX).", null);
                break;
            default:
                if (found.Implicit)
                    Add(findings, Warning, name, "The domain has no MX record: senders try its own address, where perhaps a web server is.", "Publish an MX record, or a null MX (0 and a dot) if the domain takes no mail.");
                break;
        }
        // RFC 7505 section 3: a null MX stands alone.
        if (answer.Records.Count > 1 && answer.Records.Any(mx => mx.Exchange.Length == 0))
            Add(findings, Error, name, "A null MX stands beside other MX records: some senders deliver, others return the mail.", "Delete the null MX, or all others.");
    }

    private static void OfHost(string name, MxHost host, bool isImplicit, List<MailDomainFinding> findings)
    {
        var exchanger = host.Host.Name;
        if (host.Answer is not { } answer)
        {
            Add(findings, Error, name, $"The mail exchanger {exchanger} is no host name, so nobody finds it.", "Name a host in the MX record: not an address, not a URL.");
            return;
        }
        // RFC 5321 section 5.1: the name in an MX record is no alias.
        if (answer.CanonicalName is { } end && !isImplicit)
            Add(findings, Warning, exchanger, $"The mail exchanger {exchanger} is an alias (CNAME) of {end}, which MX records must not name: some senders refuse that.", $"Name {Printable.Escape(end)} in the MX record, or give {exchanger} addresses of its own.");
        if (answer.Status == DnsStatus.Failed)
            Add(findings, Warning, exchanger, $"The DNS gave no answer for the addresses of {exchanger}: {answer.Detail}.", "Check the name servers of its domain.");
        else if (answer.Status != DnsStatus.Found)
            Add(findings, Error, exchanger, $"The mail exchanger {exchanger} has no address.", "Give it an A or AAAA record, or delete its MX record.");
        foreach (var address in host.Addresses)
        {
            if (AddressRange.NameOf(address) is { } kind)
                Add(findings, Error, exchanger, $"The address {address} of {exchanger} is {kind}: nobody outside reaches it.", "Publish the address by which the Internet reaches the server, in public DNS; a second view of the zone serves those within.");
        }
    }

    private static void OfAll(string name, int count, MxHost[] hosts, List<MailDomainFinding> findings)
    {
        if (count > MaxHosts)
            Add(findings, Warning, name, FormattableString.Invariant($"There are {count} mail exchangers, of which the first {MaxHosts} were looked at."), "Publish a few: senders do not try them all.");
        if (count == 1)
            Add(findings, Information, name, $"There is only one mail exchanger, {hosts[0].Host.Name}: while it is down, mail waits at the senders.", "That is enough where the server is many machines in fact, as with the large providers; otherwise add a second one in another network.");
        var addresses = hosts.SelectMany(host => host.Addresses).ToArray();
        if (addresses.Length > 0 && !addresses.Any(address => address.AddressFamily == AddressFamily.InterNetwork))
            Add(findings, Warning, name, "No mail exchanger has an IPv4 address: senders without IPv6 cannot deliver.", "Give one of them an A record.");
    }

    private static void Add(List<MailDomainFinding> findings, FindingSeverity severity, string place, string message, string? advice) =>
        findings.Add(CheckResult.Find(MailDomainCheck.Mx, severity, place, message, advice));
}

/// <summary>The mail exchangers of a domain.</summary>
/// <param name="Found">What the look-up found, without addresses.</param>
/// <param name="Hosts">Those looked at.</param>
internal sealed record MxLook(MailExchangers Found, IReadOnlyList<MxHost> Hosts)
{
    /// <summary>Their addresses that others can reach.</summary>
    public IEnumerable<(string Host, IPAddress Address)> Public =>
        Hosts.SelectMany(host => host.Addresses.Where(address => AddressRange.NameOf(address) is null).Select(address => (Printable.Escape(host.Host.Name), address)));

    /// <summary>Whether the domain takes mail, so that it has something to protect.</summary>
    public bool TakesMail => Found.Status is MailExchangersStatus.Found or MailExchangersStatus.Failed;
}

/// <summary>One mail exchanger.</summary>
/// <param name="Host">Its record.</param>
/// <param name="Answer">What the DNS says of its addresses; null where its name is none.</param>
/// <param name="Addresses">Its addresses, as many as are looked at.</param>
internal sealed record MxHost(MailHost Host, DnsAnswer<IPAddress>? Answer, IReadOnlyList<IPAddress> Addresses);
