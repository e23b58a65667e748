using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;
using MailOps.PowerShell.Parameters;
#if NET
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Starts a durable SMTP relay in this PowerShell session.</summary>
/// <remarks>
/// <para>The relay accepts mail by SMTP, keeps it in a queue on disk, and delivers it: to local domains as Maildir folders or by LMTP, to others by their
/// mail exchangers or through a smart host. A client gets its 250 only when the message is on disk, so neither a crash nor the end of the session loses it:
/// the next relay on the same queue folder delivers it.</para>
/// <para>It is not an open relay: only loopback, the networks of -AllowNetwork and clients that authenticate may send to other people's
/// domains (-Credential, -UserFile or -Authenticate). AUTH is offered over TLS only. Without -Certificate the relay makes a self-signed one for its name at each start.</para>
/// <para>The simple parameters serve simple cases; -Configuration reads a JSON document that can say everything (schema: relay.schema.json in the module).</para>
/// <para>Needs PowerShell 7.6 or later; Windows PowerShell ends with the error RelayNeedsPowerShell7.</para>
/// </remarks>
/// <example>
/// <para>A relay for this machine that delivers by MX</para>
/// <code>Start-SmtpRelay -QueuePath ./queue</code>
/// <para>Listens on 127.0.0.1:2525.</para>
/// </example>
/// <example>
/// <para>A relay for the network's devices, through a smart host</para>
/// <code>Start-SmtpRelay -ListenOn 0.0.0.0:25 -QueuePath /var/spool/mailops -AllowNetwork 10.20.0.0/16 -SmartHost smtp.example.com:587 -SmartHostTls StartTls -SmartHostCredential $credential</code>
/// <para>Devices in 10.20.0.0/16 may relay; everything leaves through smtp.example.com, over verified TLS, with the credential.</para>
/// </example>
/// <example>
/// <para>A local domain with mailboxes, on a free port</para>
/// <code>$relay = Start-SmtpRelay -ListenOn 127.0.0.1:0 -QueuePath ./queue -LocalDomain example.test -MailboxPath ./mail
/// Send-SmtpMessage -SmtpServer 127.0.0.1 -Port $relay.Port -From a@example.test -To b@example.test -Subject Hello -Body World -Tls None</code>
/// <para>The message lies in ./mail/example.test/b/new.</para>
/// </example>
/// <example>
/// <para>Logins that a directory decides</para>
/// <code>Start-SmtpRelay -QueuePath ./queue -Authenticate { param($userName, $password) [adsi]::new('LDAP://dc.example.com', $userName, $password).Name -ne $null }</code>
/// <para>The script says $true or $false; where it fails, nobody is let in.</para>
/// </example>
/// <example>
/// <para>Everything from a document</para>
/// <code>Start-SmtpRelay -Configuration ./relay.json</code>
/// <para>Relative paths in the document are relative to its folder. A second relay beside another in this session needs a name of its own: -Name, or "name" in the document.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc5321">RFC 5321, Simple Mail Transfer Protocol</seealso>
[Cmdlet(VerbsLifecycle.Start, "SmtpRelay", DefaultParameterSetName = SimpleSet, SupportsShouldProcess = true)]
[OutputType(typeof(SmtpRelayStatus))]
public sealed class StartSmtpRelayCommand : RelayCmdlet
{
    private const string SimpleSet = "Simple";
    private const string ConfigurationSet = "Configuration";

