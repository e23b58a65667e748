using System.Net;
using MailKit.Security;

namespace MailOps.Authentication;

/// <summary>The mechanisms towards servers, best first: those that do not show the password before those that do.</summary>
public static class ClientMechanisms
{
    // NTLM does not show it either, but stands on MD4, and Exchange offers it where it cannot succeed: it is for servers that have nothing else, or where it is asked for.
    private static readonly string[] ForPassword = ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "NTLM"];
    private static readonly string[] ForToken = ["OAUTHBEARER", "XOAUTH2"];

    // DIGEST-MD5 is obsolete (RFC 6331), and channel binding, where the two sides do not mean the same, would be a refused password: both where they are asked for.
    private static readonly Dictionary<AuthenticationMechanism, string> Names = new()
    {
        [AuthenticationMechanism.Plain] = "PLAIN",
        [AuthenticationMechanism.Login] = "LOGIN",
        [AuthenticationMechanism.CramMd5] = "CRAM-MD5",
        [AuthenticationMechanism.DigestMd5] = "DIGEST-MD5",
        [AuthenticationMechanism.ScramSha1] = "SCRAM-SHA-1",
        [AuthenticationMechanism.ScramSha1Plus] = "SCRAM-SHA-1-PLUS",
        [AuthenticationMechanism.ScramSha256] = "SCRAM-SHA-256",
        [AuthenticationMechanism.ScramSha256Plus] = "SCRAM-SHA-256-PLUS",
        [AuthenticationMechanism.ScramSha512] = "SCRAM-SHA-512",
        [AuthenticationMechanism.ScramSha512Plus] = "SCRAM-SHA-512-PLUS",
        [AuthenticationMechanism.Ntlm] = "NTLM",
        [AuthenticationMechanism.XOAuth2] = "XOAUTH2",
        [AuthenticationMechanism.OAuthBearer] = "OAUTHBEARER",
        [AuthenticationMechanism.Anonymous] = "ANONYMOUS",
    };

    /// <summary>Those for a password, or for an access token.</summary>
    public static IReadOnlyList<string> Of(bool isToken) => isToken ? ForToken : ForPassword;

    /// <summary>The best that the server offers and the user allows; null where there is none.</summary>
    /// <param name="offered">What the server offers, in upper case.</param>
    /// <param name="isToken">Whether a token is shown, and not a password.</param>
    /// <param name="allowed">What the user allows, in any case; null for all.</param>
    public static string? Choose(IEnumerable<string> offered, bool isToken, IReadOnlyList<string>? allowed = null) =>
        Of(isToken).FirstOrDefault(m => offered.Contains(m) && allowed?.Contains(m, StringComparer.OrdinalIgnoreCase) != false);

    /// <summary>The name of a mechanism on the wire; null for Auto.</summary>
    public static string? NameOf(AuthenticationMechanism mechanism) => Names.TryGetValue(mechanism, out var name) ? name : null;

    /// <summary>Whether a mechanism shows an access token.</summary>
    public static bool TakesToken(AuthenticationMechanism mechanism) => mechanism is AuthenticationMechanism.XOAuth2 or AuthenticationMechanism.OAuthBearer;

    /// <summary>One exchange by a mechanism that shows a password, or nothing.</summary>
    /// <param name="name">The mechanism.</param>
    /// <param name="user">The user.</param>
    /// <param name="password">The password.</param>
    /// <param name="channel">The connection, for those that are bound to it; null where MailKit's client, which tells its own mechanisms, runs the exchange.</param>
    /// <exception cref="SaslFaultException">There is nothing to bind it to.</exception>
    internal static SaslMechanism Create(string name, string user, string password, SaslChannel? channel) => name switch
    {
        "DIGEST-MD5" when channel is { } known => new DigestMd5Mechanism(user, password, known.Server),
        _ when channel is { } bound && name.EndsWith("-PLUS", StringComparison.Ordinal) => new ScramPlusMechanism(name, user, password, Binding(name, bound)),
        _ => Create(name, user, password),
    };

    /// <summary>One exchange by a mechanism that shows a password, or nothing, and is not bound to a connection.</summary>
    public static SaslMechanism Create(string name, string user, string password) => name switch
    {
        // NTLM has the domain apart; DOMAIN\user is how people write it.
        "NTLM" when user.Split('\\') is { Length: 2 } parts => new SaslMechanismNtlm(new NetworkCredential(parts[1], password, parts[0])),
        "ANONYMOUS" => new SaslMechanismAnonymous(user),
        _ => SaslMechanism.Create(name, new NetworkCredential(user, password))!,
    };

    private static byte[] Binding(string name, SaslChannel channel)
    {
        if (channel.Tls?.RemoteCertificate is not { } certificate) throw new SaslFaultException(name, "there is no TLS that it could be bound to");
        return EndPointBinding.Of(certificate) ?? throw new SaslFaultException(name, "the signature of the server's certificate gives nothing that it could be bound to (RFC 5929 section 4)");
    }
}
