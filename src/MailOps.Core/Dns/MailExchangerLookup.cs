using System.Net;
using MailOps.Messages;

namespace MailOps.Dns;

/// <summary>Finds the hosts that take mail for a domain, in the order a sender tries them (RFC 5321 section 5.1).</summary>
/// <remarks>
/// An address literal is its own host. Otherwise the MX records count, lowest preference first, equal ones shuffled to spread the load. A domain
/// that exists without MX records is its own host if it has an address; a single MX with an empty name says that it takes no mail (RFC 7505).
/// </remarks>
/// <param name="resolver">Who is asked.</param>
/// <param name="shuffle">Puts hosts of equal preference in the order of this turn. Default: at random; tests pass their own.</param>
public sealed class MailExchangerLookup(IDnsResolver resolver, Func<IReadOnlyList<string>, IReadOnlyList<string>>? shuffle = null)
{
    private static readonly Random Dice = new();

    private readonly Func<IReadOnlyList<string>, IReadOnlyList<string>> _shuffle = shuffle ?? AtRandom;

    /// <summary>Finds the hosts of a domain.</summary>
    /// <param name="domain">A domain name, with U-labels or A-labels, or an address literal in brackets.</param>
    /// <param name="addresses">Whether to ask for each host's addresses as well; without, <see cref="MailHost.Addresses"/> is empty.</param>
    /// <param name="cancellationToken">Stops the look-up.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidDomain"/> where the text is not a domain. All else is an outcome.</exception>
    public async ValueTask<MailExchangers> FindAsync(string domain, bool addresses, CancellationToken cancellationToken)
    {
        if (Literal(domain) is { } literal)
            return new MailExchangers(domain, MailExchangersStatus.Found, [new MailHost(0, domain, [literal], TimeSpan.MaxValue)], TimeSpan.MaxValue, Implicit: true);

        if (!DomainName.TryToAscii(domain, out var name))
            throw new MailOpsException(ErrorCode.InvalidDomain, $"'{domain}' is not a domain name.", "Write it as labels joined by dots, for example example.com.");
        var answer = await resolver.ResolveMxAsync(name, cancellationToken).ConfigureAwait(false);
        var found = answer.Status switch
        {
            DnsStatus.Found => await FromMxAsync(domain, answer, addresses, cancellationToken).ConfigureAwait(false),
            DnsStatus.NoRecords => await FromAddressAsync(domain, name, cancellationToken).ConfigureAwait(false),
            DnsStatus.NoSuchDomain => new MailExchangers(domain, MailExchangersStatus.NoSuchDomain, [], answer.Ttl),
            _ => new MailExchangers(domain, MailExchangersStatus.Failed, [], TimeSpan.Zero, Detail: answer.Detail),
        };
        return found with { IsSecure = answer.IsSecure, CanonicalName = answer.CanonicalName };
    }

    private async ValueTask<MailExchangers> FromMxAsync(string domain, DnsAnswer<MxRecord> answer, bool addresses, CancellationToken cancellationToken)
    {
        // RFC 7505 section 3: a null MX stands alone; among others it means nothing.
        var named = answer.Records.Where(mx => mx.Exchange.Length > 0).ToArray();
        if (named.Length == 0) return new MailExchangers(domain, MailExchangersStatus.NullMx, [], answer.Ttl);

        var hosts = new List<MailHost>();
        // RFC 5321 section 5.1: sorted by preference, and shuffled where it is equal. One name listed twice is tried at its better place.
        foreach (var equal in named.GroupBy(mx => mx.Preference).OrderBy(group => group.Key))
        {
            var names = equal.Select(mx => mx.Exchange).Distinct(StringComparer.OrdinalIgnoreCase)
                .Where(exchange => !hosts.Exists(host => string.Equals(host.Name, exchange, StringComparison.OrdinalIgnoreCase))).ToArray();
            hosts.AddRange(_shuffle(names).Select(exchange => new MailHost(equal.Key, exchange, [], answer.Ttl)));
        }
        return addresses
            ? await WithAddressesAsync(domain, hosts, answer.Ttl, cancellationToken).ConfigureAwait(false)
            : new MailExchangers(domain, MailExchangersStatus.Found, hosts, answer.Ttl);
    }

    private async ValueTask<MailExchangers> WithAddressesAsync(string domain, List<MailHost> hosts, TimeSpan ttl, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(hosts.Select(host => resolver.ResolveAddressesAsync(host.Name, cancellationToken).AsTask())).ConfigureAwait(false);
        var found = hosts.Zip(answers, (host, answer) => host with { Addresses = answer.Records, IsSecure = answer.IsSecure, CanonicalName = answer.CanonicalName }).ToArray();
        if (answers.Any(answer => answer.Status == DnsStatus.Found)) return new MailExchangers(domain, MailExchangersStatus.Found, found, ttl);

        // None usable: temporary as long as one of them may still get an address, otherwise an error that must be reported (RFC 5321 section 5.1).
        return answers.FirstOrDefault(answer => answer.Status == DnsStatus.Failed) is { } failed
            ? new MailExchangers(domain, MailExchangersStatus.Failed, found, TimeSpan.Zero, Detail: failed.Detail)
            : new MailExchangers(domain, MailExchangersStatus.NoAddress, found, ttl,
                Detail: $"none of its mail exchangers ({string.Join(", ", hosts.Select(host => host.Name))}) has an address");
    }