    /// <summary>Addresses and ports to listen on: address:port; port 0 takes a free one. Default: 127.0.0.1:2525.</summary>
    [Parameter(ParameterSetName = SimpleSet, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] ListenOn { get; set; } = ["127.0.0.1:2525"];

    /// <summary>The folder of the durable queue and the tracking log; made if absent. One relay per folder.</summary>
    [Parameter(ParameterSetName = SimpleSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string QueuePath { get; set; } = "";

    /// <summary>Domains that are ours: anyone may write to them, and their mail goes to -MailboxPath.</summary>
    [Parameter(ParameterSetName = SimpleSet)]
    [ValidateNotNullOrEmpty]
    public string[] LocalDomain { get; set; } = [];

    /// <summary>The folder under which each mailbox of a local domain is a Maildir: folder/domain/localpart, made at the first delivery.</summary>
    [Parameter(ParameterSetName = SimpleSet)]
    [ValidateNotNullOrEmpty]
    public string? MailboxPath { get; set; }

    /// <summary>A folder whose files (.eml) are sent and deleted; made if absent. Whoever can write there can send as anyone.</summary>
    [Parameter(ParameterSetName = SimpleSet)]
    [ValidateNotNullOrEmpty]
    public string? PickupPath { get; set; }

    /// <summary>The server that takes all mail for other domains: host or host:port. Default: none, hence delivery by MX.</summary>
    [Parameter(ParameterSetName = SimpleSet)]
    [ValidateNotNullOrEmpty]
    public string? SmartHost { get; set; }

    /// <summary>TLS towards the smart host: Auto (STARTTLS where offered), None, StartTls or Implicit (both verified). Default: StartTls with -SmartHostCredential, otherwise Auto.</summary>
    [Parameter(ParameterSetName = SimpleSet)]
    [OneName]
    public TlsMode? SmartHostTls { get; set; }

    /// <summary>User name and password for the smart host; sent over TLS only, or with -SmartHostTls None to a loopback address.</summary>
    [Parameter(ParameterSetName = SimpleSet)]
    [Credential]
    public PSCredential? SmartHostCredential { get; set; }

    /// <summary>The certificate, with its private key, that the relay shows in TLS. Default: a self-signed one for its host name.</summary>
    [Parameter(ParameterSetName = SimpleSet)]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>Networks in CIDR form, or addresses, whose clients may relay without authenticating; loopback always may.</summary>
    [Parameter(ParameterSetName = SimpleSet)]
    [ValidateNotNullOrEmpty]
    public string[] AllowNetwork { get; set; } = [];

    /// <summary>User names and passwords with which clients may authenticate to this relay, and then relay.</summary>
    [Parameter(ParameterSetName = SimpleSet)]
    [ValidateNotNull]
    public PSCredential[] Credential { get; set; } = [];

    /// <summary>The file of users who may authenticate, as New-SmtpRelayUser makes it; read again whenever it changes.</summary>
    [Parameter(ParameterSetName = SimpleSet)]
    [ValidateNotNullOrEmpty]
    public string? UserFile { get; set; }

    /// <summary>
    /// A script that says by $true or $false whether a client may log in, in the place of other users: { param($userName, $password, $clientAddress) … }. It runs in
    /// runspaces of its own and sees no variable of this session; where it fails, gives anything else or takes 10 seconds, the client is told to try again later.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Authenticate { get; set; }

    /// <summary>The name the relay greets with. Default: this machine's full name.</summary>
    [Parameter(ParameterSetName = SimpleSet)]
    [ValidateNotNullOrEmpty]
    public string? HostName { get; set; }

    /// <summary>The relay's name among those in this session, for the other cmdlets. With -Configuration it counts before the document's name. Default: that of the document, otherwise default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>DNS servers for delivery by MX: address or address:port. Default: the system's.</summary>
    [Parameter(ParameterSetName = SimpleSet)]
    [ValidateNotNullOrEmpty]
    public string[] DnsServer { get; set; } = [];

    /// <summary>The JSON document that says everything.</summary>
    [Parameter(ParameterSetName = ConfigurationSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string? Configuration { get; set; }

#if NET
    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var options = Configuration is null ? FromParameters() : Relay.Configuration.RelayConfiguration.ReadFile(GetUnresolvedProviderPathFromPSPath(Configuration));
        if (Name is not null) options = options with { Name = Name };
        if (RunningRelays.Contains(options.Name)) throw Exists(options.Name);
        var listeners = string.Join(", ", options.Listeners.Select(l => l.Endpoint));
        if (!ShouldProcess(options.Name, $"Start the relay: listen on {listeners}, queue in {options.QueuePath}")) return;
        WriteVerbose($"Opening the queue in {options.QueuePath}.");
        var relay = await StartAsync(options, cancellationToken);
        if (!RunningRelays.Add(relay))
        {
            await relay.DisposeAsync();
            throw Exists(options.Name);
        }
        var status = relay.GetStatus();
        foreach (var listener in status.Listeners) WriteVerbose($"Listening on {listener}.");
        foreach (var warning in status.Warnings) WriteWarning(warning);
        WriteObject(status);
    }

    private async Task<Relay.SmtpRelay> StartAsync(SmtpRelayOptions options, CancellationToken cancellationToken)
    {
        if (Authenticate is null) return await Relay.SmtpRelay.StartAsync(options, cancellationToken);
        var check = new ScriptCheck(Authenticate, SessionState.LanguageMode);
        try
        {
            return await Relay.SmtpRelay.StartAsync(options with { Authentication = options.Authentication with { Check = check.VerifyAsync } }, cancellationToken);
        }
        catch
        {
            check.Dispose();
            throw;
        }
    }

    private SmtpRelayOptions FromParameters()
    {
        if (LocalDomain.Length > 0 && MailboxPath is null)
            throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, "-LocalDomain needs -MailboxPath: the mail has to lie somewhere.", "Add -MailboxPath with a folder for the Maildirs.");
        if (LocalDomain.Length == 0 && MailboxPath is not null)
            throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, "-MailboxPath needs -LocalDomain: no mail would lie there.", "Add -LocalDomain with the domains that are yours.");
        if (SmartHost is null && (SmartHostCredential is not null || SmartHostTls is not null))
            throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, "-SmartHostCredential and -SmartHostTls need -SmartHost.", "Add -SmartHost with the server they are for.");
        var certificate = Certificate is null ? null : new CertificateOptions { Value = Certificate };
        var options = new SmtpRelayOptions
        {
            HostName = HostName,
            QueuePath = QueuePath,
            Listeners = [.. ListenOn.Select(endpoint => new ListenerOptions { Endpoint = endpoint, Certificate = certificate })],
            LocalDomains = [.. LocalDomain.Select(domain => new LocalDomainOptions { Name = domain, MailboxPath = MailboxPath })],
            Users = [.. Credential.Select(c => new RelayUserOptions { Name = c.UserName, Password = new SecretReference { Value = c.Password } })],
            UsersFile = UserFile is null ? null : GetUnresolvedProviderPathFromPSPath(UserFile),
            Pickup = PickupPath is null ? null : new PickupOptions { Path = GetUnresolvedProviderPathFromPSPath(PickupPath) },
            Routes = SmartHost is null ? [] : [SmartHostRoute(SmartHost)],
            Delivery = new DeliveryOptions { DnsServers = DnsServer },
        };
        options = options with { RelayNetworks = [.. options.RelayNetworks, .. AllowNetwork] };
        return Relay.Configuration.RelativePaths.Resolve(options, SessionState.Path.CurrentFileSystemLocation.ProviderPath);
    }

    private RouteOptions SmartHostRoute(string host) => new()
    {
        Kind = RouteKind.SmartHost,
        Host = host,
        Tls = SmartHostTls ?? (SmartHostCredential is null ? TlsMode.Auto : TlsMode.StartTls),
        UserName = SmartHostCredential?.UserName,
        Password = SmartHostCredential is null ? null : new SecretReference { Value = SmartHostCredential.Password },
    };

    private static MailOpsException Exists(string name) =>
        new(ErrorCode.RelayExists, $"A relay named '{name}' runs already.", $"Stop it with Stop-SmtpRelay {name}, or give this one another -Name.");
#endif
}
