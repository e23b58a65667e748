using System.Globalization;
using System.Management.Automation;
using MailOps.Messages;
using MailOps.Outlook;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell.Commands;

/// <summary>Changes the outgoing, and where asked for the incoming, server of POP3 and IMAP accounts that exist in classic Outlook: for one user, or from one file for a thousand machines.</summary>
/// <remarks>
/// <para>Accounts are found by address and kind, never by their label, in every profile of every version of Outlook that has been here. Only what is given is set; a value that is as it should be is not written, and what
/// Outlook takes for a value that is not there counts as the value. Encryption is written as the pair of values that Outlook keeps for it; where no port is given, a changed encryption brings its usual one (ImplicitTls 465,
/// StartTls and Auto 587, None 25; incoming 993, 995, 143 or 110). Accounts are not made or removed, addresses and labels not changed, and passwords not read, written or copied: where server, user name or way of logging in
/// change, PasswordPromptExpected says that Outlook is going to ask the user.</para>
/// <para>Each account is changed whole or not at all. What it had goes to a backup first, without passwords; then it is written, read back, and put back where anything differs or is refused. Where the process or the
/// machine dies in between, the next run of this cmdlet or of Restore-OutlookSmtpProfile puts the old values back before anything else. Restore-OutlookSmtpProfile undoes a run by its BackupPath.</para>
/// <para>Records of the pipeline, as Import-Csv gives them, have the columns EmailAddress and any of AccountType, ProfileName, Provider, SmtpServer, Port, Encryption, Authentication, UserName, Spa, IncomingServer,
/// IncomingPort, IncomingEncryption, IncomingUserName, IncomingSpa, LeaveOnServer, DaysOnServer, DisplayName, ReplyTo and Organization, and OutlookVersion and AccountKey where an address has several accounts; a row has no wildcards, and empty cells leave things as they are, and parameters count before columns. Rows are counted from 1, without the heading; errors begin with row and
/// address. A row whose account this user does not have is only counted (NotHere of -Summary), so that one file serves all machines; -Strict makes it an error. Accounts of Get-OutlookSmtpProfile in the pipeline name
/// the accounts, and nothing of their settings is set; those of another user's hive are the error OutlookUserUnclear.
/// A column UserSid makes a row one for that user alone.</para>
/// <para>Writes one object for each account that is here, or with -Summary one for the whole run. Errors: OutlookRunning while Outlook of that user runs, unless -Force; OutlookUserUnclear as SYSTEM, as a service, or at the desktop
/// of somebody else; OutlookUserNotFound for a -UserSid whose hive is not loaded; OutlookSettingsInvalid, InvalidAddress and InvalidDomain for what cannot be set; OutlookAccountNotFound; OutlookProviderUnsuited for
/// a provider that takes nothing but OAuth; OutlookWriteFailed (the old values are back), OutlookUndoFailed (they are not, and are kept), OutlookChangedMeanwhile, OutlookBusy; OutlookNeedsWindows on Linux and macOS.</para>
/// <para>Microsoft supports no changes of profiles from outside; the layout is that of current versions. The new Outlook does not use these settings. See docs/outlook.md for logon scripts, Intune and SYSTEM.</para>
/// </remarks>
/// <example>
/// <para>See first what would be changed</para>
/// <code>Set-OutlookSmtpProfile *@example.com -SmtpServer smtp.example.com -Encryption StartTls -Authentication SameAsIncoming -WhatIf</code>
/// <para>Each value before and after; nothing is written.</para>
/// </example>
/// <example>
/// <para>One file for all machines, in a logon script</para>
/// <code>$ErrorActionPreference = 'Stop'
/// $run = Import-Csv \\files.example.com\mail\outlook.csv | Set-OutlookSmtpProfile -Summary -EventLog -ErrorAction SilentlyContinue
/// exit $run.ExitCode</code>
/// <para>Each machine applies the rows of its own user's accounts.</para>
/// </example>
/// <example>
/// <para>Move to a provider</para>
/// <code>Get-OutlookSmtpProfile *@example.com | Where-Object IsApplicable | Set-OutlookSmtpProfile -Provider Fastmail -IncludeIncoming</code>
/// <para>Servers, ports, encryption and user names are those of Get-MailProvider.</para>
/// </example>
/// <example>
/// <para>Undo it</para>
/// <code>$done = Set-OutlookSmtpProfile ada@example.com -Port 465 -Encryption ImplicitTls
/// Restore-OutlookSmtpProfile $done.BackupPath</code>
/// <para>What has been written to since stays, unless -Force.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "OutlookSmtpProfile", SupportsShouldProcess = true, DefaultParameterSetName = ByAddress)]
[OutputType(typeof(OutlookSmtpChange), typeof(OutlookChangeSummary))]
public sealed class SetOutlookSmtpProfileCommand : OutlookChangeCmdlet
{
    private const string ByAddress = "EmailAddress";
    private const string ByRecord = "InputObject";

