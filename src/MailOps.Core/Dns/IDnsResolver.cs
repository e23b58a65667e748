using System.Net;

namespace MailOps.Dns;

/// <summary>The questions mail asks of the DNS; in tests a zone that is a value.</summary>
public interface IDnsResolver
{
    /// <summary>The MX records of a domain, in A-label form (RFC 5321 section 5.1).</summary>
    ValueTask<DnsAnswer<MxRecord>> ResolveMxAsync(string domain, CancellationToken cancellationToken);

    /// <summary>The IPv6 and IPv4 addresses of a host, in the order they should be tried.</summary>
    ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, CancellationToken cancellationToken);
}

/// <summary>One MX record (RFC 1035 section 3.3.9).</summary>
/// <param name="Preference">Lower is tried first.</param>
/// <param name="Exchange">The host's name without the final dot; empty for a null MX (RFC 7505 section 3).</param>
public readonly record struct MxRecord(int Preference, string Exchange);

/// <summary>What the DNS said: an outcome, never an exception.</summary>
/// <param name="Status">Whether there is an answer, and if not, why.</param>
/// <param name="Records">The records; empty unless <see cref="DnsStatus.Found"/>.</param>
/// <param name="Ttl">How long the answer may be kept.</param>
/// <param name="Detail">For <see cref="DnsStatus.Failed"/>, what went wrong, in words.</param>
public sealed record DnsAnswer<T>(DnsStatus Status, IReadOnlyList<T> Records, TimeSpan Ttl, string? Detail = null);

/// <summary>The four things the DNS can say.</summary>
public enum DnsStatus
{
    /// <summary>Records of the type asked for.</summary>
    Found,
    /// <summary>The name exists, but has no record of that type.</summary>
    NoRecords,
    /// <summary>The name does not exist (NXDOMAIN).</summary>
    NoSuchDomain,
    /// <summary>No answer: time-out, SERVFAIL, REFUSED. Temporary, always.</summary>
    Failed,
}
