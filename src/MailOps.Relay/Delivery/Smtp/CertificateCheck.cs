using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>
/// TLS towards a server. Unverified where TLS is opportunistic: encryption to somebody beats none (RFC 7435 section 3). Verified by name where it
/// is required, and then it says what was wrong with the certificate.
/// </summary>
internal sealed class CertificateCheck
{
    private readonly string _serverName;
    private readonly bool _verify;

    public CertificateCheck(string serverName, bool verify)
    {
        (_serverName, _verify) = (serverName, verify);
        Options = new SslClientAuthenticationOptions
        {
            TargetHost = serverName,
            // The system's choice, but nothing older than TLS 1.2 (RFC 8996); no revocation check, which would need HTTP in the middle of SMTP.
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = Check,
        };
    }

    public SslClientAuthenticationOptions Options { get; }

    /// <summary>Whether the certificate has proved the name, wanted or not.</summary>
    public bool IsProven { get; private set; }

    /// <summary>What is wrong with the certificate, once that has been found.</summary>
    public string? Fault { get; private set; }

    private bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        IsProven = errors == SslPolicyErrors.None;
        if (!_verify || errors == SslPolicyErrors.None) return true;
        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) reasons.Add("it showed none");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) reasons.Add("it is for another name");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)) reasons.AddRange(chain?.ChainStatus.Select(s => s.Status.ToString()).Distinct() ?? []);
        Fault = $"the server's certificate does not prove that it is {_serverName} ({string.Join(", ", reasons)}); failed";
        return false;
    }
}
