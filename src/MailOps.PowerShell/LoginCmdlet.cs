using System.Collections;
using System.Management.Automation;
using System.Security;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell;

/// <summary>A cmdlet that logs in to a mail server: by which mechanism, and with what in the place of a password.</summary>
public abstract class LoginCmdlet : AsyncCmdlet
{
    private LoginReader? _login;

    /// <summary>By which mechanism to log in. Default: Auto, the best that the server offers, which is tried once. Spa is another name for Ntlm; XOAuth2 and OAuthBearer take an access token.</summary>
    [Parameter]
    [OneName]
    public AuthenticationMechanism Authentication { get; set; }

    /// <summary>The mailbox that -AccessToken or -OAuth is for, mostly its address; with -Authentication Anonymous the trace that is left. For a password the name is in -Credential.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>An OAuth 2.0 access token that was fetched elsewhere, in the place of a password; needs -UserName.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? AccessToken { get; set; }

    /// <summary>How to ask for access tokens, which take the place of a password: a hashtable with Grant, ClientId and what else that Grant needs; see about_MailOps. Needs -UserName, or the key User.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? OAuth { get; set; }

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken) => SignInAsync(Login, OAuth, UserName, cancellationToken);

    private LoginReader Login => _login ??= new LoginReader(this.FullPath);

    /// <summary>Has somebody sign in by a browser, where -OAuth says so, and shows the code.</summary>
    /// <param name="login">Reads the parameters.</param>
    /// <param name="oauth">How tokens are asked for.</param>
    /// <param name="userName">Whom they are for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private protected async Task SignInAsync(LoginReader login, IDictionary? oauth, string? userName, CancellationToken cancellationToken)
    {
        // Where something else is given too, the login is an error, for which nobody needs to sign in.
        if (IsWhatIf || MyInvocation.BoundParameters.ContainsKey(login.Prefix + "Credential") || MyInvocation.BoundParameters.ContainsKey(login.Prefix + "AccessToken")) return;
        var asked = false;
        await login.SignInAsync(
            oauth, userName,
            code => Post(() =>
            {
                asked = true;
                WriteWarning($"To sign in{(userName is null ? "" : $" as {userName}")}, open {code.Address} in a browser and enter the code {code.UserCode}.");
            }),
            left => Post(() => WriteProgress(new ProgressRecord(1, "Signing in", "Waiting for the code to be entered in a browser") { SecondsRemaining = (int)left.TotalSeconds })),
            cancellationToken);
        if (asked) WriteProgress(new ProgressRecord(1, "Signing in", " ") { RecordType = ProgressRecordType.Completed });
    }

    /// <summary>Who logs in, and how; null where nothing was said. The same object as long as the parameters are the same.</summary>
    /// <param name="credential">The user name and password that were given.</param>
    /// <param name="protocol">What is spoken to the server.</param>
    private protected Login? ReadLogin(PSCredential? credential, MailProtocol protocol) =>
        Login.Read(new LoginInput(credential, Authentication, UserName, AccessToken, OAuth), protocol);
}
