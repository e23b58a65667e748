using System.Collections;
using System.Management.Automation;
using System.Security;
using MailOps.Authentication;
using MailOps.Mailboxes;
using MailOps.Messages;
using MailOps.PowerShell.Parameters;
using MailOps.Submission;

namespace MailOps.PowerShell.Commands;

/// <summary>Sends a marked message and waits for it in a mailbox, with the delay of each server on its way.</summary>
/// <remarks>
/// <para>The mailbox is opened first: where that fails nothing is sent. The message has a subject that no other has, by which it is found; it stays there, and the output goes to Remove-MailboxMessage. Latency is by
/// this machine's clock; the delays of Hops are what the servers wrote into the header by theirs.</para>
/// <para>A message that no server takes (NotSent), or that does not come in time (NotArrived), is no error: Outcome and Reason say it. A message that the server had the whole of when the connection broke is waited for too; a mailbox that refuses the login is not asked again. Errors are those of Get-MailboxMessage, for the mailbox, and of
/// Send-SmtpMessage for names and addresses; credentials go out as there, over TLS with a valid certificate or not at all. -Authentication, -AccessToken, -OAuth and -UserName are for the mailbox, the same with Smtp
/// before the name for the server that sends.</para>
/// </remarks>
/// <example>
/// <para>From one's own server to a mailbox elsewhere</para>
/// <code>$test = Test-MailFlow imap.example.net -Credential someone@example.net -SmtpServer mail.example.com -From admin@example.com
/// $test.Hops</code>
/// <para>Where the time went, server by server.</para>
/// </example>
/// <example>
/// <para>There and back, without a trace</para>
/// <code>$credential = Get-Credential
/// Test-MailFlow imap.example.com -Credential $credential -SmtpServer smtp.example.com -SmtpPort 587 -SmtpCredential $credential | Where-Object Id | Remove-MailboxMessage -Credential $credential -Confirm:$false</code>
/// <para>From a user to himself.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "MailFlow", SupportsShouldProcess = true)]
[OutputType(typeof(MailFlowTest))]
public sealed class TestMailFlowCommand : MailboxCmdlet
{
    private LoginReader? _smtpLogin;

    /// <summary>The server to send through.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string SmtpServer { get; set; } = "";

    /// <summary>Its port. Default: 0, which is 465 with -SmtpTls Implicit and 25 otherwise.</summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int SmtpPort { get; set; }

    /// <summary>How the connection to it is encrypted, as -Tls of Send-SmtpMessage.</summary>
    [Parameter]
    [OneName]
    public TlsMode SmtpTls { get; set; }

    /// <summary>User name and password for it; a user name alone prompts for the password. Default: none.</summary>
    [Parameter]
    [Credential]
    public PSCredential? SmtpCredential { get; set; }

    /// <summary>By which mechanism to log in there, as -Authentication.</summary>
    [Parameter]
    [OneName]
    public AuthenticationMechanism SmtpAuthentication { get; set; }

    /// <summary>The mailbox that -SmtpAccessToken or -SmtpOAuth is for.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SmtpUserName { get; set; }

    /// <summary>An access token for it, as -AccessToken.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? SmtpAccessToken { get; set; }

    /// <summary>How to ask for access tokens for it, as -OAuth.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? SmtpOAuth { get; set; }

    /// <summary>The recipient, whose mailbox it is. Default: the user name that opens it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? To { get; set; }

    /// <summary>The sender. Default: the recipient.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? From { get; set; }

    /// <summary>The folders in which it may arrive. Default: INBOX.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Folder { get; set; } = [MailboxSession.Inbox];

    /// <summary>How long to wait for it once it is sent, in seconds or as a TimeSpan. Default: 5 minutes.</summary>
    [Parameter]
    [Seconds, TimeoutRange(AllowZero = true)]
    public TimeSpan Wait { get; set; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        await base.BeginAsync(cancellationToken);
        await SignInAsync(SmtpLogin, SmtpOAuth, SmtpUserName, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        try
        {
            var mailbox = Options();
            var to = To ?? mailbox.Credential.UserName;
            var options = new MailFlowOptions
            {
                Submission = Submission(),
                Mailbox = mailbox,
                To = Mailbox.Parse(to),
                From = Mailbox.Parse(From ?? to),
                Folders = Folder,
                Wait = Wait,
            };
            if (!ShouldProcess($"{to} through {SmtpServer}", "Send a test message")) return;
            WriteObject(await new MailFlowTester(options, step => Post(() => WriteVerbose(step))).RunAsync(cancellationToken));
        }
        catch (MailOpsException e)
        {
            WriteError(e, Server);
        }
    }

    private LoginReader SmtpLogin => _smtpLogin ??= new LoginReader(this.FullPath, "Smtp");

    private SubmissionOptions Submission()
    {
        var login = SmtpLogin.Read(new LoginInput(SmtpCredential, SmtpAuthentication, SmtpUserName, SmtpAccessToken, SmtpOAuth), MailProtocol.Smtp);
        return new()
        {
            Server = SmtpServer,
            Port = SmtpPort,
            Tls = SmtpTls,
            SkipCertificateValidation = SkipCertificateValidation,
            Credential = login?.Credential,
            Login = login?.Method ?? LoginMethod.Default,
            Timeout = Timeout,
        };
    }
}
