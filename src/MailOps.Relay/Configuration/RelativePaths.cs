namespace MailOps.Relay.Configuration;

/// <summary>Paths in a configuration are relative to the document, or to the PowerShell location for parameters; never to the process's own folder.</summary>
public static class RelativePaths
{
    /// <summary>The same options with every path made absolute.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/>: a path that cannot be one.</exception>
    public static SmtpRelayOptions Resolve(SmtpRelayOptions options, string folder) => options with
    {
        QueuePath = Full(options.QueuePath, folder),
        Listeners = [.. options.Listeners.Select(l => l with
        {
            Certificate = Resolve(l.Certificate, folder),
            SniCertificates = [.. l.SniCertificates.Select(c => Resolve(c, folder)!)],
            ClientCertificates = Resolve(l.ClientCertificates, folder),
        })],
        LocalDomains = [.. options.LocalDomains.Select(d => d with { MailboxPath = Resolve(d.MailboxPath, folder), Lmtp = ResolveSocket(d.Lmtp, folder) })],
        Users = [.. options.Users.Select(u => u with { Password = Resolve(u.Password, folder)! })],
        UsersFile = Resolve(options.UsersFile, folder),
        AliasesFile = Resolve(options.AliasesFile, folder),
        Srs = options.Srs with { Secrets = [.. options.Srs.Secrets.Select(s => Resolve(s, folder)!)] },
        Pickup = options.Pickup is { } pickup ? pickup with { Path = Full(pickup.Path, folder) } : null,
        Authentication = options.Authentication with { Issuers = [.. options.Authentication.Issuers.Select(i => i with { Keys = i.Keys.Contains("://", StringComparison.Ordinal) ? i.Keys : Full(i.Keys, folder) })] },
        Routes = [.. options.Routes.Select(r => r with
        {
            MailboxPath = Resolve(r.MailboxPath, folder),
            DropPath = Resolve(r.DropPath, folder),
            Host = ResolveSocket(r.Host, folder),
            Hosts = [.. r.Hosts.Select(h => ResolveSocket(h, folder)!)],
            Password = Resolve(r.Password, folder),
            Oauth = Resolve(r.Oauth, folder),
        })],
    };

    private static string Full(string path, string folder) => path.Contains('\0', StringComparison.Ordinal)
        ? throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"The path '{path.Replace("\0", "\\0", StringComparison.Ordinal)}' contains a NUL character.", "Correct the path; no file system has such a name.")
        : Path.GetFullPath(path, folder);

    private static string? Resolve(string? path, string folder) => path is null ? null : Full(path, folder);

    private static string? ResolveSocket(string? host, string folder) =>
        host?.StartsWith("unix:", StringComparison.Ordinal) == true ? "unix:" + Full(host[5..], folder) : host;

    private static CertificateOptions? Resolve(CertificateOptions? certificate, string folder) =>
        certificate is null ? null : certificate with
        {
            Path = Resolve(certificate.Path, folder),
            KeyPath = Resolve(certificate.KeyPath, folder),
            Password = Resolve(certificate.Password, folder),
        };

    private static ClientCertificateOptions? Resolve(ClientCertificateOptions? certificates, string folder) =>
        certificates is null ? null : certificates with { AuthorityPath = Resolve(certificates.AuthorityPath, folder) };

    private static OAuthOptions? Resolve(OAuthOptions? oauth, string folder) => oauth is null ? null : oauth with
    {
        ClientSecret = Resolve(oauth.ClientSecret, folder),
        ClientCertificate = Resolve(oauth.ClientCertificate, folder),
        RefreshToken = Resolve(oauth.RefreshToken, folder),
        ServiceAccountKeyPath = Resolve(oauth.ServiceAccountKeyPath, folder),
    };

    private static SecretReference? Resolve(SecretReference? secret, string folder) =>
        secret?.File is null ? secret : new SecretReference { File = Full(secret.File, folder) };
}
