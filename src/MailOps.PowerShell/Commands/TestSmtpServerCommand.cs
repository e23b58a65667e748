using System.Management.Automation;
using MailOps.Authentication;
using MailOps.Diagnosis;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell.Commands;

/// <summary>Tests mail servers: connects, talks and says what is wrong and what to do. No message is sent.</summary>
/// <remarks>
/// <para>One object a server and port, whatever happens: StatusCode is Success, Warning or Failure, Details the gravest problem in one sentence, Findings all problems with an
/// Id, a Severity, the Problem and the Advice, Steps what was tried with what was seen and how long it took. The first properties are named as those of Test-SmtpConnectivity.</para>
/// <para>Found are: a name that does not resolve (NameNotResolved); no way to its address (Unreachable); a port that is closed (PortClosed), filtered (PortFiltered), silent (NoGreeting) or of another protocol (NotSmtp); a server that refuses to serve (ServiceRefused), refuses EHLO and HELO (HelloRefused) or knows HELO alone (HelloOnly),
/// closes the connection (ConnectionLost), is not done in time (TimedOut), does not keep to SMTP (ProtocolBroken) or says more than it was asked (UnexpectedReplies);
/// the wrong mode of TLS (TlsModeWrong), with the ports and modes of that server that do; STARTTLS that is missing (StartTlsNotOffered), taken away on the way (StartTlsStripped), refused
/// (StartTlsRefused) or required (TlsRequired); replies in plain text behind STARTTLS (RepliesInjected); TLS older than 1.2 (TlsTooOld) or broken (TlsFailed); a certificate that has
/// expired, is not yet valid, is for another name, self-signed, untrusted, incomplete or weak (Certificate...); authentication that is offered in plain text (AuthBeforeTls), not offered
/// (AuthNotOffered), without a mechanism for passwords (AuthMechanismUnsupported), by one that does not do for this user (AuthMechanismTooWeak) or is not bound to the connection (AuthNotBound), that is required (AuthRequired), cannot be had now (AuthUnavailable), makes no sense (AuthBroken), that refuses the credential or access token (CredentialRefused) or passwords altogether (BasicAuthDisabled); a token server that gives no access token (TokenFailed); a
/// sender or recipient that is refused (SenderRefused, RecipientRefused, RecipientDeferred), relaying that is denied (RelayingDenied), and a message that is too large
/// (MessageTooLarge).</para>
/// <para>A credential or access token goes out only under TLS with a valid certificate, by the best mechanism offered or by that of -Authentication, once; AuthMechanism says which. Whatever -Tls says: otherwise the finding CredentialWithheld says why not. A recipient is asked about with
/// RCPT, followed by RSET: nothing is delivered, though a server may count the attempt. Under -Tls Auto without a credential, as between servers, what is wrong with TLS is a
/// warning; otherwise a failure.</para>
/// <para>-Deep fills TlsOffers, and finds TLS older than 1.2 (TlsOldAllowed) and broken ciphers (TlsWeakCiphers). -OpenRelay fills RelayAttempts with eighteen tricks (percent hack, bang path,
/// quotes, source routes, senders of the server's own, and so on), without a credential and without a message; what is accepted makes the finding OpenRelay, or OpenRelaySuspected where the
/// server takes every address at its own name. A machine that the server trusts sees every server as open: test from outside.</para>
/// <para>Servers and ports are tested side by side; the output keeps their order. Errors are only for names that are none (InvalidDomain) and addresses that are none
/// (InvalidAddress).</para>
/// </remarks>
/// <example>
/// <para>Why does mail not leave?</para>
/// <code>Test-SmtpServer mail.example.com -Port 587 -Tls StartTls | Select-Object -ExpandProperty Findings | Format-List</code>
/// <para>Each problem with what to do about it.</para>
/// </example>
/// <example>
/// <para>The servers of a domain at a glance</para>
/// <code>Resolve-MailExchanger example.com | Test-SmtpServer</code>
/// <para>One line for each mail exchanger.</para>
/// </example>
/// <example>
/// <para>May this account send to that address?</para>
/// <code>Test-SmtpServer mail.example.com -Port 587 -Tls StartTls -Credential $credential -From me@example.com -Recipient you@example.net</code>
/// <para>Authenticates and asks about sender and recipient, without sending anything.</para>
/// </example>
/// <example>
/// <para>Does the app's access token do?</para>
/// <code>Test-SmtpServer smtp.office365.com -Port 587 -UserName app@example.com -OAuth @{ Grant = 'ClientCredentials'; TenantId = 'example.onmicrosoft.com'; ClientId = 'b0f1c1d2-0000-4000-8000-000000000000'; ClientSecret = Get-Secret mailapp }</code>
/// <para>Asks for a token and shows it; both can be what fails.</para>
/// </example>
/// <example>
/// <para>What each step took</para>
/// <code>(Test-SmtpServer mail.example.com -Port 25, 465, 587).Steps | Format-Table Name, Status, Latency, Seen</code>
/// <para>Three ports of one server.</para>
/// </example>
/// <example>
/// <para>Is the server an open relay, and which ciphers does it take?</para>
/// <code>$test = Test-SmtpServer mail.example.com -OpenRelay -Deep -Timeout 120
/// $test.RelayAttempts | Where-Object Accepted
/// $test.TlsOffers | ForEach-Object { $_.CipherSuites }</code>
/// <para>The tricks that the server falls for, and all ciphers of all versions.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc3207">RFC 3207, SMTP Service Extension for Secure SMTP over TLS</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc8314">RFC 8314, Use of TLS for Email Submission and Access</seealso>
[Cmdlet(VerbsDiagnostic.Test, "SmtpServer")]
[OutputType(typeof(SmtpServerTest))]
public sealed class TestSmtpServerCommand : LoginCmdlet
{
    /// <summary>Tests at a time: they mostly wait.</summary>
    private const int MaxAtOnce = 32;

