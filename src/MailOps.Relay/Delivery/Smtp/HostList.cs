using System.Net;
using System.Net.Sockets;
using MailOps.Dns;
using MailOps.Messages;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>
/// The addresses of a next hop in the order they are tried: the one server that is named, or the domain's mail exchangers by preference, but
/// for ourselves and everything we would only pass on to ourselves from (RFC 5321 section 5.1).
/// </summary>
internal sealed class HostList(NextHop hop, string ownName, OwnEndPoints own, IDnsResolver dns)
{
    // As Postfix (smtp_mx_address_limit): a domain with fifty dead addresses must not hold a slot for half an hour. Of several servers that are named none has them all.
    private const int MaxAddresses = 5, MaxOfSeveral = 10;

    private readonly HostFamily _family = new(hop);
    private volatile string? _unknown;

    /// <summary>Why the preferred one of several servers was passed over when they were last looked for: it has no address; null where it has.</summary>
    public string? Unknown => _unknown;

    /// <exception cref="SmtpFailureException">There is none, and why.</exception>
    public async ValueTask<IReadOnlyList<SmtpHost>> FindAsync(CancellationToken cancellationToken)
    {
        if (hop.Server is { UnixPath: { } path }) return [new SmtpHost("localhost", new UnixDomainSocketEndPoint(path)) { IsNameTrusted = true }];
        if (hop.Server is null && hop.Servers is { Count: > 0 } several) return await SeveralAsync(several, cancellationToken).ConfigureAwait(false);
        var hosts = hop.Server is { } server ? await NamedAsync(server, cancellationToken).ConfigureAwait(false) : await ExchangersAsync(cancellationToken).ConfigureAwait(false);
        return [.. _family.Of(hosts).Take(MaxAddresses)];
    }

    // One that the DNS does not know now is passed over as one that does not answer would be.
    private async ValueTask<IReadOnlyList<SmtpHost>> SeveralAsync(IReadOnlyList<HostPort> servers, CancellationToken cancellationToken)
    {
        SmtpFailureException? last = null;
        var found = await Task.WhenAll(servers.Select(FindOneAsync)).ConfigureAwait(false);
        _unknown = found[0].Any() ? null : last?.Reply.Text;
        List<SmtpHost> hosts = [.. found.SelectMany(one => one.Take(Math.Max(1, MaxOfSeveral / servers.Count)))];
        return hosts.Count > 0 ? hosts : throw last!;

        async Task<IReadOnlyList<SmtpHost>> FindOneAsync(HostPort server)
        {
            try
            {
                return server.UnixPath is { } path
                    ? [new SmtpHost("localhost", new UnixDomainSocketEndPoint(path)) { IsNameTrusted = true }]
                    : [.. _family.Of(await NamedAsync(server, cancellationToken).ConfigureAwait(false))];
            }
            catch (SmtpFailureException failure)
            {
                last = failure;
                return [];
            }
        }
    }

    private async ValueTask<IEnumerable<SmtpHost>> NamedAsync(HostPort server, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(server.Host, out var address)) return [new SmtpHost(server.Host, new IPEndPoint(address, server.Port)) { IsNameTrusted = true }];
        var name = DomainName.ToAscii(server.Host);
        var answer = await dns.ResolveAddressesAsync(name, cancellationToken).ConfigureAwait(false);
        // The name is the administrator's, not the sender's: a wrong one keeps mail queued until it is corrected.
        return answer.Status switch
        {
            DnsStatus.Found => answer.Records.Select(a => new SmtpHost(name, new IPEndPoint(a, server.Port)) { IsNameTrusted = true, IsSecure = answer.IsSecure, CanonicalName = answer.CanonicalName }),
            DnsStatus.Failed => throw Failure(451, "4.4.3", $"The DNS gave no answer for the server {name}: {answer.Detail}"),
            _ => throw Failure(451, "4.4.4", $"The server {name} has no address in the DNS"),
        };
    }

    private async ValueTask<IEnumerable<SmtpHost>> ExchangersAsync(CancellationToken cancellationToken)
    {
        if (!DomainName.TryToAscii(hop.Name, out var domain)) throw Failure(550, "5.1.2", $"'{hop.Name}' is not a domain name");
        var found = await new MailExchangerLookup(dns).FindAsync(domain, addresses: true, cancellationToken).ConfigureAwait(false);
        var hosts = found.Status switch
        {
            MailExchangersStatus.Found => found.Hosts,
            MailExchangersStatus.NullMx => throw Failure(556, "5.1.10", $"The domain {domain} takes no mail (null MX)"),   // RFC 7505 section 4.1
            MailExchangersStatus.NoSuchDomain => throw Failure(550, "5.1.2", $"The domain {domain} does not exist"),
            MailExchangersStatus.NoAddress => throw Failure(550, "5.4.4", $"No mail can reach the domain {domain}: {found.Detail}"),
            _ => throw Failure(451, "4.4.3", $"The DNS gave no answer for the domain {domain}: {found.Detail}"),
        };
        var name = DomainName.ToAscii(ownName);
        var limit = hosts.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || h.Addresses.Any(a => own.Contains(a, hop.Port))).Select(h => (int?)h.Preference).Min();
        var others = limit is { } ours ? [.. hosts.Where(h => h.Preference < ours)] : hosts;
        if (others.Count == 0) throw Failure(550, "5.4.6", $"The mail exchanger of {domain} is this relay, for which it is not a local domain");
        var addresses = others.SelectMany(h => h.Addresses.Where(a => !OwnEndPoints.IsUnspecified(a)).Select(a => Exchanger(h, a, domain, found))).ToList();
        if (addresses.Count == 0 && others.Any(h => h.Addresses.Count > 0)) throw Failure(550, "5.4.4", $"The mail exchangers of {domain} have no address that mail can be sent to");
        return addresses.Count > 0 ? addresses : throw Failure(451, "4.4.4", $"The better mail exchangers of {domain} have no address in the DNS");
    }

    private SmtpHost Exchanger(MailHost host, IPAddress address, string domain, MailExchangers found) => new(host.Name, new IPEndPoint(address, hop.Port))
    {
        // RFC 8689 section 4.2.1: a signed MX record is as good as the administrator's word.
        IsNameTrusted = found.IsSecure || host.Name.Equals(domain, StringComparison.OrdinalIgnoreCase),
        IsSecure = host.IsSecure,
        CanonicalName = host.CanonicalName,
        Domains = found.IsSecure ? [domain, .. found.CanonicalName is { } canonical ? (string[])[canonical] : []] : [],
    };

    private static SmtpFailureException Failure(int code, string enhancedCode, string text) => new(SmtpStep.Route, new SmtpReply(code, enhancedCode, text));
}