    private async ValueTask<MailExchangers> FromAddressAsync(string domain, string name, CancellationToken cancellationToken)
    {
        // RFC 5321 section 5.1: no MX at all, hence an implicit one of preference 0 that points at the domain itself.
        var answer = await resolver.ResolveAddressesAsync(name, cancellationToken).ConfigureAwait(false);
        return answer.Status switch
        {
            DnsStatus.Found => new MailExchangers(domain, MailExchangersStatus.Found, [Own(name, answer)], answer.Ttl, Implicit: true),
            DnsStatus.Failed => new MailExchangers(domain, MailExchangersStatus.Failed, [], TimeSpan.Zero, Detail: answer.Detail),
            _ => new MailExchangers(domain, MailExchangersStatus.NoAddress, [], answer.Ttl, Detail: "it has neither a mail exchanger (MX) nor an address"),
        };
    }

    private static MailHost Own(string name, DnsAnswer<IPAddress> answer) => new(0, name, answer.Records, answer.Ttl) { IsSecure = answer.IsSecure, CanonicalName = answer.CanonicalName };

    private static IPAddress? Literal(string domain)
    {
        if (domain.Length < 3 || domain[0] != '[' || domain[domain.Length - 1] != ']') return null;
        var inner = domain.Substring(1, domain.Length - 2);
        if (inner.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase)) inner = inner.Substring(5);
        return IPAddress.TryParse(inner, out var address) ? address : null;
    }

    private static IReadOnlyList<string> AtRandom(IReadOnlyList<string> hosts)
    {
        if (hosts.Count < 2) return hosts;
        lock (Dice) return [.. hosts.Select(host => (host, Key: Dice.Next())).OrderBy(pair => pair.Key).Select(pair => pair.host)];
    }
}

/// <summary>What the look-up for one domain found: an outcome, never an exception.</summary>
/// <param name="Domain">The domain as it was given.</param>
/// <param name="Status">Whether there are hosts, and if not, why.</param>
/// <param name="Hosts">The hosts in the order they are tried; those without an address too, with none.</param>
/// <param name="Ttl">How long this may be kept.</param>
/// <param name="Implicit">Whether the domain is its own host, for want of an MX.</param>
/// <param name="Detail">What went wrong, in words; null where nothing did.</param>
public sealed record MailExchangers(
    string Domain, MailExchangersStatus Status, IReadOnlyList<MailHost> Hosts, TimeSpan Ttl, bool Implicit = false, string? Detail = null)
{
    /// <summary>Whether DNSSEC proves what the domain's mail exchangers are, or that there are none (<see cref="DnsAnswer{T}.IsSecure"/>).</summary>
    public bool IsSecure { get; init; }

    /// <summary>The domain's name at the end of the aliases (CNAME); null where it is none.</summary>
    public string? CanonicalName { get; init; }
}

/// <summary>One host that takes mail.</summary>
/// <param name="Preference">The MX preference; 0 for an implicit MX.</param>
/// <param name="Name">Its name, as A-labels; an address literal in its brackets.</param>
/// <param name="Addresses">Its addresses in the order they are tried; empty where it has none or they were not asked for.</param>
/// <param name="Ttl">How long the record that named it may be kept.</param>
public sealed record MailHost(int Preference, string Name, IReadOnlyList<IPAddress> Addresses, TimeSpan Ttl)
{
    /// <summary>Whether DNSSEC proves the addresses, and each alias on the way to them.</summary>
    public bool IsSecure { get; init; }

    /// <summary>Its name at the end of the aliases (CNAME); null where <see cref="Name"/> is none.</summary>
    public string? CanonicalName { get; init; }
}

/// <summary>What a domain's mail exchangers can be.</summary>
public enum MailExchangersStatus
{
    /// <summary>At least one host; with an address, where addresses were asked for.</summary>
    Found,
    /// <summary>The domain says that it takes no mail (RFC 7505). Permanent: 556 5.1.10.</summary>
    NullMx,
    /// <summary>The domain does not exist. Permanent: 5.1.2.</summary>
    NoSuchDomain,
    /// <summary>The domain exists, but neither it nor any of its mail exchangers has an address. Permanent: 5.4.4.</summary>
    NoAddress,
    /// <summary>The DNS did not answer. Temporary: 4.4.3.</summary>
    Failed,
}