    private SideBySide<SmtpServerTestOptions, SmtpServerTest> _tests = null!;

    /// <summary>The names or addresses of the servers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Server", "ComputerName", "NameExchange")]
    [AllowEmptyString]
    public string[] SmtpServer { get; set; } = [];

    /// <summary>The ports, each tested on each server. Default: 0, which is 465 with -Tls Implicit and 25 otherwise; submission servers mostly have 587.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 65535), ValidateNotNullOrEmpty]
    public int[] Port { get; set; } = [0];

    /// <summary>How the connection is encrypted: Auto (from the first byte on port 465, otherwise STARTTLS where offered), None, StartTls or Implicit.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [EmptyCell(TlsMode.Auto)]
    [OneName]
    public TlsMode Tls { get; set; }

    /// <summary>User name and password to authenticate with, which is done only under TLS with a valid certificate; a user name alone prompts for the password.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The sender to ask about; '' for the null sender. Default with -Recipient: the user name of -Credential if it is an address, otherwise the null sender.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? From { get; set; }

    /// <summary>The recipient to ask about. Nothing is sent to it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Recipient { get; set; }

    /// <summary>The size of a message that the server should take, in bytes, as in 25MB. Default: 0, which asks for none.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long MessageSize { get; set; }

    /// <summary>Lists the versions of TLS that the server takes, with their ciphers: a connection for each, so it takes a while.</summary>
    [Parameter]
    public SwitchParameter Deep { get; set; }

    /// <summary>Tries the classic ways to have the server pass mail on for a stranger, up to RCPT. For servers of your own: others may take it for an attack. -From and -Recipient name the strangers.</summary>
    [Parameter]
    public SwitchParameter OpenRelay { get; set; }

    /// <summary>The name this client gives itself in EHLO. Default: the machine's name if it has a domain, otherwise its address.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LocalDomain { get; set; }

    /// <summary>How long the whole test of one server and port may take, in seconds or as a TimeSpan. Default: 30 seconds.</summary>
    [Parameter]
    [Seconds, TimeoutRange]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        _tests = new(options => SmtpServerTester.RunAsync(options, StopToken), (_, test) => WriteObject(test), (options, error) => WriteError(error, options.Server), MaxAtOnce);
        return base.BeginAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var login = ReadLogin(Credential, MailProtocol.Smtp);
        foreach (var server in SmtpServer)
        {
            foreach (var port in Port) await _tests.AskAsync(Options(server, port, login), cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override Task EndAsync(CancellationToken cancellationToken) => _tests.EndAsync(cancellationToken);

    private SmtpServerTestOptions Options(string server, int port, Login? login) => new()
    {
        Server = server,
        Port = port,
        Tls = Tls,
        Credential = login?.Credential,
        Login = login?.Method ?? LoginMethod.Default,
        From = From,
        Recipient = Recipient,
        MessageSize = MessageSize,
        Deep = Deep,
        OpenRelay = OpenRelay,
        LocalDomain = LocalDomain,
        Timeout = Timeout,
    };
}
