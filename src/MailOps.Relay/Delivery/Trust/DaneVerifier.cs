using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailOps.Dns;
using MailOps.Relay.Delivery.Trust.Reports;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>Holds a server's certificate against its TLSA records (RFC 6698 section 2.1, RFC 7671 section 5, RFC 7672 section 3).</summary>
internal static class DaneVerifier
{
    private const byte TrustAnchor = 2, EndEntity = 3;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>What is wrong, or null where one of the usable records matches.</summary>
    /// <param name="records">The records.</param>
    /// <param name="certificate">The server's own certificate.</param>
    /// <param name="sent">What else it sent.</param>
    /// <param name="now">The time that certificates under an authority must be valid at.</param>
    public static TlsFault? Fault(DaneRecords records, X509Certificate2 certificate, IReadOnlyList<X509Certificate2> sent, DateTimeOffset now)
    {
        // RFC 7672 section 3.1.1: the key, or the certificate, is all that counts: neither names nor dates.
        if (records.Usable.Any(r => r.Usage == EndEntity && Matches(r, certificate))) return null;
        var fault = new TlsFault(TlsResultType.TlsaInvalid, "the server's certificate matches none of the TLSA records");
        foreach (var record in records.Usable.Where(r => r.Usage == TrustAnchor))
        {
            foreach (var anchor in Anchors(record, certificate, sent))
            {
                if (Chained(records, certificate, anchor, sent, now) is not { } wrong) return null;
                fault = wrong;
            }
        }
        return fault;
    }

    private static bool Matches(TlsaRecord record, X509Certificate2 certificate)
    {
        var selected = record.Selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return Hash(record.Matching, selected).AsSpan().SequenceEqual([.. record.Data]);
    }

    private static byte[] Hash(byte matching, byte[] data) => matching switch { 1 => SHA256.HashData(data), 2 => SHA512.HashData(data), _ => data };

    // RFC 7672 section 3.1.2: the authority's certificate is among those sent, since a hash is all that the record has as a rule; a whole one need not be.
    private static IEnumerable<X509Certificate2> Anchors(TlsaRecord record, X509Certificate2 certificate, IReadOnlyList<X509Certificate2> sent)
    {
        foreach (var one in sent.Where(one => !one.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span) && Matches(record, one))) yield return one;
        if (record is { Selector: 0, Matching: 0 } && TryLoad([.. record.Data]) is { } whole) yield return whole;
    }

    private static X509Certificate2? TryLoad(byte[] data)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(data);
        }
        catch (CryptographicException)
        {
            return null;   // anybody may publish anything: it is then no certificate that anything could be signed by
        }
    }

    // The authority need not be a root: what lies above it does not count.
    private static TlsFault? Chained(DaneRecords records, X509Certificate2 certificate, X509Certificate2 anchor, IReadOnlyList<X509Certificate2> sent, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(anchor);
        chain.ChainPolicy.ExtraStore.Add(anchor);
        chain.ChainPolicy.ExtraStore.AddRange(sent.ToArray());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        chain.Build(certificate);
        var path = chain.ChainElements.ToList();
        var end = path.FindIndex(element => element.Certificate.RawDataMemory.Span.SequenceEqual(anchor.RawDataMemory.Span));
        if (end <= 0) return new TlsFault(TlsResultType.CertificateNotTrusted, "the server's certificate is not signed by the authority of its TLSA record");
        const X509ChainStatusFlags aboveAnchor = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;
        var wrong = path.Take(end + 1).SelectMany(element => element.ChainElementStatus).Select(status => status.Status & ~aboveAnchor).Where(status => status != 0).Distinct().ToList();
        if (wrong.Count > 0)
        {
            var type = wrong.Contains(X509ChainStatusFlags.NotTimeValid) ? TlsResultType.CertificateExpired : TlsResultType.CertificateNotTrusted;
            return new TlsFault(type, $"the server's certificate under the authority of its TLSA record is not valid ({string.Join(", ", wrong)})");
        }
        return records.Names.Any(name => certificate.MatchesHostname(name))
            ? null
            : new TlsFault(TlsResultType.CertificateHostMismatch, $"the server's certificate is for none of the names {string.Join(", ", records.Names)}");
    }
}

/// <summary>What is wrong with TLS: for the report to the domain, and in words.</summary>
internal sealed record TlsFault(TlsResultType Type, string Text);
