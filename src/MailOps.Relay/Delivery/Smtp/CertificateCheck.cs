using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailOps.Policies.Dane;
using MailOps.Relay.Delivery.Trust;
using MailOps.Relay.Delivery.Trust.Reports;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>
/// TLS towards a server. Without demands any certificate will do, where TLS is opportunistic: encryption to somebody beats none (RFC 7435 section 3). With demands each must be
/// met, and it says what was wrong with the certificate.
/// </summary>
internal sealed class CertificateCheck
{
    private readonly CertificateDemand _demand;

    public CertificateCheck(CertificateDemand demand)
    {
        _demand = demand;
        Options = new SslClientAuthenticationOptions
        {
            TargetHost = demand.Sni,
            // The system's choice, but nothing older than TLS 1.2 (RFC 8996); no revocation check, which would need HTTP in the middle of SMTP.
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = Check,
        };
    }

    public SslClientAuthenticationOptions Options { get; }

    /// <summary>Whether the certificate has proved the server: as demanded, or, where nothing was, by an authority.</summary>
    public bool IsProven { get; private set; }

    /// <summary>What is wrong with the certificate, once that has been found.</summary>
    public TlsFault? Fault { get; private set; }

    /// <summary>What is wrong with it by the authorities that this system trusts, demanded or not.</summary>
    public TlsFault? AuthorityFault { get; private set; }

    private bool Check(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        var certificate = shown as X509Certificate2;
        AuthorityFault = ByAuthority(certificate, chain, errors);
        var isMarked = _demand.Thumbprints.Count > 0 || _demand.Dane is { Usable.Count: > 0 };
        Fault = ByDane(certificate, chain) ?? ByThumbprint(certificate) ?? (_demand.Verify ? AuthorityFault : null);
        IsProven = Fault is null && (isMarked || AuthorityFault is null);
        return Fault is null;
    }

    private TlsFault? ByDane(X509Certificate2? certificate, X509Chain? chain)
    {
        if (_demand.Dane is not { Usable.Count: > 0 } records) return null;
        if (certificate is null) return new TlsFault(TlsResultType.TlsaInvalid, "the server shows no certificate, and has TLSA records; failed");
        // The chain's policy holds what the server has sent; the time is the system's, as for certificates under its authorities.
        var fault = DaneVerifier.Fault(records, certificate, chain is null ? [] : [.. chain.ChainPolicy.ExtraStore], TimeProvider.System.GetUtcNow());
        return fault is null ? null : new TlsFault(TlsFault.TypeOf(fault.Kind), $"{fault.Text} of {records.BaseDomain} (DANE); failed");
    }

    private TlsFault? ByThumbprint(X509Certificate2? certificate)
    {
        if (_demand.Thumbprints.Count == 0) return null;
        if (certificate is null) return new TlsFault(TlsResultType.ValidationFailure, "the server shows no certificate, and the route demands one that is known; failed");
        var sums = (string[])[certificate.GetCertHashString(HashAlgorithmName.SHA256), Convert.ToHexString(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()))];
        return _demand.Thumbprints.Any(known => sums.Contains(known, StringComparer.OrdinalIgnoreCase))
            ? null
            : new TlsFault(TlsResultType.ValidationFailure, $"the server's certificate, SHA-256 {sums[0]}, is none of those that the route demands; failed");
    }

    private TlsFault? ByAuthority(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // The platform has looked for the name that the server was asked for, which with DANE may be another.
        if (certificate is not null && !string.Equals(_demand.Sni, _demand.ServerName, StringComparison.OrdinalIgnoreCase))
            errors = certificate.MatchesHostname(_demand.ServerName) ? errors & ~SslPolicyErrors.RemoteCertificateNameMismatch : errors | SslPolicyErrors.RemoteCertificateNameMismatch;
        if (errors == SslPolicyErrors.None) return null;
        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) reasons.Add("it showed none");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) reasons.Add("it is for another name");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)) reasons.AddRange(chain?.ChainStatus.Select(s => s.Status.ToString()).Distinct() ?? []);
        return new TlsFault(TypeOf(errors, chain), $"the server's certificate does not prove that it is {_demand.ServerName} ({string.Join(", ", reasons)}); failed");
    }

    // RFC 8460 section 4.3.1
    private static TlsResultType TypeOf(SslPolicyErrors errors, X509Chain? chain)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) return TlsResultType.ValidationFailure;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return TlsResultType.CertificateHostMismatch;
        return chain?.ChainStatus.Any(s => s.Status.HasFlag(X509ChainStatusFlags.NotTimeValid)) == true ? TlsResultType.CertificateExpired : TlsResultType.CertificateNotTrusted;
    }
}
