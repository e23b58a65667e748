using System.Net;
using MailKit.Security;

namespace MailOps.Relay.Delivery.Smtp.Authentication;

/// <summary>The mechanisms this relay knows towards servers, best first: those that do not show the password before those that do.</summary>
internal static class ClientMechanisms
{
    // NTLM does not show it either, but stands on MD4, and Exchange offers it where it cannot succeed: it is for servers that have nothing else, or where it is asked for.
    private static readonly string[] ForPassword = ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "NTLM"];
    private static readonly string[] ForToken = ["OAUTHBEARER", "XOAUTH2"];

    /// <summary>Those for a password, or for an access token.</summary>
    public static IReadOnlyList<string> Of(bool isToken) => isToken ? ForToken : ForPassword;

    /// <summary>The best that the server offers and the route allows; null where there is none.</summary>
    public static string? Choose(IReadOnlyList<string> offered, HostCredential credential) =>
        Of(credential.IsToken).FirstOrDefault(m => offered.Contains(m) && credential.Mechanisms?.Contains(m, StringComparer.OrdinalIgnoreCase) != false);

    /// <summary>One exchange by a mechanism.</summary>
    public static SaslMechanism Create(string name, HostCredential credential, string secret)
    {
        if (credential.IsToken) return new BearerMechanism(name, credential, secret);
        // NTLM has the domain apart; DOMAIN\user is how people write it.
        return name == "NTLM" && credential.UserName.Split('\\') is [var domain, var user]
            ? new SaslMechanismNtlm(new NetworkCredential(user, secret, domain))
            : SaslMechanism.Create(name, new NetworkCredential(credential.UserName, secret))!;
    }
}
