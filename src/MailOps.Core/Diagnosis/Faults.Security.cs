using MailOps.Authentication;
using static MailOps.SmtpServerVerdict;

namespace MailOps.Diagnosis;

/// <summary>The faults of TLS, of certificates and of authentication.</summary>
internal static partial class Faults
{
    private const string SendChain = "Let the server send its certificate together with those of the intermediate authorities (a full chain file).";

    public static SmtpServerFinding StartTlsNotOffered(SmtpServerVerdict severity, string others) => new(
        "StartTlsNotOffered", severity, "The server does not offer STARTTLS: all goes in plain text.", $"Give the server a certificate and turn STARTTLS on, or use a port that has TLS.{others}");

    public static SmtpServerFinding StartTlsStripped(string how) => new(
        "StartTlsStripped", Failure, $"STARTTLS is taken out of the server's answer on the way: {how}.",
        "Turn off the inspection of SMTP in the firewall or virus scanner between (Cisco: 'no inspect esmtp', once 'fixup protocol smtp'); in a strange network suspect an attack, and use port 465.");

    public static SmtpServerFinding StartTlsRefused(SmtpReply reply, SmtpServerVerdict severity) => new(
        "StartTlsRefused", severity, $"The server offers STARTTLS and refuses it: {reply}.", "See the server's log: its certificate or key cannot be read mostly.");

    public static SmtpServerFinding TlsRequired(SmtpReply reply) => new(
        "TlsRequired", Failure, $"The server takes mail over TLS only: {reply}.", "Use -Tls StartTls with this port, or -Tls Implicit with port 465.");

    public static SmtpServerFinding TlsFailed(string why) => new(
        "TlsFailed", Failure, $"The TLS handshake fails: {why}.", "See the server's log. No cipher in common, a certificate without its key, or a client certificate that is asked for are the usual causes.");

    public static SmtpServerFinding TlsTooOld(string version) => new(
        "TlsTooOld", Failure, $"The server has no TLS newer than {version}, which no client should use any more (RFC 8996).",
        "Turn on TLS 1.2 and 1.3 at the server; where its software has none, upgrade it or put a current relay before it.");

    public static SmtpServerFinding TlsOldAllowed(string versions) => new(
        "TlsOldAllowed", Warning, $"The server still takes {versions}, which no client should use any more (RFC 8996).", "Let TLS 1.2 be the least (Postfix: smtpd_tls_protocols = >=TLSv1.2), unless old devices need the others.");

    public static SmtpServerFinding TlsWeakCiphers(IReadOnlyList<string> ciphers) => new(
        "TlsWeakCiphers", Warning, $"The server takes ciphers that are broken: {string.Join(", ", ciphers)}.", "Take them out of the server's list (Postfix: smtpd_tls_ciphers = high, smtpd_tls_exclude_ciphers = 3DES, RC4, NULL, EXPORT).");

    public static SmtpServerFinding OpenRelay(IReadOnlyList<SmtpOpenRelayAttempt> accepted, bool isSure)
    {
        var tricks = string.Join(", ", accepted.Select(attempt => attempt.Name));
        return isSure
            ? new("OpenRelay", Failure, $"The server takes mail from strangers to strangers ({tricks}): an open relay, unless it trusts the address of this machine.",
                "Test from an address outside its trusted networks; then let it relay only for listed networks and those who authenticate (Postfix: mynetworks, smtpd_relay_restrictions).")
            : new("OpenRelaySuspected", Warning, $"The server takes {tricks}, but takes every address at its own name too, so that it may not pass these on.",
                "See in its log whether it would pass such mail on; better let it refuse recipients that do not exist.");
    }

    public static SmtpServerFinding CertificateExpired(DateTime when, SmtpServerVerdict severity) => new(
        "CertificateExpired", severity, FormattableString.Invariant($"The server's certificate has expired on {when:yyyy-MM-dd}."), "Renew it, let the server read the new one, and automate that.");

    public static SmtpServerFinding CertificateNotYetValid(DateTime when, DateTime now, SmtpServerVerdict severity) => new(
        "CertificateNotYetValid", severity, FormattableString.Invariant($"The server's certificate is valid from {when:yyyy-MM-dd HH:mm} UTC on, and it is {now:yyyy-MM-dd HH:mm} here."),
        "Check the clock of this machine; if it is right, put the earlier certificate back until then.");

    public static SmtpServerFinding CertificateExpiresSoon(DateTime when) => new(
        "CertificateExpiresSoon", Warning, FormattableString.Invariant($"The server's certificate expires on {when:yyyy-MM-dd}."), "Renew it now, and see why it is not renewed by itself.");

    public static SmtpServerFinding CertificateName(string server, string names, SmtpServerVerdict severity) => new(
        "CertificateNameMismatch", severity, $"The server's certificate is for {names}, not for {server}.",
        "Use the name that is in the certificate, or have one issued with this name among its alternative names.");

    public static SmtpServerFinding CertificateSelfSigned(SmtpServerVerdict severity) => new(
        "CertificateSelfSigned", severity, "The server's certificate is self-signed: nobody vouches for it.", "Use one of an authority that clients trust, or add this one to the trusted roots of each client.");

    public static SmtpServerFinding CertificateUntrusted(string issuer, SmtpServerVerdict severity) => new(
        "CertificateUntrusted", severity, $"The authority behind the server's certificate is not trusted here (issuer: {issuer}).",
        "Add the root of that authority to the trusted roots of the clients if it is your own; otherwise use a public authority.");

