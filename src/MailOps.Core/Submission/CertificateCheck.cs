using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Submission;

/// <summary>Judges a server's certificate, and remembers what is wrong with it, in words.</summary>
internal sealed class CertificateCheck(string server, bool acceptAll)
{
    /// <summary>What is wrong with the certificate; null where nothing is, or none was shown yet.</summary>
    public string? Fault { get; private set; }

    public bool Judge(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Fault = errors == SslPolicyErrors.None ? null : Describe(certificate, chain, errors);
        return Fault is null || acceptAll;
    }

    private string Describe(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) return "it showed none";
        var reasons = new List<string>();
        using var shown = new X509Certificate2(certificate);
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) reasons.Add($"it is for {Subject(shown)}, not for {server}");
        var states = chain?.ChainStatus.Select(state => state.Status).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one) ?? X509ChainStatusFlags.NoError;
        if (states.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            var invariant = System.Globalization.CultureInfo.InvariantCulture;
            reasons.Add($"it is valid from {shown.NotBefore.ToUniversalTime().ToString("yyyy-MM-dd", invariant)} to {shown.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd", invariant)}");
        }
        if ((states & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0) reasons.Add("its issuer is not trusted here");
        if (states.HasFlag(X509ChainStatusFlags.Revoked)) reasons.Add("it is revoked");
        if (reasons.Count == 0) reasons.Add(states == X509ChainStatusFlags.NoError ? errors.ToString() : states.ToString());
        return string.Join(", and ", reasons);
    }

    private static string Subject(X509Certificate2 certificate) =>
        certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false) is { Length: > 0 } name ? name : certificate.Subject;
}
