using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MailOps.Authenticity.Spf;
using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity;

/// <summary>The servers of the house: those that are named, with the addresses that the DNS has for them, and the networks that are.</summary>
internal sealed class OwnServers
{
    private const int MostNames = 64;   // whose addresses are asked for

    // RFC 1918 and RFC 4193, loopback, link-local: nobody outside has such an address.
    private static readonly (IPAddress Address, int Prefix)[] Private = [.. new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10" }.Select(Parse)];

    private readonly List<(IPAddress Address, int Prefix)> _networks = [];
    private readonly List<string> _names = [];
    private HashSet<IPAddress>? _addresses;

    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidAddress"/> where a network is none.</exception>
    public OwnServers(IEnumerable<string> servers, IEnumerable<string> networks)
    {
        _networks.AddRange(networks.Select(Parse));
        foreach (var server in servers)
        {
            if (IPAddress.TryParse(server, out _)) _networks.Add(Parse(server));
            else _names.Add(server.TrimEnd('.'));
        }
        AreNamed = _names.Count + _networks.Count > 0;
    }

    /// <summary>Whether anything is said of them.</summary>
    public bool AreNamed { get; }

    /// <summary>Whether servers are named, so that others are not one's own.</summary>
    public bool HaveNames => _names.Count > 0;

    /// <summary>Whether a server is one of those that are named.</summary>
    public bool Has(string name) => _names.Exists(own => string.Equals(own, name.TrimEnd('.'), StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether an address is one of the house, or one that no stranger has. A name that the client gave itself proves nothing.</summary>
    public async Task<bool> HasAsync(IPAddress address, IDnsInspector dns, CancellationToken cancellationToken)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (Private.Concat(_networks).Any(network => SpfNames.IsInNetwork(plain, network.Address, network.Prefix))) return true;
        _addresses ??= await AddressesAsync(dns, cancellationToken).ConfigureAwait(false);
        return _addresses.Contains(plain);
    }

    private async Task<HashSet<IPAddress>> AddressesAsync(IDnsInspector dns, CancellationToken cancellationToken)
    {
        var addresses = new HashSet<IPAddress>();
        foreach (var name in _names.Where(name => DomainName.TryToAscii(name, out _)).Take(MostNames))
        {
            foreach (var family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
                addresses.UnionWith((await dns.ResolveAddressesAsync(name, family, cancellationToken).ConfigureAwait(false)).Records);
        }
        return addresses;
    }

    private static (IPAddress Address, int Prefix) Parse(string text)
    {
        var parts = text.Trim().Split('/');
        // "1" and "10.1" are addresses to the parser, and mistakes to everybody else.
        if (parts.Length <= 2 && IPAddress.TryParse(parts[0], out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || parts[0].Split('.').Length == 4))
        {
            var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
            if (parts.Length == 1) return (address, bits);
            if (int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) && prefix <= bits) return (address, prefix);
        }
        throw new MailOpsException(ErrorCode.InvalidAddress, $"'{Printable.Escape(text)}' is not a network.", "Write it as 192.0.2.0/24 or 2001:db8::/32, or as a single address.");
    }
}
