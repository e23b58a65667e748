using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailOps.Dns;

namespace MailOps.Policies.Dane;

/// <summary>Holds a server's certificate against its TLSA records (RFC 6698 section 2.1, RFC 7671 section 5, RFC 7672 section 3).</summary>
public static class DaneVerifier
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>What is wrong, or null where one of the usable records matches.</summary>
    /// <param name="records">The records.</param>
    /// <param name="certificate">The server's own certificate.</param>
    /// <param name="sent">What else it sent.</param>
    /// <param name="now">The time that certificates under an authority must be valid at.</param>
    public static DaneFault? Fault(DaneRecords records, X509Certificate2 certificate, IReadOnlyList<X509Certificate2> sent, DateTimeOffset now)
    {
        // RFC 7672 section 3.1.1: the key, or the certificate, is all that counts: neither names nor dates.
        if (records.Usable.Any(r => r.Usage == DaneRecords.EndEntity && Matches(r, certificate))) return null;
        var fault = new DaneFault(DaneFaultKind.NoMatch, "the server's certificate matches none of the TLSA records");
        foreach (var record in records.Usable.Where(r => r.Usage == DaneRecords.TrustAnchor))
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
        var selected = record.Selector == DaneRecords.Certificate ? certificate.RawData : CertificateParts.PublicKeyOf(certificate);
        return Hash(record.Matching, selected).SequenceEqual(record.Data);
    }

    private static byte[] Hash(byte matching, byte[] data)
    {
        if (matching == DaneRecords.Exact) return data;
        using HashAlgorithm hash = matching == DaneRecords.Sha512 ? SHA512.Create() : SHA256.Create();
        return hash.ComputeHash(data);
    }

    // RFC 7672 section 3.1.2: the authority's certificate is among those sent, since a hash is all that the record has as a rule; a whole one need not be.
    private static IEnumerable<X509Certificate2> Anchors(TlsaRecord record, X509Certificate2 certificate, IReadOnlyList<X509Certificate2> sent)
    {
        foreach (var one in sent.Where(one => !AreSame(one, certificate) && Matches(record, one))) yield return one;
        if (record is { Selector: DaneRecords.Certificate, Matching: DaneRecords.Exact } && CertificateParts.TryLoad([.. record.Data]) is { } whole) yield return whole;
    }

    // The authority need not be a root: what lies above it does not count.
    private static DaneFault? Chained(DaneRecords records, X509Certificate2 certificate, X509Certificate2 anchor, IReadOnlyList<X509Certificate2> sent, DateTimeOffset now)
    {
        using var chain = new X509Chain();
#if NET
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(anchor);
        chain.ChainPolicy.DisableCertificateDownloads = true;
#else
        // .NET Framework knows no other roots than the system's. That it does not trust this one is left out below: a path that leads to it is all that matters.
        chain.ChainPolicy.UrlRetrievalTimeout = TimeSpan.FromSeconds(1);
#endif
        chain.ChainPolicy.ExtraStore.Add(anchor);
        chain.ChainPolicy.ExtraStore.AddRange(sent.ToArray());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        chain.Build(certificate);
        var path = chain.ChainElements.Cast<X509ChainElement>().ToList();
        var end = path.FindIndex(element => AreSame(element.Certificate, anchor));
        if (end <= 0) return new DaneFault(DaneFaultKind.NotTrusted, "the server's certificate is not signed by the authority of its TLSA record");
        const X509ChainStatusFlags aboveAnchor = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;
        var wrong = path.Take(end + 1).SelectMany(element => element.ChainElementStatus).Select(status => status.Status & ~aboveAnchor).Where(status => status != 0).Distinct().ToList();
        if (wrong.Count > 0)
        {
            var kind = wrong.Contains(X509ChainStatusFlags.NotTimeValid) ? DaneFaultKind.NotTimeValid : DaneFaultKind.NotTrusted;
            return new DaneFault(kind, $"the server's certificate under the authority of its TLSA record is not valid ({string.Join(", ", wrong)})");
        }
        return records.Names.Any(name => CertificateParts.IsFor(certificate, name))
            ? null
            : new DaneFault(DaneFaultKind.OtherName, $"the server's certificate is for none of the names {string.Join(", ", records.Names)}");
    }

    private static bool AreSame(X509Certificate2 one, X509Certificate2 other) => one.RawData.SequenceEqual(other.RawData);
}
