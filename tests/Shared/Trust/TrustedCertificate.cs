using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Tests.Shared;

/// <summary>Certificates for localhost and for 127.0.0.1 that this process trusts, and nobody else.</summary>
/// <remarks>
/// On Linux the user's root store is a folder under HOME, and .NET reads it once, before the first certificate is judged. So this process gets a HOME of
/// its own at its start. Elsewhere trusting a certificate would change the user's own store: there they stay null.
/// </remarks>
internal static class TrustedCertificate
{
    public static X509Certificate2? ForLocalhost { get; private set; }

    public static X509Certificate2? ForLoopback { get; private set; }

    [ModuleInitializer]
    internal static void Trust()
    {
        if (!OperatingSystem.IsLinux()) return;
        var home = Directory.CreateTempSubdirectory("mailops-home-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => home.Delete(recursive: true);
        Environment.SetEnvironmentVariable("HOME", home.FullName);
        (ForLocalhost, ForLoopback) = (Certificates.SelfSigned("localhost"), Certificates.SelfSigned("127.0.0.1"));
        using var store = new X509Store(StoreName.Root, StoreLocation.CurrentUser, OpenFlags.ReadWrite);
        foreach (var trusted in (X509Certificate2[])[ForLocalhost, ForLoopback]) store.Add(Certificates.WithoutKey(trusted));
    }
}
