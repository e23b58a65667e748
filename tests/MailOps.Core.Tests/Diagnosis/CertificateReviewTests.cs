using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailOps.Diagnosis;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Diagnosis;

/// <summary>What the platform of a test server does not serve any more.</summary>
public sealed class CertificateReviewTests
{
    // CN=x of CN=authority, by ecdsa-with-SHA1, which .NET does not sign with any more.
    private const string SignedWithSha1 =
        "MIIBBjCBrwIBATAJBgcqhkjOPQQBMBQxEjAQBgNVBAMMCWF1dGhvcml0eTAgFw0yNjExMjYxNzQ3NDdaGA8yMTI2MTEwMjE3NDc0N1owDDEKMAgGA1UEAwwB"
        + "eDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJJLMupsdRyYtkJ3RVCBjRPH7rojvDKbp2iLxMXb5snviVL3KwfUnT5k+np91hwzpErXRkHCWPzh3D2sjgzy"
        + "lUswCQYHKoZIzj0EAQNHADBEAiA0iwipk4PcakJEyXVMcksA/EiPK1TcL5pWXotmkbqeDgIgSlZw76AzunuVvzn1LDnULPv68LqGjPMXRsR5cNSum2g=";

    [Fact]
    public void A_weak_key()
    {
        using var rsa = RSA.Create(1024);
        Is("CertificateWeakKey", Own(new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)), "1024 bits");
    }

    [Fact]
    public void A_signature_that_can_be_forged()
    {
        using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(SignedWithSha1));
        Is("CertificateWeakSignature", certificate, "sha1");
    }

    [Fact]
    public void An_authority_of_ones_own()
    {
        using var key = RSA.Create(2048);
        using var root = Own(new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), authority: true);
        using var leafKey = RSA.Create(2048);
        using var leaf = new CertificateRequest("CN=x", leafKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .Create(root, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(50), [1]);
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ExtraStore.Add(root);
        Assert.False(chain.Build(leaf));
        Is("CertificateUntrusted", leaf, "CN=authority", chain);
    }

    [Fact]
    public void One_that_expires_soon()
    {
        var review = new CertificateReview("localhost", SmtpServerVerdict.Failure, DateTime.UtcNow);
        review.Take(Certificates.SelfSigned("localhost", -1, 10), null, SslPolicyErrors.None);
        Assert.True(review.ProvesName);
        Assert.Equal(["CertificateExpiresSoon"], review.Findings.Select(finding => finding.Id));
        var later = new CertificateReview("localhost", SmtpServerVerdict.Failure, DateTime.UtcNow.AddDays(-10));
        later.Take(Certificates.SelfSigned("localhost", -20, 10), null, SslPolicyErrors.None);
        Assert.Empty(later.Findings);
    }

    private static X509Certificate2 Own(CertificateRequest request, bool authority = false)
    {
        if (authority) request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(60));
    }

    private static void Is(string id, X509Certificate2 certificate, string problem, X509Chain? chain = null)
    {
        var review = new CertificateReview("localhost", SmtpServerVerdict.Failure, DateTime.UtcNow);
        review.Take(certificate, chain, chain is null ? SslPolicyErrors.None : SslPolicyErrors.RemoteCertificateChainErrors);
        var found = Assert.Single(review.Findings, finding => finding.Id == id);
        Assert.Contains(problem, found.Problem, StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(found.Advice);
    }
}
