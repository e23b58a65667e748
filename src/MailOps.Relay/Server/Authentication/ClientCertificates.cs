using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Relay.Server.Authentication;

/// <summary>
/// Which client certificates prove a user. The handshake lets every certificate in, as it lets in a client without one: mail servers show theirs to everybody, and
/// those that prove nothing here can still send. Only EXTERNAL asks whether it is believed.
/// </summary>
internal sealed class ClientCertificates
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly ClientCertificateOptions _options;
    private readonly TimeProvider _clock;
    private readonly HashSet<string> _thumbprints;
    private readonly X509Certificate2Collection _authorities = [];

    private ClientCertificates(ClientCertificateOptions options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        _thumbprints = new HashSet<string>(options.Thumbprints.Select(t => t.Replace(":", "", StringComparison.Ordinal)), StringComparer.OrdinalIgnoreCase);
        if (options.AuthorityPath is not { } path) return;
        try
        {
            _authorities.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Invalid($"The file of authorities {path} cannot be used: {e.Message}", e);
        }
        if (_authorities.Count == 0) throw Invalid($"The file of authorities {path} holds no certificate.", null);
    }

    /// <summary>What a listener believes; null where it asks for no certificates.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/> where the authorities cannot be read.</exception>
    public static ClientCertificates? Of(ListenerOptions listener, TimeProvider clock) => listener.ClientCertificates is { } options ? new ClientCertificates(options, clock) : null;

    /// <summary>Asks for a certificate in the handshake.</summary>
    public static void Ask(SslServerAuthenticationOptions handshake)
    {
        handshake.ClientCertificateRequired = true;   // in .NET's words: asked for; one that is not shown, or not believed, passes below
#pragma warning disable CA5359 // a stranger's certificate harms nobody: what it proves is asked in UserOf
        handshake.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        handshake.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
    }

    /// <summary>The user that a certificate proves; null where it is not believed or names none.</summary>
    public string? UserOf(X509Certificate2 certificate)
    {
        if (!IsPinned(certificate) && !IsSigned(certificate)) return null;
        // Prepared, as the names of users are: one that cannot be could not be shut out either.
        return (_options.UserName == CertificateUserName.Email ? Email(certificate) : CommonName(certificate)) is { } name && SaslPrep.Prepare(name) is { Length: > 0 } user ? user : null;
    }

    // A pinned certificate is believed for itself; only its time counts.
    private bool IsPinned(X509Certificate2 certificate)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        return _thumbprints.Contains(certificate.GetCertHashString(HashAlgorithmName.SHA256)) && now >= certificate.NotBefore.ToUniversalTime() && now <= certificate.NotAfter.ToUniversalTime();
    }

    private bool IsSigned(X509Certificate2 certificate)
    {
        if (_authorities.Count == 0) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.ExtraStore.AddRange(_authorities);
        chain.ChainPolicy.ApplicationPolicy.Add(ClientAuthentication);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;   // private authorities seldom publish lists; Set-SmtpRelayUser -Enabled $false shuts a user out at once
        chain.ChainPolicy.VerificationTime = _clock.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    }

    // One name, or none: of two nobody could say which is meant.
    private static string? CommonName(X509Certificate2 certificate)
    {
        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == "2.5.4.3").Select(part => part.GetSingleElementValue()).ToList();
        return names is [{ Length: > 0 } only] ? only : null;
    }

    private static string? Email(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(SubjectAlternativeNames.Emails).ToList();
        return names is [{ Length: > 0 } only] ? only : null;
    }

    private static MailOpsException Invalid(string message, Exception? cause) =>
        new(ErrorCode.RelayConfigurationInvalid, message, "Give a PEM file with the certificates of the authorities, roots and intermediates.", cause);
}
