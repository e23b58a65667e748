using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Tests.Shared;

/// <summary>Certificates for localhost, for 127.0.0.1 and for the web servers of a domain, example.test, that this process trusts, and nobody else.</summary>
/// <remarks>
/// On Linux the user's root store is a folder under HOME, and .NET reads it once, before the first certificate is judged. So this process gets a HOME of
/// its own at its start. Elsewhere trusting a certificate would change the user's own store: there they stay null.
/// </remarks>
internal static class TrustedCertificate
{
    public static X509Certificate2? ForLocalhost { get; private set; }

    public static X509Certificate2? ForLoopback { get; private set; }

    /// <summary>For <c>mta-sts.example.test</c>.</summary>
    public static X509Certificate2? ForPolicies { get; private set; }

    [ModuleInitializer]
    internal static void Trust()
    {
        if (!OperatingSystem.IsLinux()) return;
        var home = Directory.CreateTempSubdirectory("mailops-home-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => home.Delete(recursive: true);
        Environment.SetEnvironmentVariable("HOME", home.FullName);
        (ForLocalhost, ForLoopback, ForPolicies) = (Certificates.SelfSigned("localhost"), Certificates.SelfSigned("127.0.0.1"), Certificates.SelfSigned("mta-sts.example.test"));
        using var store = new X509Store(StoreName.Root, StoreLocation.CurrentUser, OpenFlags.ReadWrite);
        foreach (var trusted in (X509Certificate2[])[ForLocalhost, ForLoopback, ForPolicies]) store.Add(Certificates.WithoutKey(trusted));
    }
}
