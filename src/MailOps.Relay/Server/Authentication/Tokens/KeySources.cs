namespace MailOps.Relay.Server.Authentication.Tokens;

/// <summary>The two places where key sets lie.</summary>
internal static class KeySources
{
    /// <summary>The source that an option names.</summary>
    public static IKeySource For(TokenIssuerOptions issuer) => IsUrl(issuer.Keys) ? new HttpsKeySource(new Uri(issuer.Keys), new SocketsHttpHandler { AllowAutoRedirect = false }) : new FileKeySource(issuer.Keys);

    /// <summary>Whether it names a URL, of any kind, and not a file.</summary>
    public static bool IsUrl(string keys) => keys.Contains("://", StringComparison.Ordinal);
}