    public static SmtpServerFinding CertificateChainIncomplete(string issuer, SmtpServerVerdict severity) => new(
        "CertificateChainIncomplete", severity, $"The certificate of the issuer ({issuer}) is neither sent by the server nor known here.", SendChain);

    public static SmtpServerFinding CertificateIssuerExpired(SmtpServerVerdict severity) => new(
        "CertificateIssuerExpired", severity, "A certificate of an authority in the server's chain is not valid at this time.", SendChain);

    public static SmtpServerFinding CertificateRevoked(SmtpServerVerdict severity) => new(
        "CertificateRevoked", severity, "The server's certificate is revoked.", "Have another one issued, with another key.");

    public static SmtpServerFinding CertificateRefused(string why, SmtpServerVerdict severity) => new(
        "CertificateRefused", severity, $"The platform does not accept the server's certificate: {why}.", "Have one issued for a TLS server, by an authority that is trusted here.");

    public static SmtpServerFinding CertificateWeakKey(string kind, int bits, SmtpServerVerdict severity) => new(
        "CertificateWeakKey", severity, FormattableString.Invariant($"The {kind} key of the server's certificate has {bits} bits only: clients begin to refuse it."),
        "Have a certificate issued for a key of RSA 2048 bits, or of P-256.");

    public static SmtpServerFinding CertificateWeakSignature(string algorithm, SmtpServerVerdict severity) => new(
        "CertificateWeakSignature", severity, $"The server's certificate, or one above it, is signed with {algorithm}, which can be forged.", "Have a certificate issued that is signed with SHA-256.");

    public static SmtpServerFinding AuthBeforeTls(IReadOnlyList<string> mechanisms) => new(
        "AuthBeforeTls", Warning, $"The server offers authentication in plain text ({string.Join(" ", mechanisms)}): a client without TLS shows its password to everybody on the way.",
        "Let the server offer AUTH under TLS only (Postfix: smtpd_tls_auth_only = yes).");

    public static SmtpServerFinding AuthNotOffered(string endPoint, SmtpServerVerdict severity) => new(
        "AuthNotOffered", severity, $"{endPoint} offers no authentication under TLS.", "Use the submission port (587 or 465), or turn authentication on for this port.");

    public static SmtpServerFinding AuthMechanismUnsupported(string? wanted, bool isToken, IReadOnlyList<string> mechanisms)
    {
        var offers = string.Join(" ", mechanisms);
        if (wanted is not null) return new("AuthMechanismUnsupported", Failure, $"The server does not offer {wanted}: {offers}.", "Leave -Authentication out, which takes the best that it offers, or turn that mechanism on.");
        return isToken
            ? new("AuthMechanismUnsupported", Failure, $"The server offers no mechanism for an access token: {offers}.", "Give -Credential, or turn XOAUTH2 or OAUTHBEARER on.")
            : new("AuthMechanismUnsupported", Failure, $"The server offers no mechanism for a user name and password: {offers}.",
                "XOAUTH2 and OAUTHBEARER take an access token (-OAuth, -AccessToken), GSSAPI a Kerberos ticket: use a client that has them, or turn PLAIN on under TLS.");
    }

    public static SmtpServerFinding AuthNotBound(string mechanism, string why) => new(
        "AuthNotBound", Warning, $"{mechanism} was not tried: {why}.", "Name the mechanism without -PLUS, or have the certificate signed with SHA-256, SHA-384 or SHA-512.");

    public static SmtpServerFinding NoToken(MailOpsException error) => new("TokenFailed", Failure, error.Message, error.Hint ?? "");

    public static SmtpServerFinding CredentialWithheld(string why) => new(
        "CredentialWithheld", Failure, $"The credential was not sent, for {why}.", "Mend what stands in the way: passwords go out only under TLS with a valid certificate.");

    public static SmtpServerFinding AuthRequired(SmtpReply reply, bool given) => new(
        "AuthRequired", Failure, $"The server takes mail from those who authenticate only: {reply}.", given ? "Check that this user may send." : "Give -Credential, or -OAuth.");

    /// <summary>What a refusal of a credential means.</summary>
    public static SmtpServerFinding AuthRefused(ClientLogin login, string user, SmtpReply reply, LoginMethod method)
    {
        var (mechanism, isToken) = (login.Mechanism, method.Tokens is not null);
        var advice = LoginErrors.Advice(method, login, Submission.AuthenticationAdvice.OnAuth(reply, isToken));
        var reason = login.Reason is { } told ? $" ({told})" : "";
        return reply switch
        {
            { Code: 535, EnhancedCode: "5.7.139" } or { EnhancedCode: "5.7.30" } when !isToken => new("BasicAuthDisabled", Failure, $"The server takes no password of {user}: {reply}.", advice),
            { Code: 504 } or { EnhancedCode: "5.5.4" } => new("AuthMechanismUnsupported", Failure, $"The server offers {mechanism} and does not know it: {reply}.", "Mend the server's list of mechanisms."),
            { Code: 534, EnhancedCode: null or "5.7.9" } => new("AuthMechanismTooWeak", Failure, $"{mechanism} does not do for {user}: {reply}.", advice),
            { IsTemporary: true } => new("AuthUnavailable", Failure, $"The server cannot check the credential of {user} now: {reply}.", advice),
            _ => new("CredentialRefused", Failure, $"The server refuses the {(isToken ? "access token" : "credential")} of {user}: {reply}{reason}.", advice),
        };
    }

    public static SmtpServerFinding AuthBroken(string mechanism, string why) => new(
        "AuthBroken", Failure, $"The exchange by {mechanism} makes no sense: {why}.", "Mend the server's authentication, or take that mechanism out of its list.");
}
