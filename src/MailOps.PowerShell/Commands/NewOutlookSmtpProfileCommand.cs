using System.Management.Automation;
using MailOps.Messages;
using MailOps.Outlook;
using MailOps.Outlook.Exports;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell.Commands;

/// <summary>Makes a profile of classic Outlook with a POP3 or IMAP account, or adds the account to one, by a PRF file that Outlook imports when it starts next.</summary>
/// <remarks>
/// <para>The settings are given as to Export-MailClientProfile: by -Provider, by -Settings, or by hand. The file is generated with the lines that map its keys, read again and checked (PrfInvalid), put into a folder of the user's, and
/// Outlook is told of it: ImportPRF is set, First-Run and FirstRun are removed, and nothing else in the registry is touched. Accounts are never made by writing registry keys.</para>
/// <para>State says how far it is. Staged: Outlook has not started since. Verified: the account is in the profile, with these servers. Consumed: Outlook took the file, and the account is not there; sometimes it comes with the second start.
/// Different: the account is there with other servers, which Set-OutlookSmtpProfile changes. The same call again tells the state then, and writes only what is missing; what Outlook took without an account is staged again with -Force alone. So it
/// can run at every logon. Get-OutlookSmtpProfile shows the state as well.</para>
/// <para>Outlook then starts with the profile of the file, also where it is a new one and the user has others: their mail is in those, which -KeepDefaultProfile leaves in their place. A POP3 account leaves messages on the server, unless
/// -LeaveOnServer $false, or for -DaysOnServer alone: what Outlook does untold is not known.</para>
/// <para>With -Path the file is only written, which works on every system; the state is Written.</para>
/// <para>It needs Outlook closed (OutlookRunning), and no other file that waits (PrfStaged), unless -Force. Profiles belong to a user: run it as the user (a logon script, or Intune in the user's context), or name a loaded hive with -UserSid, and a
/// folder that this user can read with -StagingPath; else it is OutlookUserUnclear, OutlookUserNotFound or OutlookSettingsInvalid. Without Windows and without -Path it is OutlookNeedsWindows. A registry that cannot be written is
/// OutlookWriteFailed, with all as it was; a file FileUnwritable. Settings that are wrong are MailClientSettingsInvalid and InvalidAddress; what a PRF file cannot hold is MailClientFormatUnfit.</para>
/// <para>Microsoft no longer supports PRF files for Exchange, and says little of other accounts. POP3 accounts were seen to be made by current versions; of IMAP accounts on current builds of Microsoft 365 that is disputed. There is no
/// password in the file: Outlook asks for it. New Outlook for Windows imports nothing.</para>
/// </remarks>
/// <example>
/// <para>An account for the user who logs on</para>
/// <code>New-OutlookSmtpProfile someone@example.com -DisplayName 'Some One' -Pop3Server pop.example.com -SmtpServer smtp.example.com -SmtpPort 587 -Organization 'Example Ltd'</code>
/// <para>As a logon script: the state is Staged at first, and Verified when Outlook has started.</para>
/// </example>
/// <example>
/// <para>Only the file, to be imported by outlook.exe /importprf</para>
/// <code>New-OutlookSmtpProfile someone@example.com -ImapServer imap.example.com -SmtpServer smtp.example.com -Path ./someone.prf</code>
/// <para>Works on every system.</para>
/// </example>
/// <example>
/// <para>For another user, whose hive is loaded</para>
/// <code>New-OutlookSmtpProfile someone@example.com -Provider GmxNet -AccountType Pop3 -UserSid S-1-5-21-1004336348-1177238915-682003330-1001 -StagingPath C:\ProgramData\Prf</code>
/// <para>The folder must be one that this user can read.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "OutlookSmtpProfile", SupportsShouldProcess = true, DefaultParameterSetName = StagedSet)]
[OutputType(typeof(OutlookNewProfile))]
public sealed class NewOutlookSmtpProfileCommand : MailClientCmdlet
{
    private const string StagedSet = "Staged";
    private const string PathSet = "Path";

    private readonly HashSet<string> _written = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The PRF file to write, and do no more; or a folder that exists, for a file of each user.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The folder for the file that Outlook imports; a share will do, a path with spaces may not. Default: MailOps\Outlook\Prf in the user's local application data.</summary>
    [Parameter(ParameterSetName = StagedSet)]
    [ValidateNotNullOrEmpty]
    public string? StagingPath { get; set; }

