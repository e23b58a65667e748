using MailOps.Relay.Server.Authentication;

namespace MailOps.Relay.Configuration;

/// <summary>What of the options for authentication cannot be.</summary>
internal static class AuthenticationRules
{
    /// <summary>Adds a sentence for each fault.</summary>
    public static void Check(Faults faults, SmtpRelayOptions options)
    {
        var authentication = options.Authentication;
        for (var i = 0; i < options.Users.Count; i++) Senders(faults, options.Users[i].Senders, $"users[{i}].senders");
        OptionsValidator.Check(faults, options.UsersFile is null or { Length: > 0 }, "usersFile", "must name a file");
        OptionsValidator.Check(faults, authentication.Check is null || (options.UsersFile is null && options.Users.Count == 0), "authentication", "has a check of its own, beside which there can be no users and no usersFile");
        OptionsValidator.Check(faults, authentication is { MaxFailures: >= 0 and <= 1000 }, "authentication.maxFailures", "must be from 0 to 1000");
        Time(faults, authentication.FailureWindow, "authentication.failureWindow");
        Time(faults, authentication.BlockTime, "authentication.blockTime");
        OptionsValidator.Check(faults, OptionsValidator.IsTimer(authentication.CheckTimeout), "authentication.checkTimeout", "must be 1 second at least, and a day at most");
        for (var i = 0; i < authentication.NeverBlock.Count; i++)
            OptionsValidator.Check(faults, NetworkList.TryParse(authentication.NeverBlock[i], out _), $"authentication.neverBlock[{i}]", $"must be an address or a network as in 192.0.2.0/24, not '{authentication.NeverBlock[i]}'");
        for (var i = 0; i < authentication.Issuers.Count; i++) Issuer(faults, authentication.Issuers[i], $"authentication.issuers[{i}]");
        OptionsValidator.Unique(faults, authentication.Issuers.Select(issuer => issuer.Issuer), StringComparer.Ordinal, "authentication.issuers");
        for (var i = 0; i < options.Listeners.Count; i++) Listener(faults, options.Listeners[i], $"listeners[{i}]");
    }

    private static void Time(Faults faults, TimeSpan time, string key) =>
        OptionsValidator.Check(faults, time >= TimeSpan.FromSeconds(1) && time <= OptionsValidator.LongestRetry, key, "must be 1 second at least, and 3650 days at most");

    private static void Issuer(Faults faults, TokenIssuerOptions issuer, string key)
    {
        OptionsValidator.Check(faults, issuer.Issuer.Length > 0, key + ".issuer", "must not be empty");
        OptionsValidator.Check(faults, issuer.Audiences.Count > 0 && issuer.Audiences.All(a => a.Length > 0), key + ".audiences", "needs at least one: a token for another service would be let in");
        OptionsValidator.Check(faults, issuer.UserClaim.Length > 0, key + ".userClaim", "must not be empty");
        // In clear, whoever sits between could give keys of his own.
        var url = issuer.Keys.Contains("://", StringComparison.Ordinal);
        OptionsValidator.Check(faults, issuer.Keys.Length > 0 && (!url || (Uri.TryCreate(issuer.Keys, UriKind.Absolute, out var parsed) && parsed.Scheme == Uri.UriSchemeHttps)), key + ".keys", "must be an https URL or a file");
    }

    private static void Listener(Faults faults, ListenerOptions listener, string key)
    {
        foreach (var unknown in (listener.Mechanisms ?? []).Where(m => !Authenticator.AllMechanisms.Contains(m, StringComparer.OrdinalIgnoreCase)))
            faults.Add(key + ".mechanisms", $"names '{unknown}'; there are {string.Join(", ", Authenticator.AllMechanisms)}");
        if (listener.ClientCertificates is not { } certificates) return;
        OptionsValidator.Named(faults, certificates.UserName, key + ".clientCertificates.userName");
        OptionsValidator.Check(faults, certificates.AuthorityPath is { Length: > 0 } || certificates.Thumbprints.Count > 0, key + ".clientCertificates", "needs authorityPath or thumbprints, or both: otherwise no certificate would be believed");
        OptionsValidator.Check(faults, listener.Tls != TlsMode.None, key + ".clientCertificates", "are shown in TLS, and the listener has tls None");
        foreach (var thumbprint in certificates.Thumbprints.Where(t => t.Replace(":", "", StringComparison.Ordinal) is not { Length: 64 } hex || !hex.All(char.IsAsciiHexDigit)))
            faults.Add(key + ".clientCertificates.thumbprints", $"has '{thumbprint}', which is not 64 hexadecimal digits (SHA-256)");
    }

    private static void Senders(Faults faults, IReadOnlyList<string> senders, string key)
    {
        foreach (var sender in senders.Where(s => !SenderRule.IsValid(s))) faults.Add(key, $"has '{sender}', which is not an address, @domain or *");
    }
}