    private readonly HashSet<string> _columns = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, OutlookProvider> _providers = new(StringComparer.OrdinalIgnoreCase);
    private long _number;
    private OutlookSettings _given = new();

    /// <summary>Addresses of the accounts, with or without wildcards (* and ?).</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByAddress)]
    [Alias("PrimarySmtpAddress")]
    [ValidateNotNullOrEmpty]
    public string[] EmailAddress { get; set; } = [];

    /// <summary>A record with a column EmailAddress and others that say what to set, an account of Get-OutlookSmtpProfile, or an address.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByRecord, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject InputObject { get; set; } = new();

    /// <summary>The kind of account, Pop3 or Imap. Default: both.</summary>
    [Parameter]
    [OneName]
    [ValidateSet("Pop3", "Imap")]
    public string? AccountType { get; set; }

    /// <summary>The profile, with or without wildcards (* and ?). Default: all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ProfileName { get; set; }

    /// <summary>A provider of Get-MailProvider: its server, port, encryption and way of logging in are set where none are given, with warnings about what it demands.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MailProviderCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Provider { get; set; }

    /// <summary>With a provider: sets its incoming server too.</summary>
    [Parameter]
    public SwitchParameter IncludeIncoming { get; set; }

    /// <summary>The outgoing server: a host name or an address.</summary>
    [Parameter]
    [Alias("Server")]
    [ValidateNotNullOrEmpty]
    public string? SmtpServer { get; set; }

    /// <summary>Its port. Default: as it is; with another -Encryption the usual port of that.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Its encryption: None, StartTls, ImplicitTls, or Auto.</summary>
    [Parameter]
    [OneName]
    public OutlookEncryption? Encryption { get; set; }

    /// <summary>How Outlook logs in there: None, SameAsIncoming, OwnUser, or PopBeforeSmtp. Default: as it is; with -UserName OwnUser.</summary>
    [Parameter]
    [OneName]
    public OutlookAuthentication? Authentication { get; set; }

    /// <summary>The user name there, where it is one of its own; %EMAILADDRESS%, %EMAILLOCALPART% and %EMAILDOMAIN% stand for each account's address and its parts.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>Whether Outlook demands SPA (NTLM) there; set only where the account has that value already.</summary>
    [Parameter]
    public bool? Spa { get; set; }

    /// <summary>The incoming server. With another IMAP server Outlook may fetch the whole mailbox anew.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? IncomingServer { get; set; }

    /// <summary>Its port. Default: as it is; with another -IncomingEncryption the usual port of that.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? IncomingPort { get; set; }

    /// <summary>Its encryption: None or ImplicitTls. How Outlook stores STARTTLS there is not published.</summary>
    [Parameter]
    [OneName]
    public OutlookEncryption? IncomingEncryption { get; set; }

    /// <summary>The user name there, as in -UserName.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? IncomingUserName { get; set; }

    /// <summary>Whether Outlook demands SPA (NTLM) there.</summary>
    [Parameter]
    public bool? IncomingSpa { get; set; }

