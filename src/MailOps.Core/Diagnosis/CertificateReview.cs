using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MailOps.Messages;

namespace MailOps.Diagnosis;

/// <summary>What is wrong with the certificate that a server shows. It is taken whatever it is, so that the rest can be seen.</summary>
/// <param name="server">The name it should prove.</param>
/// <param name="severity">How grave it is that it does not.</param>
/// <param name="now">The time.</param>
internal sealed class CertificateReview(string server, SmtpServerVerdict severity, DateTime now)
{
    private const int MinRsaBits = 2048;
    private const int MinCurveBits = 224;
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    // MD2, MD4, MD5 and SHA-1 with RSA, SHA-1 with DSA and ECDSA.
    private static readonly string[] BrokenSignatures =
        ["1.2.840.113549.1.1.2", "1.2.840.113549.1.1.3", "1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10040.4.3", "1.2.840.10045.4.1"];

    private readonly List<SmtpServerFinding> _findings = [];

    public string? Subject { get; private set; }
    public string? Issuer { get; private set; }
    public DateTime? Expires { get; private set; }

    /// <summary>Whether the platform accepts it for the server's name: only then does a credential go out.</summary>
    public bool ProvesName { get; private set; }

    public SmtpServerFinding[] Findings => [.. _findings];

    public string Seen => WireText.Show(FormattableString.Invariant($"{Subject}, issued by {Issuer}, until {Expires:yyyy-MM-dd}"));

    /// <summary>Looks it over.</summary>
    public bool Take(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        _findings.Clear();
        ProvesName = certificate is not null && errors == SslPolicyErrors.None;
        if (certificate is null) return true;   // what is judged here is TLS of servers, which has one always
        using var shown = new X509Certificate2(certificate);
        (Subject, Issuer, Expires) = (WireText.Show(shown.Subject), WireText.Show(shown.Issuer), shown.NotAfter.ToUniversalTime());
        var before = _findings.Count;
        ReviewTime(shown);
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) _findings.Add(Faults.CertificateName(server, Names(shown), severity));
        ReviewChain(shown, chain);
        if (!ProvesName && _findings.Count == before) _findings.Add(Faults.CertificateRefused(string.Join(", ", States(chain)), severity));
        ReviewStrength(shown, chain);
        if (_findings.Count == 0 && Expires - now < Soon) _findings.Add(Faults.CertificateExpiresSoon(Expires.Value));
        return true;
    }

    private void ReviewTime(X509Certificate2 shown)
    {
        if (shown.NotAfter.ToUniversalTime() < now) _findings.Add(Faults.CertificateExpired(shown.NotAfter.ToUniversalTime(), severity));
        else if (shown.NotBefore.ToUniversalTime() > now) _findings.Add(Faults.CertificateNotYetValid(shown.NotBefore.ToUniversalTime(), now, severity));
    }

    private void ReviewChain(X509Certificate2 shown, X509Chain? chain)
    {
        var states = States(chain).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one);
        if (states.HasFlag(X509ChainStatusFlags.Revoked)) _findings.Add(Faults.CertificateRevoked(severity));
        if (states.HasFlag(X509ChainStatusFlags.NotTimeValid) && _findings.Count == 0) _findings.Add(Faults.CertificateIssuerExpired(severity));
        if ((states & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) == 0) return;
        _findings.Add(shown.SubjectName.RawData.SequenceEqual(shown.IssuerName.RawData) ? Faults.CertificateSelfSigned(severity)
            : states.HasFlag(X509ChainStatusFlags.UntrustedRoot) ? Faults.CertificateUntrusted(Issuer!, severity)
            : Faults.CertificateChainIncomplete(Issuer!, severity));
    }

    private void ReviewStrength(X509Certificate2 shown, X509Chain? chain)
    {
        using var rsa = shown.GetRSAPublicKey();
        using var curve = shown.GetECDsaPublicKey();
        if (rsa is not null && rsa.KeySize < MinRsaBits) _findings.Add(Faults.CertificateWeakKey("RSA", rsa.KeySize, severity));
        if (curve is not null && curve.KeySize < MinCurveBits) _findings.Add(Faults.CertificateWeakKey("elliptic curve", curve.KeySize, severity));
        // The signature of a root upon itself proves nothing, so its strength does not matter.
        var signed = (chain?.ChainElements.Cast<X509ChainElement>().Select(element => element.Certificate) ?? [shown])
            .Where(one => !one.SubjectName.RawData.SequenceEqual(one.IssuerName.RawData));
        if (signed.FirstOrDefault(one => BrokenSignatures.Contains(one.SignatureAlgorithm.Value)) is { } weak)
            _findings.Add(Faults.CertificateWeakSignature(weak.SignatureAlgorithm.FriendlyName ?? weak.SignatureAlgorithm.Value ?? "", severity));
    }

    private static IEnumerable<X509ChainStatusFlags> States(X509Chain? chain) => chain?.ChainStatus.Select(state => state.Status) ?? [];

    private static string Names(X509Certificate2 certificate)
    {
        var name = certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false);
        return WireText.Show(string.IsNullOrEmpty(name) ? certificate.Subject : name);
    }
}