    /// <summary>The security identifier of the user whose profile is meant, where that is another one; the user's registry hive must be loaded. Default: the user who runs this.</summary>
    [Parameter(ParameterSetName = StagedSet)]
    [ValidateNotNullOrEmpty]
    public string? UserSid { get; set; }

    /// <summary>The version of Outlook: 16.0 (2016 and all later) or 15.0 (2013). Default: the newest that the user has used, or else 16.0.</summary>
    [Parameter(ParameterSetName = StagedSet)]
    [ValidateSet("16.0", "15.0")]
    public string? OutlookVersion { get; set; }

    /// <summary>The profile that is made, or added to. Default: the organisation's name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString, AllowNull]
    public string? ProfileName { get; set; }

    /// <summary>Imap or Pop3. Default: Imap where there is a server for it.</summary>
    [Parameter]
    [ValidateSet(nameof(MailProtocol.Imap), nameof(MailProtocol.Pop3))]
    public MailProtocol AccountType { get; set; }

    /// <summary>Replaces a file that is there, or that waits; stages again what Outlook took without making the account; goes on while Outlook runs.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        try
        {
            var user = ReadUser();
            var file = new MailClientExporter(Definition, FileOptions(AccountType, ProfileName)).Export(MailClientFormat.Prf, user)[0];
            var document = PrfDocument.Parse(file.Content);
            document.ThrowIfFaulty(file.FileName);
            if (ParameterSetName == PathSet) WriteFile(file, document);
            else StageFile(file, document);
        }
        catch (MailOpsException e)
        {
            WriteRowError(e);
        }
        return Task.CompletedTask;
    }

    private void WriteFile(MailClientContent file, PrfDocument document)
    {
        const string Advice = "Give another -Path, or -Force to replace it.";
        var path = this.FullPath(Path);
        if (Directory.Exists(path)) path = System.IO.Path.Combine(path, file.FileName);
        if (!_written.Add(path))
            throw new MailOpsException(ErrorCode.FileExists, $"The file '{path}' was written for another user before.", "Name a folder with -Path, in which each user has a file, or a file for each record.");
        WarnOnce(file.Warnings);
        if (!ShouldProcess(path, $"Write a PRF file for {document.Accounts[0].EmailAddress}")) return;
        if (!Force) WholeFile.CheckAbsent(path, Advice);
        WholeFile.WriteInto(path, file.Content, Force, Advice);
        WriteObject(Result(document, path, OutlookProfileState.Written, null, null, file.Warnings));
    }

    private void StageFile(MailClientContent file, PrfDocument document)
    {
        var host = OutlookHost.ThisMachine();
        using var hive = OutlookHive.Open(host, UserSid);
        var staging = new PrfStaging(host, hive, OutlookVersion);
        var path = System.IO.Path.Combine(StagingPath is null ? staging.DefaultFolder : this.FullPath(StagingPath), file.FileName);
        var warnings = file.Warnings.ToList();
        if (path.Contains(' ')) warnings.Add($"The path '{path}' has spaces, with which Outlook may not find the file: name a folder without with -StagingPath.");
        if (staging.UsesNewOutlook) warnings.Add("The user has switched to the new Outlook, which imports nothing: classic Outlook must be started for this.");
        WarnOnce(warnings);
        var state = staging.State(document, file.Content, path);
        if (state == OutlookProfileState.None || (state == OutlookProfileState.Consumed && Force))
        {
            if (!ShouldProcess($"{document.Accounts[0].EmailAddress}, profile {document.ProfileName}", $"Have Outlook {staging.Version} import {path} at its next start")) return;
            staging.Stage(file.Content, path, Force);
            state = staging.State(document, file.Content, path);
        }
        WriteObject(Result(document, path, state, staging.Version, hive.Sid, warnings));
    }

    private static OutlookNewProfile Result(PrfDocument document, string path, OutlookProfileState state, string? version, string? sid, IEnumerable<string> warnings) => new()
    {
        State = state,
        EmailAddress = document.Accounts[0].EmailAddress,
        ProfileName = document.ProfileName,
        AccountType = document.Accounts[0].Type,
        Path = path,
        OutlookVersion = version,
        UserSid = sid,
        Warnings = [.. warnings],
    };
}
