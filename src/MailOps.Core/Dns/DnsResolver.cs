using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace MailOps.Dns;

/// <summary>Asks DNS servers over UDP, and over TCP where an answer did not fit (RFC 7766 section 5).</summary>
public sealed class DnsResolver : IDnsInspector
{
    /// <summary>Aliases followed before the answer is a failure; resolvers follow them too, so more than a few is a loop.</summary>
    private const int MaxAliases = 8;

    private readonly Lazy<LookupClient> _client;
    private readonly bool? _trustDnssec;

    /// <summary>A resolver of the servers given, or of the system's.</summary>
    /// <param name="servers">Servers as <c>address</c>, <c>address:port</c> or <c>[address]:port</c>; none for the system's.</param>
    /// <param name="timeout">How long one server may take for one question, a second try included. Default: 10 seconds.</param>
    /// <param name="trustDnssec">
    /// Whether a server's word that it has validated an answer counts (<see cref="DnsAnswer{T}.IsSecure"/>). Default: only where the server is on this machine, for anyone on the
    /// way could say it.
    /// </param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidAddress"/> where a server is not an address.</exception>
    public DnsResolver(IReadOnlyList<string>? servers = null, TimeSpan? timeout = null, bool? trustDnssec = null)
    {
        _trustDnssec = trustDnssec;
        var endpoints = (servers ?? []).Select(ParseServer).ToArray();
        var perTry = TimeSpan.FromTicks((timeout ?? TimeSpan.FromSeconds(10)).Ticks / 2);
        // Lazy, because reading the system's servers is slow on Windows and can fail: that is an answer, not a constructor's error.
        _client = new Lazy<LookupClient>(() => new LookupClient(Options(endpoints, perTry)), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <inheritdoc/>
    public async ValueTask<DnsAnswer<MxRecord>> ResolveMxAsync(string domain, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(domain, QueryType.MX, cancellationToken).ConfigureAwait(false);
        return Select<DnsClient.Protocol.MxRecord, MxRecord>(answer, mx => new MxRecord(mx.Preference, TrimDot(mx.Exchange)));
    }

    /// <inheritdoc/>
    /// <remarks>IPv6 and IPv4 alternate, IPv6 first, so that the second try is the other family. An address and <c>localhost</c> are not asked for.</remarks>
    public async ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal)) return new DnsAnswer<IPAddress>(DnsStatus.Found, [literal], TimeSpan.MaxValue);
        // RFC 6761 section 6.3: localhost names are loopback, and are not sent to DNS servers.
        if (IsLocalhost(host)) return new DnsAnswer<IPAddress>(DnsStatus.Found, [IPAddress.Loopback, IPAddress.IPv6Loopback], TimeSpan.MaxValue);

