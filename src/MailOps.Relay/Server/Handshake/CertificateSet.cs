using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Relay.Server.Handshake;

/// <summary>
/// The certificates of a listener as they are at one time, found by the name a client asks for (SNI, RFC 6066 section 3): one that names it exactly, otherwise one
/// with a wildcard for it, otherwise the default. Within each kind the first in the order of the options counts.
/// </summary>
internal sealed class CertificateSet
{
    private readonly Dictionary<string, SslServerAuthenticationOptions> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly SslServerAuthenticationOptions _default;

    /// <param name="certificates">The default first; each with its private key.</param>
    /// <param name="settings">Makes what the handshake needs.</param>
    public CertificateSet(IReadOnlyList<CertificateOptions> certificates, Func<SslStreamCertificateContext, SslServerAuthenticationOptions> settings)
    {
        Certificates = [.. certificates.Select(c => c.Value!)];
        var all = certificates.Select(c => settings(SslStreamCertificateContext.Create(c.Value!, c.Intermediates, offline: true))).ToList();
        _default = all[0];
        for (var i = 0; i < all.Count; i++)
            foreach (var name in Names(Certificates[i])) _byName.TryAdd(name, all[i]);
    }

    /// <summary>The certificates, the default first.</summary>
    public IReadOnlyList<X509Certificate2> Certificates { get; }

    /// <summary>What the handshake needs for that name.</summary>
    /// <param name="serverName">The name the client asked for; empty where it asked for none.</param>
    public SslServerAuthenticationOptions Choose(string serverName)
    {
        var name = serverName.TrimEnd('.');
        if (_byName.TryGetValue(name, out var exact)) return exact;
        var dot = name.IndexOf('.');
        // RFC 6125 section 6.4.3: a wildcard stands for the first label, and for one only.
        return dot > 0 && _byName.TryGetValue("*" + name[dot..], out var wildcard) ? wildcard : _default;
    }

    // RFC 6125 section 6.4.4: the subject's common name counts only where there is no DNS name beside it.
    private static List<string> Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).ToList();
        if (names.Count == 0 && certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } common) names.Add(common);
        return names;
    }
}
