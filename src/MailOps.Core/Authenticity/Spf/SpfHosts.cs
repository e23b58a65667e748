using System.Net;
using System.Net.Sockets;
using MailOps.Dns;

namespace MailOps.Authenticity.Spf;

/// <summary>What one mechanism found.</summary>
/// <param name="IsMatch">Whether the client is among what it names.</param>
/// <param name="Detail">Why, or why not, in words.</param>
/// <param name="IsVoid">Whether its question found nothing (RFC 7208 section 4.6.4).</param>
/// <param name="Error">The error that ends the check; null where there is none.</param>
internal readonly record struct SpfFinding(bool IsMatch, string Detail, bool IsVoid = false, SpfResult? Error = null);

/// <summary>The mechanisms that compare the client with addresses and names (RFC 7208 sections 5.3 to 5.7).</summary>
internal sealed class SpfHosts(IDnsInspector dns, SpfLimits limits, SpfSubject subject)
{
    private readonly IPAddress _client = subject.Address;
    private (bool IsVoid, IReadOnlyList<string> Names)? _confirmed;

    /// <summary>Compares.</summary>
    /// <param name="directive">Any mechanism but include.</param>
    /// <param name="target">The domain it is about, its macros replaced.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    public async ValueTask<SpfFinding> MatchAsync(SpfDirective directive, string target, CancellationToken cancellationToken) => directive.Mechanism switch
    {
        SpfMechanism.All => new SpfFinding(true, "all matches whatever comes to it"),
        SpfMechanism.Ip4 or SpfMechanism.Ip6 => IsIn(directive, directive.Network!) ? new SpfFinding(true, $"{_client} is in it") : new SpfFinding(false, $"{_client} is not in it"),
        SpfMechanism.A => await MatchAddressesAsync(directive, target, cancellationToken).ConfigureAwait(false),
        SpfMechanism.Mx => await MatchExchangersAsync(directive, target, cancellationToken).ConfigureAwait(false),
        SpfMechanism.Ptr => await MatchNamesAsync(target, cancellationToken).ConfigureAwait(false),
        _ => await MatchExistenceAsync(target, cancellationToken).ConfigureAwait(false),
    };

    /// <summary>What the macro p stands for (RFC 7208 section 7.3): of the confirmed names the domain itself, else one below it, else any; "unknown" where there is none.</summary>
    public async ValueTask<string> NameOfClientAsync(string domain, CancellationToken cancellationToken)
    {
        var (_, names) = await ConfirmedNamesAsync(cancellationToken).ConfigureAwait(false);
        return names.FirstOrDefault(name => string.Equals(name, SpfNames.Bare(domain), StringComparison.OrdinalIgnoreCase))
            ?? names.FirstOrDefault(name => SpfNames.IsWithin(name, domain))
            ?? (names.Count > 0 ? names[0] : "unknown");
    }

    private async ValueTask<SpfFinding> MatchAddressesAsync(SpfDirective directive, string target, CancellationToken cancellationToken)
    {
        var answer = await dns.ResolveAddressesAsync(target, _client.AddressFamily, cancellationToken).ConfigureAwait(false);
        if (answer.Status == DnsStatus.Failed) return Failed(target, answer.Detail);
        if (answer.Records.Count == 0) return new SpfFinding(false, $"{target} has no address of {Family}", IsVoid: true);
        return answer.Records.FirstOrDefault(address => IsIn(directive, address)) is { } found
            ? new SpfFinding(true, $"{target} has the address {found}")
            : new SpfFinding(false, $"{target} has other addresses");
    }

