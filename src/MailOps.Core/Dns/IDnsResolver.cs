using System.Net;

namespace MailOps.Dns;

/// <summary>The questions mail asks of the DNS; in tests a zone that is a value.</summary>
public interface IDnsResolver
{
    /// <summary>The MX records of a domain, in A-label form (RFC 5321 section 5.1).</summary>
    ValueTask<DnsAnswer<MxRecord>> ResolveMxAsync(string domain, CancellationToken cancellationToken);

    /// <summary>The IPv6 and IPv4 addresses of a host, in the order they should be tried.</summary>
    ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, CancellationToken cancellationToken);

    /// <summary>The TLSA records at a name such as <c>_25._tcp.mx.example.com</c> (RFC 6698 section 3).</summary>
    ValueTask<DnsAnswer<TlsaRecord>> ResolveTlsaAsync(string name, CancellationToken cancellationToken);

    /// <summary>The TXT records at a name, the strings of each joined.</summary>
    ValueTask<DnsAnswer<string>> ResolveTxtAsync(string name, CancellationToken cancellationToken);

    /// <summary>The alias (CNAME) that a name itself is, one step of it; <see cref="DnsStatus.NoRecords"/> where it is none.</summary>
    ValueTask<DnsAnswer<string>> ResolveAliasAsync(string name, CancellationToken cancellationToken);
}

/// <summary>One MX record (RFC 1035 section 3.3.9).</summary>
/// <param name="Preference">Lower is tried first.</param>
/// <param name="Exchange">The host's name without the final dot; empty for a null MX (RFC 7505 section 3).</param>
public readonly record struct MxRecord(int Preference, string Exchange);

/// <summary>One TLSA record (RFC 6698 section 2.1).</summary>
/// <param name="Usage">Certificate usage: 0 and 1 PKIX, 2 DANE-TA, 3 DANE-EE.</param>
/// <param name="Selector">0 the whole certificate, 1 its public key (SubjectPublicKeyInfo).</param>
/// <param name="Matching">0 exactly, 1 its SHA-256, 2 its SHA-512.</param>
/// <param name="Data">What is compared.</param>
public sealed record TlsaRecord(byte Usage, byte Selector, byte Matching, IReadOnlyList<byte> Data);

/// <summary>What the DNS said: an outcome, never an exception.</summary>
/// <param name="Status">Whether there is an answer, and if not, why.</param>
/// <param name="Records">The records; empty unless <see cref="DnsStatus.Found"/>.</param>
/// <param name="Ttl">How long the answer may be kept.</param>
/// <param name="Detail">For <see cref="DnsStatus.Failed"/>, what went wrong, in words.</param>
public sealed record DnsAnswer<T>(DnsStatus Status, IReadOnlyList<T> Records, TimeSpan Ttl, string? Detail = null)
{
    /// <summary>
    /// Whether DNSSEC proves the answer, that there is none included, and each alias on the way to it: the resolver has validated it (AD, RFC 4035 section 3.2.3) and is
    /// one whose word counts.
    /// </summary>
    public bool IsSecure { get; init; }

    /// <summary>The name at the end of the aliases (CNAME); null where the name asked for is none.</summary>
    public string? CanonicalName { get; init; }

    /// <summary>Whether no DNS server answered, or none in a way that can be read: that says nothing of the domain.</summary>
    public bool IsUnanswered { get; init; }
}

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
