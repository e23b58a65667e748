using System.Globalization;
using MailOps.Dns;

namespace MailOps.Policies.Dane;

/// <summary>What the DNS says of how a server proves itself (DANE): one of three.</summary>
/// <param name="Records">The records, where DNSSEC proves them; null otherwise.</param>
/// <param name="Failure">Why it is not known whether there are any, so that the server must not be used now; null otherwise.</param>
public sealed record DaneAnswer(DaneRecords? Records, string? Failure = null)
{
    /// <summary>It says nothing, or nothing that is proven.</summary>
    public static DaneAnswer None { get; } = new((DaneRecords?)null);
}

/// <summary>The TLSA records of one server, proven by DNSSEC.</summary>
/// <param name="BaseDomain">The TLSA base domain (RFC 7672 section 2.2.3): the name they were found by, and the one that the server is asked for (SNI).</param>
/// <param name="Names">The names of which a certificate must have one where an authority vouches for it (DANE-TA; RFC 7672 section 3.2.2).</param>
/// <param name="All">The records as they are.</param>
public sealed record DaneRecords(string BaseDomain, IReadOnlyList<string> Names, IReadOnlyList<TlsaRecord> All)
{
    internal const byte TrustAnchor = 2, EndEntity = 3;
    internal const byte Certificate = 0, PublicKey = 1;
    internal const byte Exact = 0, Sha256 = 1, Sha512 = 2;
    private const int Sha256Length = 32, Sha512Length = 64;

    /// <summary>
    /// Those that count: usages 2 and 3 (RFC 7672 section 3.1.3), in a form that is known and whole. None: TLS is required, but nobody can be told from another (RFC 7672 section 2.2).
    /// </summary>
    public IReadOnlyList<TlsaRecord> Usable { get; } = [.. Strongest(All.Where(record => WhyUnusable(record) is null))];

    /// <summary>How long the records may be kept.</summary>
    public TimeSpan Ttl { get; init; }

    /// <summary>A record as reports have it: <c>3 1 1 0123…</c>.</summary>
    public static string Text(TlsaRecord record) => FormattableString.Invariant($"{record.Usage} {record.Selector} {record.Matching} {Hex(record)}");

    /// <summary>What a record is compared by, in hexadecimal.</summary>
    public static string Hex(TlsaRecord record) => string.Concat(record.Data.Select(one => one.ToString("x2", CultureInfo.InvariantCulture)));

    /// <summary>Why a record counts for nothing; null where it can be used.</summary>
    public static string? WhyUnusable(TlsaRecord record) => record switch
    {
        { Usage: 0 or 1 } => "its usage (PKIX) has no place in SMTP, only 2 and 3 have",
        { Usage: not (TrustAnchor or EndEntity) } => "its usage is unknown",
        { Selector: not (Certificate or PublicKey) } => "its selector is unknown",
        { Matching: Exact, Data.Count: 0 } => "it is empty",
        { Matching: Sha256, Data.Count: not Sha256Length } => FormattableString.Invariant($"a SHA-256 sum has {Sha256Length} octets, and it has {record.Data.Count}"),
        { Matching: Sha512, Data.Count: not Sha512Length } => FormattableString.Invariant($"a SHA-512 sum has {Sha512Length} octets, and it has {record.Data.Count}"),
        { Matching: not (Exact or Sha256 or Sha512) } => "its matching type is unknown",
        _ => null,
    };

    // RFC 7671 section 9: of the hashes of one thing the strongest counts, so that breaking the weaker one is of no use.
    private static IEnumerable<TlsaRecord> Strongest(IEnumerable<TlsaRecord> records) =>
        records.GroupBy(r => (r.Usage, r.Selector)).SelectMany(same => same.Where(r => r.Matching != Sha256 || !same.Any(other => other.Matching == Sha512)));
}
