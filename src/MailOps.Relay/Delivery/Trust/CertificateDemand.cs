using MailOps.Policies.Dane;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>What a server's certificate must be; each demand by itself, so that the strictest one counts. Without any, encryption to somebody is enough (RFC 7435 section 3).</summary>
/// <param name="ServerName">The server's name, or its address.</param>
internal sealed record CertificateDemand(string ServerName)
{
    /// <summary>An authority that this system trusts vouches for it and for <see cref="ServerName"/>, today.</summary>
    public bool Verify { get; init; }

    /// <summary>It, or its key, has one of these SHA-256 sums, in hexadecimal without colons; empty for no such demand.</summary>
    public IReadOnlyList<string> Thumbprints { get; init; } = [];

    /// <summary>It matches one of the usable records; null, or none of them usable, for no such demand.</summary>
    public DaneRecords? Dane { get; init; }

    /// <summary>The name the server is asked for. RFC 7672 section 8.1: with DANE the TLSA base domain.</summary>
    public string Sni => Dane?.BaseDomain ?? ServerName;
}
