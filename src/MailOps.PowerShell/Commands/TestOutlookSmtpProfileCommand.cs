using System.Management.Automation;
using MailOps.Outlook;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell.Commands;

/// <summary>Tests mail accounts in classic Outlook: against a provider, against given settings, or for what contradicts itself; and, where asked, against their outgoing server.</summary>
/// <remarks>
/// <para>One object an account: Verdict is Pass, Warning, Fail or NotApplicable, Details the gravest problem in one sentence with the value to change, Findings all problems with an Id, what is wrong, and the
/// Set-OutlookSmtpProfile that mends it. Objects come one by one, as accounts are tested. Nothing is written, and Outlook may be running.</para>
/// <para>What differs from the settings has an id such as PortDiffers, EncryptionDiffers or SmtpServerDiffers; without settings found are ServerMissing, UserNameMissing, PortUnusual, PasswordUnprotected, ValueDoubtful
/// and NewOutlook. -Connect talks to the outgoing server as Test-SmtpServer does, with the account's port and encryption and without a password, and adds its findings.</para>
/// <para>Accounts are those of Get-OutlookSmtpProfile, whose errors it has: OutlookUserUnclear, OutlookUserNotFound, and OutlookNeedsWindows on Linux and macOS. Others are OutlookSettingsInvalid, InvalidDomain and
/// OutlookProviderUnsuited; settings that do not fit one account are a finding of that account.</para>
/// </remarks>
/// <example>
/// <para>What is wrong with the accounts of this user?</para>
/// <code>Test-OutlookSmtpProfile -Connect | Format-List</code>
/// <para>Each with a verdict and what to do.</para>
/// </example>
/// <example>
/// <para>Which accounts are not yet as the organisation wants them?</para>
/// <code>Test-OutlookSmtpProfile *@example.com -SmtpServer smtp.example.com -Encryption StartTls -Authentication SameAsIncoming | Where-Object Verdict -ne 'Pass'</code>
/// <para>Findings say value by value what differs.</para>
/// </example>
/// <example>
/// <para>Are they as the provider says?</para>
/// <code>(Test-OutlookSmtpProfile -Provider Fastmail -IncludeIncoming).Findings</code>
/// <para>As Get-MailProvider has it.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "OutlookSmtpProfile")]
[OutputType(typeof(OutlookSmtpTest))]
public sealed class TestOutlookSmtpProfileCommand : AsyncCmdlet
{
    /// <summary>Addresses of the accounts, with or without wildcards (* and ?). Default: all, also accounts without an address.</summary>
    [Parameter(Position = 0)]
    [Alias("PrimarySmtpAddress")]
    [ValidateNotNullOrEmpty]
    public string[] EmailAddress { get; set; } = [];

    /// <summary>Names of profiles, with or without wildcards (* and ?). Default: all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] ProfileName { get; set; } = [];

    /// <summary>Kinds of accounts. Default: all but data files (Store) and address books.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public OutlookAccountType[] AccountType { get; set; } = [];

    /// <summary>The security identifier of the user whose profiles are meant, where that is another one; the user's registry hive must be loaded. Default: the user who runs this.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserSid { get; set; }

    /// <summary>A provider of Get-MailProvider whose server, port, encryption and way of logging in the accounts should have.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MailProviderCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Provider { get; set; }

    /// <summary>With a provider: its incoming server too.</summary>
    [Parameter]
    public SwitchParameter IncludeIncoming { get; set; }

    /// <summary>The outgoing server that they should have.</summary>
    [Parameter]
    [Alias("Server")]
    [ValidateNotNullOrEmpty]
    public string? SmtpServer { get; set; }

    /// <summary>Its port.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Its encryption: None, StartTls, ImplicitTls, or Auto.</summary>
    [Parameter]
    [OneName]
    public OutlookEncryption? Encryption { get; set; }

    /// <summary>How Outlook should log in there: None, SameAsIncoming, OwnUser, or PopBeforeSmtp.</summary>
    [Parameter]
    [OneName]
    public OutlookAuthentication? Authentication { get; set; }

    /// <summary>The user name there, where it is one of its own; %EMAILADDRESS%, %EMAILLOCALPART% and %EMAILDOMAIN% stand for each account's address and its parts.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>The incoming server that they should have.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? IncomingServer { get; set; }

    /// <summary>Its port.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? IncomingPort { get; set; }

    /// <summary>Its encryption: None or ImplicitTls.</summary>
    [Parameter]
    [OneName]
    public OutlookEncryption? IncomingEncryption { get; set; }

    /// <summary>Whether messages should stay on the server when they have been fetched by POP3; IMAP accounts are passed over, since theirs always do.</summary>
    [Parameter]
    public bool? LeaveOnServer { get; set; }

    /// <summary>After how many days messages that stay there are removed, from 1 to 9999; it means -LeaveOnServer.</summary>
    [Parameter]
    [ValidateRange(1, 9999)]
    public int? DaysOnServer { get; set; }

    /// <summary>Connects to the outgoing server of each account, as Test-SmtpServer does. No password is sent.</summary>
    [Parameter]
    public SwitchParameter Connect { get; set; }

    /// <summary>How long one server may take, in seconds or as a TimeSpan. Default: 30 seconds.</summary>
    [Parameter]
    [Seconds, TimeoutRange]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var settings = new OutlookSettings
        {
            SmtpServer = SmtpServer,
            Port = Port,
            Encryption = Encryption,
            Authentication = Authentication,
            UserName = UserName,
            IncomingServer = IncomingServer,
            IncomingPort = IncomingPort,
            IncomingEncryption = IncomingEncryption,
            LeaveOnServer = LeaveOnServer,
            DaysOnServer = DaysOnServer,
        }.Check();
        var provider = Provider is null ? null : new OutlookProvider(Provider, IncludeIncoming);
        using var hive = OutlookHive.Open(OutlookHost.ThisMachine(), UserSid);
        var tester = new OutlookTester(hive, isOthers: UserSid is not null);
        var tests = tester.Tests(
            profile => OutlookProfiles.IsMeant(profile, EmailAddress, ProfileName, AccountType), settings, provider, Connect ? Timeout : null, cancellationToken);
        foreach (var test in tests) WriteObject(await test);
        foreach (var error in tester.Unreadable) WriteError(error, hive.Sid);
    }
}
