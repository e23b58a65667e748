using System.Text.RegularExpressions;

namespace MailOps.Submission;

/// <summary>What a reply means to whoever administers the account, and the setting to change.</summary>
/// <param name="Text">One or two sentences, without a full stop at the end.</param>
/// <param name="IsCredential">Whether it is the credential that is refused, and not this message: mail waits until that is mended.</param>
public sealed record AuthenticationAdvice(string Text, bool IsCredential)
{
    private const string SmtpAuthOn = "Set-CASMailbox <mailbox> -SmtpClientAuthenticationDisabled $false";
    private const string AppMaySend = "for an app: application permission SMTP.SendAsApp with admin consent, New-ServicePrincipal with the object id of the enterprise application, "
        + "Add-MailboxPermission <mailbox> -User <service principal> -AccessRights FullAccess";
    private const string UseOAuth = "use OAuth 2.0 with XOAUTH2";
    private const string SendAs = "The account may not send as this sender: Add-RecipientPermission <sender> -Trustee <account> -AccessRights SendAs, or send with the account's own address";
    private const string GoogleToken = "Google does not take this token for this mailbox: the scope must be https://mail.google.com/, and the mailbox its own or one that the service account may act for";
    private const string AppPassword = "Google takes no account password here: make an app password (2-Step Verification must be on), or use OAuth 2.0";

    // First match. The texts are those of the providers; a code alone is shared by many meanings.
    private static readonly Row[] Replies =
    [
        new(535, "5.7.139", "disabled for the Tenant", "SMTP AUTH is off for the whole tenant: Set-TransportConfig -SmtpClientAuthenticationDisabled $false, or for this mailbox alone " + SmtpAuthOn),
        new(535, "5.7.139", "disabled for the Mailbox", "SMTP AUTH is off for this mailbox: " + SmtpAuthOn),
        new(535, "5.7.139", "security defaults", "The tenant's security defaults (Entra ID, Properties) refuse passwords: " + UseOAuth),
        new(535, "5.7.139", "basic auth", "Passwords are off for SMTP (authentication policy of the tenant or mailbox): " + UseOAuth),
        new(535, "5.7.139", "Conditional Access", "A Conditional Access policy refuses the sign-in; the sign-in log of Entra ID names it. Exclude the account, or " + UseOAuth),
        new(535, "5.7.139", null, "Wrong password, SMTP AUTH off, security defaults or a Conditional Access policy; the sign-in log of Entra ID says which. Check " + SmtpAuthOn + ", or " + UseOAuth),
        new(null, "5.7.30", "Basic auth", "Exchange Online takes no passwords for client submission any more: " + UseOAuth),
        new(null, "5.7.57", null, "The server takes mail from those who authenticate only: give a credential, on port 587; where there is one, the mailbox may not use SMTP AUTH (" + SmtpAuthOn + "), or a connector of the tenant should know this machine"),
        new(535, "5.7.3", null, "Exchange refuses the credential: check it; " + SmtpAuthOn + "; " + AppMaySend),
        new(535, "5.7.8", "google", AppPassword),
        new(535, "5.7.8", "Username and Password not accepted", AppPassword),
        new(534, "5.7.9", null, "An app password is wanted (Google: 2-Step Verification is on), or OAuth 2.0"),
        new(534, "5.7.14", null, "Google wants a sign-in by web browser first, or has blocked this one: sign in there from this network, then use an app password or OAuth 2.0"),
        new(454, "4.7.0", "too many login", "Too many logins in a short time: fewer connections; it passes by itself"),
        new(454, "4.7.0", null, "The server cannot check credentials now; it passes by itself unless its administrator has to mend it"),
        new(432, "4.7.12", null, "The server needs the password once by PLAIN before it takes this mechanism (RFC 4954 section 6): limit the mechanisms to PLAIN for one login"),
        new(538, "5.7.11", null, "The server takes this mechanism over TLS only: set TLS to StartTls or Implicit"),
        new(534, null, null, "The server does not think the mechanism strong enough: allow a better one"),
        new(535, null, null, "Check user name and password; some providers want an app password or OAuth 2.0"),
    ];

