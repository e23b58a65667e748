namespace MailOps.Domains;

/// <summary>Selectors that providers and programs give to DKIM keys. The DNS does not list them, so that those with a date or a random part are not found.</summary>
public static class DkimSelectors
{
    /// <summary>The selectors, each with who uses it.</summary>
    public static IReadOnlyDictionary<string, string> Users { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["selector1"] = "Microsoft 365",
        ["selector2"] = "Microsoft 365",
        ["google"] = "Google Workspace",
        ["default"] = "cPanel, Plesk, OpenDKIM",
        ["dkim"] = "Mailcow, iRedMail, Mailu",
        ["mail"] = "OpenDKIM, Postal",
        ["s1"] = "SendGrid",
        ["s2"] = "SendGrid",
        ["k1"] = "Mailchimp, Mailgun",
        ["k2"] = "Mailchimp",
        ["k3"] = "Mailchimp",
        ["mandrill"] = "Mandrill",
        ["mte1"] = "Mandrill",
        ["mte2"] = "Mandrill",
        ["fm1"] = "Fastmail",
        ["fm2"] = "Fastmail",
        ["fm3"] = "Fastmail",
        ["protonmail"] = "Proton Mail",
        ["protonmail2"] = "Proton Mail",
        ["protonmail3"] = "Proton Mail",
        ["zoho"] = "Zoho",
        ["zmail"] = "Zoho",
        ["sig1"] = "iCloud",
        ["key1"] = "Migadu",
        ["key2"] = "Migadu",
        ["key3"] = "Migadu",
        ["mailjet"] = "Mailjet",
        ["brevo1"] = "Brevo",
        ["brevo2"] = "Brevo",
        ["pm"] = "Postmark",
        ["cm"] = "Campaign Monitor",
        ["ctct1"] = "Constant Contact",
        ["ctct2"] = "Constant Contact",
        ["zendesk1"] = "Zendesk",
        ["zendesk2"] = "Zendesk",
        ["litesrv"] = "MailerLite",
        ["s1-ionos"] = "IONOS",
        ["s2-ionos"] = "IONOS",
        ["s1024"] = "Yahoo",
        ["s2048"] = "Yahoo",
    };

    /// <summary>The selectors.</summary>
    public static IReadOnlyList<string> Common { get; } = [.. Users.Keys];
}
