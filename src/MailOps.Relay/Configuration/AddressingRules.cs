using MailOps.Messages;

namespace MailOps.Relay.Configuration;

/// <summary>What of aliases, rewriting and rewritten senders cannot be.</summary>
internal static class AddressingRules
{
    /// <summary>Adds a sentence for each fault.</summary>
    public static void Check(Faults faults, SmtpRelayOptions options)
    {
        for (var i = 0; i < options.Aliases.Count; i++) Alias(faults, options.Aliases[i], $"aliases[{i}]");
        OptionsValidator.Unique(faults, options.Aliases.Select(a => a.Address), StringComparer.OrdinalIgnoreCase, "aliases");
        for (var i = 0; i < options.Rewrite.Count; i++)
        {
            var (rule, key) = (options.Rewrite[i], $"rewrite[{i}]");
            OptionsValidator.Check(faults, rule.From is not ("<>" or "*") && AddressPattern.TryParse(rule.From, out _), key + ".from", $"must be an address, @domain or *.domain, not '{rule.From}'");
            OptionsValidator.Check(faults, IsAddress(rule.To) || IsDomain(rule.To), key + ".to", $"must be an address or @domain, not '{rule.To}'");
            OptionsValidator.Check(faults, rule.Senders || rule.Recipients, key, "is for neither senders nor recipients");
        }
        OptionsValidator.Check(faults, options.Srs.Domain is null || EmailAddress.IsDomain(options.Srs.Domain), "srs.domain", $"must be a domain, not '{options.Srs.Domain}'");
        for (var i = 0; i < options.Srs.Secrets.Count; i++) OptionsValidator.Secret(faults, options.Srs.Secrets[i], $"srs.secrets[{i}]");
    }

    private static void Alias(Faults faults, AliasOptions alias, string key)
    {
        OptionsValidator.Check(faults, IsAddress(alias.Address) || IsDomain(alias.Address), key + ".address", $"must be an address or @domain, not '{alias.Address}'");
        OptionsValidator.Check(faults, alias.To.Count > 0, key + ".to", "needs at least one address");
        for (var i = 0; i < alias.To.Count; i++)
            OptionsValidator.Check(faults, IsAddress(alias.To[i]) || (IsDomain(alias.To[i]) && IsDomain(alias.Address)), $"{key}.to[{i}]", $"must be an address, or for a domain @domain, not '{alias.To[i]}'");
    }

    private static bool IsAddress(string text) => EmailAddress.TryParse(text, out _);

    private static bool IsDomain(string text) => text is ['@', .. var domain] && EmailAddress.IsDomain(domain);
}