    // The same for an access token, where that is another matter.
    private static readonly Row[] TokenReplies =
    [
        new(535, "5.7.139", "Conditional Access", "A Conditional Access policy refuses the sign-in; the sign-in log of Entra ID names it"),
        new(535, "5.7.139", "disabled for the Tenant", "SMTP AUTH is off for the whole tenant, for tokens too: Set-TransportConfig -SmtpClientAuthenticationDisabled $false, or for this mailbox alone " + SmtpAuthOn),
        new(535, "5.7.139", "disabled for the Mailbox", "SMTP AUTH is off for this mailbox, for tokens too: " + SmtpAuthOn),
        new(535, "5.7.139", null, "SMTP AUTH is off for the mailbox (" + SmtpAuthOn + "), or a policy of the tenant refuses the sign-in; the sign-in log of Entra ID says which"),
        new(535, "5.7.3", null, "Exchange does not take this token for this mailbox: it must be the mailbox's own (scope SMTP.Send), or " + AppMaySend + "; " + SmtpAuthOn + ". What is granted now stands in the next token only"),
        new(535, "5.7.8", "google", GoogleToken),
        new(535, "5.7.8", "Username and Password not accepted", GoogleToken),
        new(535, null, null, "The token is expired, of another mailbox, or without the scope that the server wants: check user name and scope"),
    ];

    private static readonly Row[] Refusals =
    [
        new(null, "5.7.60", null, SendAs, IsCredential: false),
        new(null, null, "SendAsDenied", SendAs, IsCredential: false),
        new(550, "5.7.708", null, "Exchange Online takes no mail from this address or tenant (new, trial or abused): confirm a domain of your own and ask Microsoft's support to lift it", IsCredential: false),
    ];

    private static readonly Row[] TokenErrors =
    [
        new(null, null, "AADSTS7000215", "The client secret is wrong: give its value, not its id"),
        new(null, null, "AADSTS7000222", "The client secret has expired: make another (App registrations, Certificates & secrets)"),
        new(null, null, "AADSTS700016", "The tenant has no such application: check clientId and tenantId"),
        new(null, null, "AADSTS700027", "The client certificate is not registered with the application, or has expired: upload it (Certificates & secrets)"),
        new(null, null, "AADSTS900023", "tenantId is neither an id nor a domain of a tenant"),
        new(null, null, "AADSTS90002", "There is no such tenant: check tenantId"),
        new(null, null, "AADSTS70011", "The scope is wrong: leave it out, or set https://outlook.office365.com/.default"),
        new(null, null, "AADSTS1002012", "The scope of client credentials ends in /.default: leave it out"),
        new(null, null, "AADSTS65001", "The permission lacks consent: an administrator grants it (API permissions, Grant admin consent)"),
        new(null, null, "AADSTS53003", "A Conditional Access policy refuses the sign-in; the sign-in log of Entra ID names it"),
        new(null, null, "unauthorized_client", "The client may not do this: for a Google service account allow its client id the scope https://mail.google.com/ (Admin console, Domain-wide delegation)"),
        new(null, null, "invalid_grant", "The refresh token or assertion is not good any more (revoked, expired, password changed; a wrong clock or mailbox name): sign in anew for another refresh token"),
        new(null, null, "invalid_client", "The client id, its secret or its certificate is not what the token server knows"),
        new(null, null, "invalid_scope", "The scope is not one that the token server gives: check scope"),
    ];

    /// <summary>The advice on a reply to AUTH; null for one that says enough.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="isToken">Whether an access token was shown, and not a password.</param>
    public static AuthenticationAdvice? OnAuth(SmtpReply reply, bool isToken = false) => (isToken ? Find(TokenReplies, reply) : null) ?? Find(Replies, reply);

    /// <summary>The advice on a reply to a command of a message, where that speaks of the account: not authenticated after all, or not as this sender. Null otherwise.</summary>
    public static AuthenticationAdvice? OnMessage(SmtpReply reply) =>
        Find(Refusals, reply) ?? (reply is { EnhancedCode: "5.7.57" or "5.7.30" or "5.7.139" } ? Find(Replies, reply) : null);

    /// <summary>The advice on what a token server answered: its error and description; null for one that says enough.</summary>
    public static AuthenticationAdvice? OnToken(string answer) =>
        TokenErrors.FirstOrDefault(row => Regex.IsMatch(answer, $@"\b{row.Says}\b", RegexOptions.CultureInvariant))?.Advice;

    private static AuthenticationAdvice? Find(Row[] rows, SmtpReply reply) => rows.FirstOrDefault(row => row.Matches(reply))?.Advice;

    private sealed record Row(int? Code, string? EnhancedCode, string? Says, string Text, bool IsCredential = true)
    {
        public AuthenticationAdvice Advice { get; } = new(Text, IsCredential);

        public bool Matches(SmtpReply reply) =>
            (Code is null || Code == reply.Code)
            && (EnhancedCode is null || EnhancedCode == reply.EnhancedCode)
            && (Says is null || Regex.IsMatch(reply.Text, Regex.Escape(Says), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant));
    }
}
