using MailOps.Submission;

namespace MailOps.Core.Tests.Submission;

public sealed class AuthenticationAdviceTests
{
    [Theory]
    [InlineData(535, "5.7.3", "Authentication unsuccessful [AM0PR01CA0001.eurprd01.prod.exchangelabs.com]", "SMTP.SendAsApp")]
    [InlineData(535, "5.7.3", "Authentication unsuccessful", "Add-MailboxPermission <mailbox> -User <service principal> -AccessRights FullAccess")]
    [InlineData(535, "5.7.139", "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.", "Set-TransportConfig -SmtpClientAuthenticationDisabled $false")]
    [InlineData(535, "5.7.139", "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information.", "off for this mailbox: Set-CASMailbox")]
    [InlineData(535, "5.7.139", "Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.", "security defaults (Entra ID, Properties) refuse passwords")]
    [InlineData(535, "5.7.139", "Authentication unsuccessful, basic authentication is disabled.", "Passwords are off for SMTP")]
    [InlineData(535, "5.7.139", "Authentication unsuccessful, the user was blocked by Conditional Access.", "Conditional Access policy refuses")]
    [InlineData(535, "5.7.139", "Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator.", "the sign-in log of Entra ID says which")]
    [InlineData(550, "5.7.30", "Basic authentication is not supported for Client Submission.", "use OAuth 2.0")]
    [InlineData(530, "5.7.57", "Client not authenticated to send mail. Error: 535 5.7.139 Authentication unsuccessful", "port 587")]
    [InlineData(535, "5.7.8", "Username and Password not accepted. For more information, go to\n https://support.google.com/mail/?p=BadCredentials", "Google takes no account password here")]
    [InlineData(535, "5.7.8", "Username and Password not accepted.", "Google takes no account password here")]
    [InlineData(535, "5.7.8", "Bad credentials, see https://support.google.com/mail", "Google takes no account password here")]
    [InlineData(534, "5.7.9", "Application-specific password required. For more information, go to https://support.google.com/mail/?p=InvalidSecondFactor", "An app password is wanted")]
    [InlineData(534, "5.7.14", "Please log in via your web browser", "sign in there")]
    [InlineData(454, "4.7.0", "Too many login attempts, please try again later.", "fewer connections")]
    [InlineData(454, "4.7.0", "Temporary authentication failure", "passes by itself")]
    [InlineData(432, "4.7.12", "A password transition is needed", "once by PLAIN")]
    [InlineData(538, "5.7.11", "Encryption required for requested authentication mechanism", "set TLS")]
    [InlineData(535, "5.7.8", "Error: authentication failed", "Check user name and password")]
    [InlineData(535, null, "authentication failed", "Check user name and password")]
    [InlineData(534, null, "Mechanism too weak", "allow a better one")]
    public void A_refusal_of_the_login_has_its_meaning(int code, string? enhanced, string text, string says)
    {
        var advice = AuthenticationAdvice.OnAuth(new SmtpReply(code, enhanced, text))!;
        Assert.Contains(says, advice.Text, StringComparison.Ordinal);
        Assert.True(advice is { IsCredential: true, Text.Length: < 400 });
        Assert.DoesNotContain(advice.Text, char.IsControl);
    }

    [Theory]
    [InlineData(530, "5.7.57", "Client not authenticated to send mail.", "port 587", true)]
    [InlineData(550, "5.7.30", "Basic authentication is not supported for Client Submission", "use OAuth 2.0", true)]
    [InlineData(550, "5.7.60", "Client does not have permissions to send as this sender", "-AccessRights SendAs", false)]
    [InlineData(554, "5.2.252", "SendAsDenied; mila@example.test not allowed to send as sales@example.test; STOREDRV.Submission.Exception:SendAsDeniedException", "-AccessRights SendAs", false)]
    [InlineData(550, "5.7.708", "Service unavailable. Access denied, traffic not accepted from this IP.", "Microsoft's support", false)]
    public void A_refusal_of_a_message_for_the_accounts_sake_has_its_meaning(int code, string enhanced, string text, string says, bool isCredential)
    {
        var advice = AuthenticationAdvice.OnMessage(new SmtpReply(code, enhanced, text))!;
        Assert.Contains(says, advice.Text, StringComparison.Ordinal);
        Assert.Equal(isCredential, advice.IsCredential);
    }

    [Theory]
    [InlineData(550, "5.7.30", "REQUIRETLS support required")]
    [InlineData(550, "5.7.1", "Relaying denied")]
    [InlineData(530, "5.7.0", "Must issue a STARTTLS command first")]
    [InlineData(550, "5.1.1", "No such user")]
    public void Other_refusals_say_enough(int code, string enhanced, string text) => Assert.Null(AuthenticationAdvice.OnMessage(new SmtpReply(code, enhanced, text)));

    [Theory]
    [InlineData("invalid_client: AADSTS7000215: Invalid client secret provided.", "give its value, not its id")]
    [InlineData("unauthorized_client: AADSTS700016: Application with identifier 'x' was not found", "check clientId and tenantId")]
    [InlineData("unauthorized_client: AADSTS7000160: x", "Domain-wide delegation")]
    [InlineData("invalid_request: AADSTS90002: Tenant 'x' not found.", "There is no such tenant")]
    [InlineData("invalid_request: AADSTS900023: Specified tenant identifier", "neither an id nor a domain")]
    [InlineData("unauthorized_client: Client is unauthorized to retrieve access tokens using this method", "Domain-wide delegation")]
    [InlineData("invalid_grant: Token has been expired or revoked.", "another refresh token")]
    [InlineData("invalid_client: AADSTS7000222: The provided client secret keys are expired.", "make another (App registrations")]
    [InlineData("invalid_client: AADSTS700027: The certificate with identifier used to sign the client assertion is not registered", "upload it")]
    [InlineData("invalid_scope: AADSTS70011: The provided value for the input parameter 'scope' is not valid.", "leave it out, or set https://outlook.office365.com/.default")]
    [InlineData("invalid_scope: AADSTS1002012: The provided value for scope is not valid. Client credential flows must have a scope value with /.default", "ends in /.default: leave it out")]
    [InlineData("invalid_grant: AADSTS65001: The user or administrator has not consented to use the application", "Grant admin consent")]
    [InlineData("interaction_required: AADSTS53003: Access has been blocked by Conditional Access policies.", "Conditional Access policy refuses the sign-in")]
    [InlineData("invalid_client: The OAuth client was not found.", "is not what the token server knows")]
    [InlineData("invalid_scope: Bad Request", "not one that the token server gives")]
    [InlineData("server_error: x", null)]
    public void What_a_token_server_says_has_its_meaning(string said, string? says)
    {
        var advice = AuthenticationAdvice.OnToken(said);
        if (says is null) Assert.Null(advice);
        else Assert.Contains(says, advice!.Text, StringComparison.Ordinal);
    }
}