    private async ValueTask<SpfFinding> MatchExchangersAsync(SpfDirective directive, string target, CancellationToken cancellationToken)
    {
        var answer = await dns.ResolveMxAsync(target, cancellationToken).ConfigureAwait(false);
        if (answer.Status == DnsStatus.Failed) return Failed(target, answer.Detail);
        if (answer.Records.Count == 0) return new SpfFinding(false, $"{target} has no mail exchanger", IsVoid: true);
        var asked = 0;
        // RFC 7208 section 5.4: the addresses of the exchangers, and never those of the domain where it has none.
        foreach (var exchanger in answer.Records.Where(mx => SpfNames.IsWellFormed(mx.Exchange)).OrderBy(mx => mx.Preference).Select(mx => mx.Exchange))
        {
            if (++asked > limits.MaxNames) return new SpfFinding(false, $"{target} has more than {limits.MaxNames} mail exchangers.", Error: SpfResult.PermError);
            var addresses = await dns.ResolveAddressesAsync(exchanger, _client.AddressFamily, cancellationToken).ConfigureAwait(false);
            if (addresses.Status == DnsStatus.Failed) return Failed(exchanger, addresses.Detail);
            if (addresses.Records.Any(address => IsIn(directive, address))) return new SpfFinding(true, $"it is {exchanger}, a mail exchanger of {target}");
        }
        return new SpfFinding(false, $"it is no mail exchanger of {target}");
    }

    private async ValueTask<SpfFinding> MatchNamesAsync(string target, CancellationToken cancellationToken)
    {
        var (isVoid, names) = await ConfirmedNamesAsync(cancellationToken).ConfigureAwait(false);
        return names.FirstOrDefault(name => SpfNames.IsWithin(name, target)) is { } found
            ? new SpfFinding(true, $"{_client} is {found}")
            : new SpfFinding(false, names.Count == 0 ? $"{_client} has no name that leads back to it" : $"{_client} is {string.Join(", ", names)}", isVoid);
    }

    // RFC 7208 section 5.7: an A record, for a client with IPv6 too.
    private async ValueTask<SpfFinding> MatchExistenceAsync(string target, CancellationToken cancellationToken)
    {
        var answer = await dns.ResolveAddressesAsync(target, AddressFamily.InterNetwork, cancellationToken).ConfigureAwait(false);
        if (answer.Status == DnsStatus.Failed) return Failed(target, answer.Detail);
        return answer.Records.Count > 0 ? new SpfFinding(true, $"{target} exists") : new SpfFinding(false, $"{target} does not exist", IsVoid: true);
    }

    /// <summary>The names of the client that lead back to its address (RFC 7208 section 5.5); a fault of the DNS leaves names out, and is no error.</summary>
    private async ValueTask<(bool IsVoid, IReadOnlyList<string> Names)> ConfirmedNamesAsync(CancellationToken cancellationToken)
    {
        if (_confirmed is { } known) return known;
        var answer = await dns.ResolveNamesAsync(_client, cancellationToken).ConfigureAwait(false);
        var candidates = answer.Records.Where(SpfNames.IsWellFormed).Take(limits.MaxNames).ToArray();
        var addresses = await Task.WhenAll(candidates.Select(name => dns.ResolveAddressesAsync(SpfNames.Bare(name), _client.AddressFamily, cancellationToken).AsTask())).ConfigureAwait(false);
        var names = candidates.Zip(addresses, (name, found) => (Name: SpfNames.Bare(name), IsOwn: found.Records.Any(IsClient))).Where(pair => pair.IsOwn).Select(pair => pair.Name).ToArray();
        _confirmed = (answer.Status is DnsStatus.NoRecords or DnsStatus.NoSuchDomain, names);
        return _confirmed.Value;
    }

    private bool IsIn(SpfDirective directive, IPAddress network) => SpfNames.IsInNetwork(_client, network, network.AddressFamily == AddressFamily.InterNetwork ? directive.Prefix4 : directive.Prefix6);

    private bool IsClient(IPAddress address) => SpfNames.IsInNetwork(_client, address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);

    private string Family => _client.AddressFamily == AddressFamily.InterNetwork ? "IPv4" : "IPv6";

    private static SpfFinding Failed(string name, string? detail) => new(false, $"The DNS gave no answer for {name}: {detail}.", Error: SpfResult.TempError);
}
