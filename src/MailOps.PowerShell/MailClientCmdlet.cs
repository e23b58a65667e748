using System.Management.Automation;
using MailOps.Outlook.Exports;
using MailOps.PowerShell.Parameters;
using MailOps.Providers;

namespace MailOps.PowerShell;

/// <summary>A cmdlet that makes something of the mail settings of an organisation, for one user, many, or all.</summary>
public abstract class MailClientCmdlet : AsyncCmdlet
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private int _row;

    /// <summary>The user's e-mail address. From the pipeline: one user for each record, by the column EmailAddress.</summary>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [Alias("PrimarySmtpAddress")]
    [AllowEmptyString, AllowNull]
    public string? EmailAddress { get; set; }

    /// <summary>The name that recipients see. Default: the address.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString, AllowNull]
    public string? DisplayName { get; set; }

    /// <summary>The user name for all servers, where it does not follow from the address. Default: by the form that the servers have.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString, AllowNull]
    public string? UserName { get; set; }

    /// <summary>A provider of Get-MailProvider, whose servers are taken.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MailProviderCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Provider { get; set; }

    /// <summary>What Find-MailSettings has found for one address: of each protocol the servers of its most trusted source are taken.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public MailSettings[]? Settings { get; set; }

    /// <summary>The server for reading by IMAP, in the place of those of the provider or the settings.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ImapServer { get; set; }

    /// <summary>Its port, or without -ImapServer that of the provider's or the settings' servers which is meant. Default: 993, or 143 without TLS from the first byte.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int ImapPort { get; set; }

    /// <summary>Its TLS, as its port. Default: what is usual on the port, or else Implicit.</summary>
    [Parameter]
    [OneName]
    public TlsMode ImapTls { get; set; }

    /// <summary>The server for fetching by POP3, in the place of those of the provider or the settings.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Pop3Server { get; set; }

    /// <summary>Its port, or without -Pop3Server that of the provider's or the settings' servers which is meant. Default: 995, or 110 without TLS from the first byte.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Pop3Port { get; set; }

    /// <summary>Its TLS, as its port. Default: what is usual on the port, or else Implicit.</summary>
    [Parameter]
    [OneName]
    public TlsMode Pop3Tls { get; set; }

    /// <summary>The server for sending, in the place of those of the provider or the settings.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SmtpServer { get; set; }

    /// <summary>Its port, or without -SmtpServer that of the provider's or the settings' servers which is meant. Default: 465, with -SmtpTls StartTls 587, with None 25.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int SmtpPort { get; set; }

    /// <summary>Its TLS, as its port. Default: what is usual on the port, or else Implicit.</summary>
    [Parameter]
    [OneName]
    public TlsMode SmtpTls { get; set; }

    /// <summary>What all servers take as proof, best first. Default: what the provider or the settings say, otherwise Password.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public MailAuthentication[]? Authentication { get; set; }

    /// <summary>What the server for sending takes as proof, where that is something else; None where nobody logs in. Default: as -Authentication says.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public MailAuthentication[]? SmtpAuthentication { get; set; }

    /// <summary>The form of the user name at all servers: %EMAILADDRESS%, %EMAILLOCALPART% and %EMAILDOMAIN% stand for the address and its parts. Default: what the provider or the settings say, otherwise %EMAILADDRESS%.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserNameForm { get; set; }

    /// <summary>The organisation's name, as clients show it. Default: that of the provider or the settings, or the first domain, or the user's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Organization { get; set; }

    /// <summary>The domains of the organisation's addresses. Default: that of the settings' address, or of each user.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Domain { get; set; }

    /// <summary>Has Outlook go on starting with the profile that it starts with now. Default: it starts with the profile of the PRF file, also where that is a new one beside others.</summary>
    [Parameter]
    public SwitchParameter KeepDefaultProfile { get; set; }

    /// <summary>Whether a POP3 account made by a PRF file leaves messages on the server; $false removes them as they are fetched. Default: it leaves them.</summary>
    [Parameter]
    public bool? LeaveOnServer { get; set; }

    /// <summary>The days after which a POP3 account made by a PRF file removes messages that it left on the server. Default: it never does.</summary>
    [Parameter]
    [ValidateRange(1, 9999)]
    public int DaysOnServer { get; set; }

    private protected MailClientDefinition Definition { get; private set; } = null!;

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        Definition = Draft().Check();
        return Task.CompletedTask;
    }

    /// <summary>The user of this record; null where there is neither a record nor an address.</summary>
    /// <exception cref="MailOpsException">The address, or a name, is none.</exception>
    private protected MailClientUser? ReadUser()
    {
        _row++;
        return EmailAddress is null && !MyInvocation.ExpectingInput ? null : MailClientUser.Create(EmailAddress, DisplayName, UserName);
    }

    /// <summary>What a file of Outlook needs beyond the settings.</summary>
    private protected MailClientExportOptions FileOptions(MailProtocol accountType, string? profileName) => new()
    {
        AccountType = MyInvocation.BoundParameters.ContainsKey("AccountType") ? accountType : null,
        ProfileName = profileName is "" ? null : profileName,
        KeepsDefaultProfile = KeepDefaultProfile,
        LeavesOnServer = LeaveOnServer,
        DaysOnServer = DaysOnServer == 0 ? null : DaysOnServer,
    };

    /// <summary>Reports an error about this record, with its number.</summary>
    private protected void WriteRowError(MailOpsException error) => WriteError(
        MyInvocation.ExpectingInput ? new MailOpsException(error.Code, $"Row {_row} ({Messages.Printable.Escape(EmailAddress ?? "no address")}): {error.Message}", error.Hint, error) : error, EmailAddress);

    /// <summary>Warns, once of each thing: a thousand users have the same servers.</summary>
    private protected void WarnOnce(IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            if (_told.Add(warning)) WriteWarning(warning);
        }
    }

    private MailClientDraft Draft()
    {
        var draft = Settings is not null ? MailClientDraft.Of(Settings) : Provider is not null ? MailClientDraft.Of(MailProviders.Named(Provider)) : new MailClientDraft();
        if (Settings is not null && Provider is not null) draft = draft with { Faults = [.. draft.Faults, "both -Provider and -Settings were given"] };
        draft = With(draft, MailProtocol.Imap, ImapServer, Port(ImapPort), Tls(nameof(ImapTls), ImapTls));
        draft = With(draft, MailProtocol.Pop3, Pop3Server, Port(Pop3Port), Tls(nameof(Pop3Tls), Pop3Tls));
        draft = With(draft, MailProtocol.Smtp, SmtpServer, Port(SmtpPort), Tls(nameof(SmtpTls), SmtpTls));
        draft = draft.With(Authentication, UserNameForm, MailProtocol.Smtp, MailProtocol.Imap, MailProtocol.Pop3).With(SmtpAuthentication, null, MailProtocol.Smtp);
        return draft with { Name = Organization ?? draft.Name, ShortName = Organization is null ? draft.ShortName : null, Domains = Domain ?? draft.Domains };
    }

    private static MailClientDraft With(MailClientDraft draft, MailProtocol protocol, string? server, int? port, TlsMode? tls) =>
        server is null ? draft.Only(protocol, port, tls) : draft.With(protocol, server, port, tls);

    private static int? Port(int port) => port == 0 ? null : port;

    private TlsMode? Tls(string name, TlsMode tls) => MyInvocation.BoundParameters.ContainsKey(name) ? tls : null;
}
