using MailOps.Relay.Server.Authentication;

namespace MailOps.Relay.Configuration;

/// <summary>What of the options for authentication cannot be.</summary>
internal static class AuthenticationRules
{
    /// <summary>Adds a sentence for each fault.</summary>
    public static void Check(List<string> faults, SmtpRelayOptions options)
    {
        var authentication = options.Authentication;
        for (var i = 0; i < options.Users.Count; i++) Senders(faults, options.Users[i].Senders, $"users[{i}].senders");
        OptionsValidator.Check(faults, options.UsersFile is null or { Length: > 0 }, "usersFile", "must name a file");
        OptionsValidator.Check(faults, authentication.Check is null || (options.UsersFile is null && options.Users.Count == 0), "authentication", "has a check of its own, beside which there can be no users and no usersFile");
        OptionsValidator.Check(faults, authentication is { MaxFailures: >= 0 and <= 1000 } && authentication.FailureWindow > TimeSpan.Zero && authentication.BlockTime > TimeSpan.Zero && authentication.CheckTimeout > TimeSpan.Zero,
            "authentication", "needs maxFailures from 0 to 1000, and times above zero");
        for (var i = 0; i < authentication.NeverBlock.Count; i++)
            OptionsValidator.Check(faults, NetworkList.TryParse(authentication.NeverBlock[i], out _), $"authentication.neverBlock[{i}]", $"must be an address or a network as in 192.0.2.0/24, not '{authentication.NeverBlock[i]}'");
        for (var i = 0; i < authentication.Issuers.Count; i++) Issuer(faults, authentication.Issuers[i], $"authentication.issuers[{i}]");
        foreach (var twice in authentication.Issuers.GroupBy(issuer => issuer.Issuer, StringComparer.Ordinal).Where(g => g.Count() > 1)) faults.Add($"authentication.issuers names '{twice.Key}' more than once.");
        for (var i = 0; i < options.Listeners.Count; i++) Listener(faults, options.Listeners[i], $"listeners[{i}]");
    }

    private static void Issuer(List<string> faults, TokenIssuerOptions issuer, string key)
    {
        OptionsValidator.Check(faults, issuer.Issuer.Length > 0, key + ".issuer", "must not be empty");
        OptionsValidator.Check(faults, issuer.Audiences.Count > 0 && issuer.Audiences.All(a => a.Length > 0), key + ".audiences", "needs at least one: a token for another service would be let in");
        OptionsValidator.Check(faults, issuer.UserClaim.Length > 0, key + ".userClaim", "must not be empty");
        // In clear, whoever sits between could give keys of his own.
        var url = issuer.Keys.Contains("://", StringComparison.Ordinal);
        OptionsValidator.Check(faults, issuer.Keys.Length > 0 && (!url || (Uri.TryCreate(issuer.Keys, UriKind.Absolute, out var parsed) && parsed.Scheme == Uri.UriSchemeHttps)), key + ".keys", "must be an https URL or a file");
    }

    private static void Listener(List<string> faults, ListenerOptions listener, string key)
    {
        foreach (var unknown in (listener.Mechanisms ?? []).Where(m => !Authenticator.AllMechanisms.Contains(m, StringComparer.OrdinalIgnoreCase)))
            faults.Add($"{key}.mechanisms names '{unknown}'; there are {string.Join(", ", Authenticator.AllMechanisms)}.");
        if (listener.ClientCertificates is not { } certificates) return;
        OptionsValidator.Check(faults, certificates.AuthorityPath is { Length: > 0 } || certificates.Thumbprints.Count > 0, key + ".clientCertificates", "needs authorityPath or thumbprints, or both: otherwise no certificate would be believed");
        OptionsValidator.Check(faults, listener.Tls != TlsMode.None, key + ".clientCertificates", "are shown in TLS, and the listener has tls None");
        foreach (var thumbprint in certificates.Thumbprints.Where(t => t.Replace(":", "", StringComparison.Ordinal) is not { Length: 64 } hex || !hex.All(char.IsAsciiHexDigit)))
            faults.Add($"{key}.clientCertificates.thumbprints has '{thumbprint}', which is not 64 hexadecimal digits (SHA-256).");
    }

    private static void Senders(List<string> faults, IReadOnlyList<string> senders, string key)
    {
        foreach (var sender in senders.Where(s => !SenderRule.IsValid(s))) faults.Add($"{key} has '{sender}', which is not an address, @domain or *.");
    }
}
