using System.Net;
using MailKit.Security;

namespace MailOps.Authentication;

/// <summary>The mechanisms towards servers, best first: those that do not show the password before those that do.</summary>
public static class ClientMechanisms
{
    // NTLM does not show it either, but stands on MD4, and Exchange offers it where it cannot succeed: it is for servers that have nothing else, or where it is asked for.
    private static readonly string[] ForPassword = ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "NTLM"];
    private static readonly string[] ForToken = ["OAUTHBEARER", "XOAUTH2"];

    /// <summary>Those for a password, or for an access token.</summary>
    public static IReadOnlyList<string> Of(bool isToken) => isToken ? ForToken : ForPassword;

    /// <summary>The best that the server offers and the user allows; null where there is none.</summary>
    /// <param name="offered">What the server offers, in upper case.</param>
    /// <param name="isToken">Whether a token is shown, and not a password.</param>
    /// <param name="allowed">What the user allows, in any case; null for all.</param>
    public static string? Choose(IEnumerable<string> offered, bool isToken, IReadOnlyList<string>? allowed = null) =>
        Of(isToken).FirstOrDefault(m => offered.Contains(m) && allowed?.Contains(m, StringComparer.OrdinalIgnoreCase) != false);

    /// <summary>One exchange by a mechanism that shows a password.</summary>
    public static SaslMechanism Create(string name, string user, string password) =>
        // NTLM has the domain apart; DOMAIN\user is how people write it.
        name == "NTLM" && user.Split('\\') is { Length: 2 } parts
            ? new SaslMechanismNtlm(new NetworkCredential(parts[1], password, parts[0]))
            : SaslMechanism.Create(name, new NetworkCredential(user, password))!;
}
