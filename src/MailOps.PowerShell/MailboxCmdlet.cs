using System.Management.Automation;
using MailOps.Mailboxes;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell;

/// <summary>A cmdlet that opens mailboxes: which one, and as whom.</summary>
public abstract class MailboxCmdlet : LoginCmdlet
{
    /// <summary>How many messages the server is asked about at a time.</summary>
    private protected const int BatchSize = 50;

    /// <summary>The name or address of the server.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("ComputerName")]
    [ValidateNotNullOrEmpty]
    public string Server { get; set; } = "";

    /// <summary>User name and password; a user name alone prompts for the password. Needed unless there is -AccessToken or -OAuth with -UserName.</summary>
    [Parameter(Position = 1)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>What is spoken to the server: Imap or Pop3. Default: Imap.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateSet(nameof(MailProtocol.Imap), nameof(MailProtocol.Pop3))]
    [OneName]
    public MailProtocol Protocol { get; set; } = MailProtocol.Imap;

    /// <summary>The port. Default: 0, which is 993 (IMAP) or 995 (POP3), and with -Tls StartTls and None 143 or 110.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 65535)]
    public int Port { get; set; }

    /// <summary>How the connection is encrypted: Auto (from the first byte on ports 993 and 995, STARTTLS on all others), StartTls, Implicit, or None, to loopback only.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [EmptyCell(TlsMode.Auto)]
    [OneName]
    public TlsMode Tls { get; set; }

    /// <summary>Accepts any certificate. For tests: it lets whoever stands between read the credential.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateValidation { get; set; }

    /// <summary>How long the server may take for the connection and for each answer, in seconds or as a TimeSpan. Default: 2 minutes.</summary>
    [Parameter]
    [Seconds, TimeoutRange]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    private protected MailboxOptions Options()
    {
        var login = ReadLogin(Credential, Protocol)
            ?? throw new MailOpsException(ErrorCode.AuthenticationInvalid, "Nothing was given to log in with.", "Give -Credential for a password, or -UserName with -OAuth or -AccessToken.");
        return new MailboxOptions
        {
            Server = Server,
            Protocol = Protocol,
            Port = Port,
            Tls = Tls,
            SkipCertificateValidation = SkipCertificateValidation,
            Credential = login.Credential,
            Login = login.Method,
            Timeout = Timeout,
        };
    }

    private protected Task<MailboxSession> OpenAsync(MailboxOptions options, CancellationToken cancellationToken) =>
        MailboxSession.OpenAsync(options, step => Post(() => WriteVerbose(step)), cancellationToken);
}
