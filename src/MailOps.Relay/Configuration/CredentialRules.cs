using MailOps.Authentication;
using MailOps.Authentication.Tokens;

namespace MailOps.Relay.Configuration;

/// <summary>What of the credential of a route cannot be.</summary>
internal static class CredentialRules
{
    /// <summary>Adds a sentence for each fault. A credential belongs to servers the administrator has named: by MX it would be offered to whoever receives mail.</summary>
    public static void Check(Faults faults, RouteOptions route, string key)
    {
        var secrets = (route.Password is null ? 0 : 1) + (route.Oauth is null ? 0 : 1);
        OptionsValidator.Check(faults, route.UserName is null ? secrets == 0 : secrets == 1, key, "needs both userName and one of password and oauth, or neither");
        OptionsValidator.Check(faults, secrets > 0 || route.Mechanisms is null, key + ".mechanisms", "is for a route with a credential");
        if (secrets == 0) return;
        OptionsValidator.Check(faults, route.UserName is null or { Length: > 0 } && route.UserName?.Any(char.IsControl) != true, key + ".userName", "must not be empty and has no control characters");
        OptionsValidator.Check(faults, route.Kind is RouteKind.SmartHost or RouteKind.Lmtp, key, $"has a credential, which is for SmartHost and Lmtp; its kind is {route.Kind}");
        OptionsValidator.Check(faults, route.Tls != TlsMode.None || RouteRules.Hosts(route).All(RouteRules.IsHere), key, "has a credential and tls None: it would cross the network readable");
        if (route.Password is { } password) OptionsValidator.Secret(faults, password, key + ".password");
        if (route.Oauth is { } oauth) Check(faults, oauth, key + ".oauth");
        Mechanisms(faults, route, key + ".mechanisms");
    }

    private static void Mechanisms(Faults faults, RouteOptions route, string key)
    {
        if (route.Mechanisms is not { } mechanisms) return;
        var known = ClientMechanisms.Of(route.Oauth is not null);
        OptionsValidator.Check(faults, mechanisms.Count > 0, key, "needs at least one, or is left out for all");
        foreach (var unknown in mechanisms.Where(m => !known.Contains(m, StringComparer.OrdinalIgnoreCase)))
            faults.Add(key, $"names '{unknown}'; for {(route.Oauth is null ? "a password" : "oauth")} there are {string.Join(", ", known)}");
    }

    private static void Check(Faults faults, OAuthOptions oauth, string key)
    {
        OptionsValidator.Named(faults, oauth.Provider, key + ".provider");
        OptionsValidator.Check(faults, oauth.Provider == OAuthProvider.Microsoft365 == oauth.TenantId is not null, key + ".tenantId", "is needed for Microsoft365, and is for no other provider");
        OptionsValidator.Check(faults, oauth.TenantId is null || TokenEndpoints.IsTenant(oauth.TenantId), key + ".tenantId", $"must be the tenant's id or one of its domains, not '{oauth.TenantId}'");
        OptionsValidator.Check(faults, oauth.TokenUrl is null ? oauth.Provider != OAuthProvider.Custom : TokenEndpoints.IsSafe(oauth.TokenUrl), key + ".tokenUrl", "must be an https URL, or http to a loopback address, and Custom needs one");
        OptionsValidator.Check(faults, oauth.Scope is null || TokenEndpoints.IsScope(oauth.Scope), key + ".scope", "must be printable ASCII (RFC 6749 section 3.3)");
        if (oauth.ClientSecret is { } secret) OptionsValidator.Secret(faults, secret, key + ".clientSecret");
        if (oauth.RefreshToken is { } refresh) OptionsValidator.Secret(faults, refresh, key + ".refreshToken");
        if (oauth.ClientCertificate is { } certificate) OptionsValidator.Certificate(faults, certificate, key + ".clientCertificate");
        if (oauth.ServiceAccountKeyPath is { } path)
        {
            OptionsValidator.Check(faults, path.Length > 0, key + ".serviceAccountKeyPath", "must name a file");
            OptionsValidator.Check(faults, oauth is { ClientId: null, ClientSecret: null, ClientCertificate: null, RefreshToken: null }, key, "has serviceAccountKeyPath, beside which there is no clientId, clientSecret, clientCertificate or refreshToken");
            OptionsValidator.Check(faults, oauth.Provider == OAuthProvider.Google, key + ".serviceAccountKeyPath", $"is for Google; the provider is {oauth.Provider}");
            return;
        }
        OptionsValidator.Check(faults, oauth.ClientId is { Length: > 0 }, key + ".clientId", "must not be empty");
        OptionsValidator.Check(faults, oauth.ClientSecret is null || oauth.ClientCertificate is null, key, "needs one of clientSecret and clientCertificate, not both");
        OptionsValidator.Check(faults, oauth.RefreshToken is not null || oauth.ClientSecret is not null || oauth.ClientCertificate is not null, key, "needs clientSecret, clientCertificate, refreshToken or serviceAccountKeyPath");
    }
}
