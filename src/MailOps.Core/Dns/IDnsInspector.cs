using System.Net;
using System.Net.Sockets;

namespace MailOps.Dns;

/// <summary>What looking a domain over asks of the DNS, beside what delivery asks.</summary>
public interface IDnsInspector : IDnsResolver
{
    /// <summary>The addresses of one family of a host (A or AAAA).</summary>
    ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, AddressFamily family, CancellationToken cancellationToken);

    /// <summary>The names of an address (PTR, RFC 1035 section 3.5 and RFC 3596 section 2.5), without the final dot.</summary>
    ValueTask<DnsAnswer<string>> ResolveNamesAsync(IPAddress address, CancellationToken cancellationToken);

    /// <summary>The servers of a service at a name such as <c>_submission._tcp.example.com</c> (RFC 2782).</summary>
    ValueTask<DnsAnswer<SrvRecord>> ResolveSrvAsync(string name, CancellationToken cancellationToken);
}

/// <summary>One SRV record (RFC 2782).</summary>
/// <param name="Priority">Lower is tried first.</param>
/// <param name="Weight">Among equals, more often.</param>
/// <param name="Port">The port.</param>
/// <param name="Target">The host's name without the final dot; empty where the service is not offered.</param>
public readonly record struct SrvRecord(int Priority, int Weight, int Port, string Target);