    /// <summary>Whether messages stay on the server when they have been fetched by POP3; IMAP accounts are passed over, since theirs always do.</summary>
    [Parameter]
    public bool? LeaveOnServer { get; set; }

    /// <summary>After how many days messages that stay there are removed, from 1 to 9999; it means -LeaveOnServer.</summary>
    [Parameter]
    [ValidateRange(1, 9999)]
    public int? DaysOnServer { get; set; }

    /// <summary>The sender's name.</summary>
    [Parameter]
    public string? DisplayName { get; set; }

    /// <summary>Where replies go; '' for the address itself.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? ReplyTo { get; set; }

    /// <summary>The organization in the header; '' for none.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? Organization { get; set; }

    /// <summary>Removes, unread, the saved password of the outgoing server from accounts that no longer log in with a user of its own. No backup brings it back.</summary>
    [Parameter]
    public SwitchParameter RemoveStalePassword { get; set; }

    /// <summary>Makes a record whose account is not here an error.</summary>
    [Parameter]
    public SwitchParameter Strict { get; set; }

    /// <summary>Writes although Outlook is running, which may write its own values over these.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool WritesAnyway => Force;

    private protected override bool RemovesStalePasswords => RemoveStalePassword;

    private protected override void Prepare()
    {
        _given = new OutlookSettings
        {
            SmtpServer = SmtpServer,
            Port = Port,
            Encryption = Encryption,
            Authentication = Authentication,
            UserName = UserName,
            Spa = Spa,
            IncomingServer = IncomingServer,
            IncomingPort = IncomingPort,
            IncomingEncryption = IncomingEncryption,
            IncomingUserName = IncomingUserName,
            IncomingSpa = IncomingSpa,
            LeaveOnServer = LeaveOnServer,
            DaysOnServer = DaysOnServer,
            DisplayName = DisplayName,
            ReplyTo = ReplyTo,
            Organization = Organization,
        }.Check();
        if (Provider is not null) _ = FindProvider(Provider);
        if (ParameterSetName == ByAddress && _given.IsEmpty && Provider is null)
            throw new MailOpsException(ErrorCode.OutlookSettingsInvalid, "Nothing is said of what is to be set.", "Give -SmtpServer, -Encryption, -Provider or others.");
    }

    private protected override void ProcessChanges()
    {
        if (ParameterSetName == ByRecord)
        {
            ProcessRecordOf(InputObject);
            return;
        }
        foreach (var address in EmailAddress)
        {
            Tally.AddRecord();
            Change(Narrowed(new OutlookTarget { EmailAddress = address }), _given, Provider, record: null, isStrict: true);
        }
    }

    private void ProcessRecordOf(PSObject input)
    {
        _number++;
        Tally.AddRecord();
        var columns = Columns(input).ToArray();
        foreach (var warning in OutlookRecord.Mistyped(columns.Select(column => column.Key).Where(_columns.Add).ToArray())) WriteWarning(warning);
        var record = OutlookRecord.Of(_number, columns);
        try
        {
            var settings = _given.Over(record.Settings());
            if (settings.IsEmpty && (Provider ?? record.Provider) is null)
                throw new MailOpsException(ErrorCode.OutlookSettingsInvalid, "Nothing is said of what is to be set.", "Fill a column, or give a parameter.");
            var target = Narrowed(record.Target());
            if (record.UserSid is { } sid && !sid.Equals(Changes.UserSid, StringComparison.OrdinalIgnoreCase)) MissUser(input, record, sid);
            else Change(target, settings.Check(), Provider ?? record.Provider, record, Strict || input.BaseObject is string);
        }
        catch (MailOpsException e)
        {
            Fail(e, record);
        }
    }

