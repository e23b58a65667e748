using System.Management.Automation;
using MailOps.Messages;
using MailOps.Outlook;

namespace MailOps.PowerShell.Commands;

/// <summary>Shows the mail accounts in the profiles of classic Outlook, with their servers, as the user's registry has them.</summary>
/// <remarks>
/// <para>Reads every profile of every version of Outlook that has been here: 2016 and later with Microsoft 365 (16.0), 2013 (15.0), and 2002 to 2010, which share one place (14.0). A key that other programs of Office
/// left behind is no version. Outlook itself need not be installed or closed, and nothing is changed. Passwords are not read.</para>
/// <para>What Outlook leaves out of the registry stands as what it takes for it: port 25, 110 or 143, no encryption, no authentication. Encryption, Authentication and ports are empty where what is stored has no known
/// meaning; Notes say so, and where two values contradict each other. Control characters in texts are written out.</para>
/// <para>Only POP3 and IMAP accounts have an SMTP server to set (IsApplicable); those of Exchange and Microsoft 365 are listed all the same, with the reason in Notes. Data files and address books are shown where
/// -AccountType asks for them.</para>
/// <para>State says how far it is with an account that New-OutlookSmtpProfile made or is making, and PrfPath names its file: Staged (Outlook makes it when it starts next), Verified (it is there, with the servers of the file), Different
/// (with others), Consumed (Outlook took the file, and the account is not there). Staged and Consumed accounts are in no profile yet: they stand after the others, without AccountKey, and are not IsApplicable. Any other file that ImportPRF
/// names is shown too; with -UserSid it is not opened, since that user named it. None: no such file is known.</para>
/// <para>UseNewOutlook tells that the user has switched to the new Outlook, for which none of this counts. Outlook for Mac, mobile apps and the new Outlook cannot be read or set from outside.</para>
/// <para>Profiles belong to a user: run it as the user. As SYSTEM, as a service, or as an administrator at the desktop of somebody else it is the error OutlookUserUnclear, since the hive would be the wrong one:
/// -UserSid names the right one, which must be loaded (else OutlookUserNotFound). An address without wildcards that no account has is the error OutlookAccountNotFound. On Linux and macOS it is OutlookNeedsWindows.</para>
/// <para>Microsoft documents no such access to profiles; the layout is that of current versions, and may change.</para>
/// </remarks>
/// <example>
/// <para>Which accounts are there, and with which servers?</para>
/// <code>Get-OutlookSmtpProfile</code>
/// <para>A line for each account of each profile.</para>
/// </example>
/// <example>
/// <para>Accounts that send without encryption</para>
/// <code>Get-OutlookSmtpProfile | Where-Object { $_.IsApplicable -and $_.Encryption -eq 'None' }</code>
/// <para>Port and server are in the same object.</para>
/// </example>
/// <example>
/// <para>How far is it with what was staged?</para>
/// <code>Get-OutlookSmtpProfile | Where-Object State -ne 'None' | Format-Table EmailAddress, ProfileName, State, PrfPath</code>
/// <para>Where Outlook has started since, Verified or Consumed.</para>
/// </example>
/// <example>
/// <para>All a user has, from a session of an administrator</para>
/// <code>Get-OutlookSmtpProfile -UserSid S-1-5-21-1004336348-1177238915-682003330-1001 -EmailAddress *@example.com | Format-List</code>
/// <para>The user is signed in, so the hive is loaded.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "OutlookSmtpProfile")]
[OutputType(typeof(OutlookSmtpProfile))]
public sealed class GetOutlookSmtpProfileCommand : AsyncCmdlet
{
    private IReadOnlyList<OutlookSmtpProfile>? _profiles;

    /// <summary>Addresses of the accounts wanted, with or without wildcards (* and ?). Default: all, also accounts without an address.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PrimarySmtpAddress")]
    [ValidateNotNull]
    [AllowEmptyString]
    public string[] EmailAddress { get; set; } = [];

    /// <summary>Names of the profiles wanted, with or without wildcards (* and ?). Default: all.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    [AllowEmptyString]
    public string[] ProfileName { get; set; } = [];

    /// <summary>Kinds of accounts wanted. Default: all but data files (Store) and address books.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public OutlookAccountType[] AccountType { get; set; } = [];

    /// <summary>The security identifier of the user whose profiles are meant, where that is another one; the user's registry hive must be loaded. Default: the user who runs this.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserSid { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _profiles ??= Read();
        var addresses = EmailAddress.Where(address => address.Length > 0).ToArray();
        var isFound = false;
        foreach (var profile in _profiles.Where(profile => OutlookProfiles.IsMeant(profile, addresses, [.. ProfileName.Where(name => name.Length > 0)], AccountType)))
        {
            isFound = true;
            WriteObject(profile);
        }
        if (isFound) return Task.CompletedTask;
        foreach (var address in addresses.Where(address => address.IndexOfAny(['*', '?']) < 0))
            WriteError(new MailOpsException(ErrorCode.OutlookAccountNotFound, $"This user has no such account {Printable.Escape(address)} in Outlook.", "Get-OutlookSmtpProfile without parameters shows those there are."), address);
        return Task.CompletedTask;
    }

    private IReadOnlyList<OutlookSmtpProfile> Read()
    {
        var host = OutlookHost.ThisMachine();
        using var hive = OutlookHive.Open(host, UserSid);
        var unreadable = new List<MailOpsException>();
        var profiles = OutlookProfiles.Read(host, hive, unreadable);
        foreach (var error in unreadable) WriteError(error, hive.Sid);
        return profiles;
    }
}