        var six = AskAsync(host, QueryType.AAAA, cancellationToken);
        var four = AskAsync(host, QueryType.A, cancellationToken);
        await Task.WhenAll(six, four).ConfigureAwait(false);
        return Join(
            Select<AaaaRecord, IPAddress>(await six.ConfigureAwait(false), record => record.Address),
            Select<ARecord, IPAddress>(await four.ConfigureAwait(false), record => record.Address));
    }

    /// <inheritdoc/>
    public async ValueTask<DnsAnswer<TlsaRecord>> ResolveTlsaAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(name, QueryType.TLSA, cancellationToken).ConfigureAwait(false);
        return Select<DnsClient.Protocol.TlsaRecord, TlsaRecord>(answer, tlsa => new TlsaRecord((byte)tlsa.CertificateUsage, (byte)tlsa.Selector, (byte)tlsa.MatchingType, tlsa.CertificateAssociationData));
    }

    /// <inheritdoc/>
    public async ValueTask<DnsAnswer<string>> ResolveTxtAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(name, QueryType.TXT, cancellationToken).ConfigureAwait(false);
        return Select<TxtRecord, string>(answer, txt => string.Concat(txt.Text));
    }

    /// <inheritdoc/>
    public async ValueTask<DnsAnswer<string>> ResolveAliasAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(name, QueryType.CNAME, cancellationToken).ConfigureAwait(false);
        return Select<CNameRecord, string>(answer, alias => TrimDot(alias.CanonicalName));
    }

    /// <inheritdoc/>
    public async ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, AddressFamily family, CancellationToken cancellationToken) => family == AddressFamily.InterNetworkV6
        ? Select<AaaaRecord, IPAddress>(await AskAsync(host, QueryType.AAAA, cancellationToken).ConfigureAwait(false), record => record.Address)
        : Select<ARecord, IPAddress>(await AskAsync(host, QueryType.A, cancellationToken).ConfigureAwait(false), record => record.Address);

    /// <inheritdoc/>
    public async ValueTask<DnsAnswer<string>> ResolveNamesAsync(IPAddress address, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(TrimDot(address.GetArpaName()), QueryType.PTR, cancellationToken).ConfigureAwait(false);
        return Select<PtrRecord, string>(answer, pointer => TrimDot(pointer.PtrDomainName));
    }

    /// <inheritdoc/>
    public async ValueTask<DnsAnswer<SrvRecord>> ResolveSrvAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(name, QueryType.SRV, cancellationToken).ConfigureAwait(false);
        return Select<DnsClient.Protocol.SrvRecord, SrvRecord>(answer, srv => new SrvRecord(srv.Priority, srv.Weight, srv.Port, TrimDot(srv.Target)));
    }

    /// <summary>RFC 7672 section 2.1.3: the AD bit is worth no more than the way it came by; hence a resolver on this machine, or one that the administrator trusts.</summary>
    internal static bool IsTrusted(string server, bool? trustDnssec) => trustDnssec ?? (IPAddress.TryParse(server, out var address) && IPAddress.IsLoopback(address));

    private static LookupClientOptions Options(NameServer[] servers, TimeSpan perTry)
    {
        var options = servers.Length > 0 ? new LookupClientOptions(servers) : new LookupClientOptions();
        options.Timeout = perTry;
        options.Retries = 1;                                   // also after an answer to another question, late or forged
        options.UseCache = true;
        options.RequestDnsSecRecords = true;                   // the DO bit, without which a resolver need not say what it has validated (RFC 4035 section 3.2.1)
        options.MaximumCacheTimeout = TimeSpan.FromHours(1);   // a record with a day's life may still be corrected within the hour
        options.ThrowDnsErrors = false;
        options.UseRandomNameServer = false;
        options.ContinueOnDnsError = true;                     // a server that fails is no answer while another can give one
        options.ContinueOnEmptyResponse = false;
        return options;
    }

    /// <summary>Asks, and follows aliases that the server did not follow itself (RFC 1034 section 3.6.2).</summary>
    private async Task<Asked> AskAsync(string name, QueryType type, CancellationToken cancellationToken)
    {
        var asks = name;
        var isSecure = true;
        for (var aliases = 0; aliases <= MaxAliases; aliases++)
        {
            IDnsQueryResponse response;
            try
            {
                response = await _client.Value.QueryAsync(asks, type, QueryClass.IN, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is DnsResponseException or DnsResponseParseException or DnsXidMismatchException or SocketException or InvalidOperationException or ArgumentException)
            {
                cancellationToken.ThrowIfCancellationRequested();   // DnsClient reports a cancellation as a time-out
                return new Asked(DnsStatus.Failed, [], TimeSpan.Zero, Describe(e, type, asks)) { IsUnanswered = true };
            }

            isSecure &= response.Header.IsAuthenticData && IsTrusted(response.NameServer.Address, _trustDnssec);
            var target = type == QueryType.CNAME ? null : EndOfAliases(response, asks);
            var canonical = target ?? asks;
            var asked = Read(response, type, asks) with { IsSecure = isSecure, CanonicalName = string.Equals(canonical, name, StringComparison.OrdinalIgnoreCase) ? null : canonical };
            if (asked.Status != DnsStatus.NoRecords || target is null) return asked;
            asks = target;
        }
        return new Asked(DnsStatus.Failed, [], TimeSpan.Zero, $"more than {MaxAliases} aliases (CNAME) in a row, at {asks}");
    }

    // Null where the name is no alias.
    private static string? EndOfAliases(IDnsQueryResponse response, string name)
    {
        string? end = null;
        var aliases = response.Answers.CnameRecords().ToList();
        while (aliases.Find(alias => string.Equals(TrimDot(alias.DomainName), end ?? name, StringComparison.OrdinalIgnoreCase)) is { } next)
        {
            aliases.Remove(next);   // each once: a loop ends
            end = TrimDot(next.CanonicalName);
        }
        return end;
    }

    private static Asked Read(IDnsQueryResponse response, QueryType type, string name)
    {
        var records = response.Answers.Where(record => (int)record.RecordType == (int)type).ToArray();
        return response.Header.ResponseCode switch
        {
            DnsHeaderResponseCode.NoError when records.Length > 0 =>
                new Asked(DnsStatus.Found, records, TimeSpan.FromSeconds(response.Answers.Min(record => record.InitialTimeToLive))),
            DnsHeaderResponseCode.NoError => new Asked(DnsStatus.NoRecords, [], NegativeTtl(response)),
            DnsHeaderResponseCode.NotExistentDomain => new Asked(DnsStatus.NoSuchDomain, [], NegativeTtl(response)),
            var code => new Asked(DnsStatus.Failed, [], TimeSpan.Zero, $"{response.NameServer.Address} answered {code} for {type} {name}"),
        };
    }

    /// <summary>RFC 2308 section 5: the lesser of the SOA's own life and its last field.</summary>
    private static TimeSpan NegativeTtl(IDnsQueryResponse response) =>
        response.Authorities.SoaRecords().FirstOrDefault() is { } soa
            ? TimeSpan.FromSeconds(Math.Min(soa.InitialTimeToLive, soa.Minimum))
            : TimeSpan.Zero;

    private static string Describe(Exception exception, QueryType type, string name) => exception switch
    {
        DnsResponseException { Code: DnsResponseCode.ConnectionTimeout } => $"no DNS server answered for {type} {name}",
        DnsResponseException response => $"the DNS answer for {type} {name} could not be used: {response.DnsError}",
        // Without DnsClient's own words, which hold the answer, of up to 64 KiB.
        DnsResponseParseException => $"the DNS answer for {type} {name} could not be used: it is malformed",
        DnsXidMismatchException => $"the DNS answer for {type} {name} could not be used: it answers another question",
        _ => $"the question for {type} {name} could not be asked: {exception.Message}",
    };

    private static DnsAnswer<T> Select<TRecord, T>(Asked asked, Func<TRecord, T> read)
        where TRecord : DnsResourceRecord =>
        new(asked.Status, [.. asked.Records.OfType<TRecord>().Select(read)], asked.Ttl, asked.Detail) { IsSecure = asked.IsSecure, CanonicalName = asked.CanonicalName, IsUnanswered = asked.IsUnanswered };

    private static DnsAnswer<IPAddress> Join(DnsAnswer<IPAddress> six, DnsAnswer<IPAddress> four)
    {
        if (six.Status == DnsStatus.Found && four.Status == DnsStatus.Found)
        {
            return new DnsAnswer<IPAddress>(DnsStatus.Found, Alternate(six.Records, four.Records), six.Ttl < four.Ttl ? six.Ttl : four.Ttl)
            {
                IsSecure = six.IsSecure && four.IsSecure,
                CanonicalName = four.CanonicalName,
            };
        }
        // What was found counts, then what may still be found; servers that deny a name for one type only do mean "no records".
        foreach (var status in new[] { DnsStatus.Found, DnsStatus.Failed, DnsStatus.NoRecords })
        {
            if (six.Status == status) return six;
            if (four.Status == status) return four;
        }
        return four;
    }

    private static List<IPAddress> Alternate(IReadOnlyList<IPAddress> first, IReadOnlyList<IPAddress> second)
    {
        var all = new List<IPAddress>(first.Count + second.Count);
        for (var i = 0; i < Math.Max(first.Count, second.Count); i++)
        {
            if (i < first.Count) all.Add(first[i]);
            if (i < second.Count) all.Add(second[i]);
        }
        return all;
    }

    private static bool IsLocalhost(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    private static string TrimDot(string name) => name.TrimEnd('.');

    private static NameServer ParseServer(string server)
    {
        var (host, port) = SplitPort(server.Trim());
        return IPAddress.TryParse(host, out var address) && port is > 0 and < 65536
            ? new NameServer(address, port)
            : throw new MailOpsException(ErrorCode.InvalidAddress, $"'{server}' is not the address of a DNS server.",
                "Write it as an IP address, with a port if it is not 53: 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353.");
    }

    private static (string Host, int Port) SplitPort(string server)
    {
        if (IPAddress.TryParse(server, out _) && !server.StartsWith("[", StringComparison.Ordinal)) return (server, NameServer.DefaultPort);
        var colon = server.LastIndexOf(':');
        if (colon < 0 || server.EndsWith("]", StringComparison.Ordinal)) return (server.Trim('[', ']'), NameServer.DefaultPort);
        var digits = server.Substring(colon + 1);
        return int.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var port)
            ? (server.Substring(0, colon).Trim('[', ']'), port)
            : (server, 0);
    }

    private sealed record Asked(DnsStatus Status, IReadOnlyList<DnsResourceRecord> Records, TimeSpan Ttl, string? Detail = null)
    {
        public bool IsSecure { get; init; }
        public string? CanonicalName { get; init; }
        public bool IsUnanswered { get; init; }
    }
}