    private void Change(OutlookTarget target, OutlookSettings settings, string? provider, OutlookRecord? record, bool isStrict)
    {
        IReadOnlyList<OutlookTask> tasks;
        try
        {
            tasks = Changes.Plan(target, settings, provider is null ? null : FindProvider(provider), record?.Number ?? 0);
        }
        catch (MailOpsException e) when (record is null)
        {
            Fail(e, record, target.EmailAddress);
            return;
        }
        TellUnreadable();
        if (tasks.Count == 0) MissAccount(target.EmailAddress, record, isStrict);
        foreach (var task in tasks)
        {
            foreach (var note in task.Notes) WriteWarning($"{task.EmailAddress}: {note}");
            if (task.IsChange && !Confirmed(task.Description, "Change", task.Changes)) Tally.AddSkipped();
            else Write(Changes.Apply(task), record is null ? null : record.Located);
        }
    }

    // A row for somebody else is one of many for other machines; an account that was read in another hive is not this user's account of the same address.
    private void MissUser(PSObject input, OutlookRecord record, string sid)
    {
        if (IsAccount(input))
            throw new MailOpsException(ErrorCode.OutlookUserUnclear, $"The account is in the hive of {Printable.Escape(sid)}, and this run is on that of {Changes.UserSid}.", "Give the same -UserSid to both cmdlets.");
        MissAccount(record.EmailAddress, record, Strict);
    }

    private void MissAccount(string address, OutlookRecord? record, bool isStrict)
    {
        if (isStrict && (record is not null || address.IndexOfAny(['*', '?']) < 0))
        {
            Fail(new MailOpsException(ErrorCode.OutlookAccountNotFound, $"This user has no account {address} in Outlook.", "Get-OutlookSmtpProfile shows those there are."), record, address);
            return;
        }
        Tally.AddNotHere();
        WriteVerbose(string.Format(CultureInfo.InvariantCulture, "Not here: {0}", address));
    }

    private void Fail(MailOpsException error, OutlookRecord? record, string? address = null)
    {
        Tally.AddFailure(error, address ?? record?.EmailAddress ?? "", record?.Number ?? 0);
        WriteError(record?.Located(error) ?? error, address ?? record?.EmailAddress);
    }

    private OutlookTarget Narrowed(OutlookTarget target) => target with
    {
        AccountType = AccountType is null ? target.AccountType : AccountType.Equals("Pop3", StringComparison.OrdinalIgnoreCase) ? OutlookAccountType.Pop3 : OutlookAccountType.Imap,
        ProfileName = ProfileName ?? target.ProfileName,
    };

    private OutlookProvider FindProvider(string name)
    {
        if (_providers.TryGetValue(name, out var known)) return known;
        var provider = _providers[name] = new OutlookProvider(name, IncludeIncoming);
        foreach (var warning in provider.Warnings()) WriteWarning(warning);
        return provider;
    }

    // An account of Get-OutlookSmtpProfile says which one is meant; its settings are those it has, not those it should get.
    private static IEnumerable<KeyValuePair<string, string?>> Columns(PSObject input)
    {
        if (input.BaseObject is string address) return [new(nameof(EmailAddress), address)];
        var isAccount = IsAccount(input);
        string[] identity = [nameof(EmailAddress), nameof(AccountType), nameof(ProfileName), nameof(OutlookSmtpProfile.OutlookVersion), nameof(OutlookSmtpProfile.AccountKey), nameof(UserSid)];
        var columns = input.BaseObject is System.Collections.IDictionary table
            ? table.Keys.Cast<object>().Select(key => new KeyValuePair<string, string?>(Text(key) ?? "", Text(table[key])))
            : input.Properties.Where(property => !isAccount || identity.Contains(property.Name)).Select(property => new KeyValuePair<string, string?>(property.Name, Text(property.Value)));
        return columns;
    }

    // As it was read, or as it came from another process; not what was read from a file that names the type.
    private static bool IsAccount(PSObject input) => input.TypeNames.Any(name => name is "MailOps.OutlookSmtpProfile" or "Deserialized.MailOps.OutlookSmtpProfile");

    private static string? Text(object? value) => Convert.ToString(value is PSObject wrapped ? wrapped.BaseObject : value, CultureInfo.InvariantCulture);
}
