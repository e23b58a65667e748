using MailOps.Dns;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>What the DNS says of how a server proves itself (DANE): one of three.</summary>
/// <param name="Records">The records, where DNSSEC proves them; null otherwise.</param>
/// <param name="Failure">Why it is not known whether there are any, so that the server must not be used now; null otherwise.</param>
internal sealed record DaneAnswer(DaneRecords? Records, string? Failure = null)
{
    /// <summary>It says nothing, or nothing that is proven.</summary>
    public static DaneAnswer None { get; } = new((DaneRecords?)null);
}

/// <summary>The TLSA records of one server, proven by DNSSEC.</summary>
/// <param name="BaseDomain">The TLSA base domain (RFC 7672 section 2.2.3): the name they were found by, and the one that the server is asked for (SNI).</param>
/// <param name="Names">The names of which a certificate must have one where an authority vouches for it (DANE-TA; RFC 7672 section 3.2.2).</param>
/// <param name="All">The records as they are.</param>
internal sealed record DaneRecords(string BaseDomain, IReadOnlyList<string> Names, IReadOnlyList<TlsaRecord> All)
{
    private const byte TrustAnchor = 2, EndEntity = 3;
    private const byte Certificate = 0, PublicKey = 1;
    private const byte Exact = 0, Sha256 = 1, Sha512 = 2;

    /// <summary>
    /// Those that count: usages 2 and 3 (RFC 7672 section 3.1.3), in a form that is known and whole. None: TLS is required, but nobody can be told from another (RFC 7672 section 2.2).
    /// </summary>
    public IReadOnlyList<TlsaRecord> Usable { get; } = [.. Strongest(All.Where(IsUsable))];

    /// <summary>A record as reports have it: <c>3 1 1 0123…</c>.</summary>
    public static string Text(TlsaRecord record) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{record.Usage} {record.Selector} {record.Matching} {Convert.ToHexStringLower([.. record.Data])}");

    private static bool IsUsable(TlsaRecord record) =>
        record.Usage is TrustAnchor or EndEntity && record.Selector is Certificate or PublicKey
        && record.Matching switch { Exact => record.Data.Count > 0, Sha256 => record.Data.Count == 32, Sha512 => record.Data.Count == 64, _ => false };

    // RFC 7671 section 9: of the hashes of one thing the strongest counts, so that breaking the weaker one is of no use.
    private static IEnumerable<TlsaRecord> Strongest(IEnumerable<TlsaRecord> records) =>
        records.GroupBy(r => (r.Usage, r.Selector)).SelectMany(same => same.Where(r => r.Matching != Sha256 || !same.Any(other => other.Matching == Sha512)));
}
