using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;
using MailOps.Messages;
using MailOps.Outlook;
using MailOps.Outlook.Exports;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell.Commands;

/// <summary>Writes the mail settings of an organisation in the forms that mail clients take: Autodiscover, autoconfig, Apple's configuration profile, SRV records, PRF, and a page for people.</summary>
/// <remarks>
/// <para>One definition makes all files: the servers of a provider (-Provider), what Find-MailSettings found (-Settings), or servers given by hand, which take the place of those of the other two. It is
/// looked at as a whole first; what is wrong is the error MailClientSettingsInvalid, which names all of it, and nothing is written.</para>
/// <para>With -EmailAddress, or users from the pipeline (the columns EmailAddress, DisplayName, UserName), each user gets files of their own; without, the files are for all users. Autoconfig then
/// keeps its place-holders (%EMAILADDRESS%), which clients fill in, SRV records name no user anyway, and a page says "your e-mail address". An answer of Autodiscover for all users is a template, as a comment at its top says: whoever answers
/// must put the address that was asked for, escaped for XML, in the place of %EMAILADDRESS%, %EMAILLOCALPART% and %EMAILDOMAIN% in each LoginName; it cannot be left out, for then classic Outlook takes what stands before the @. Only where
/// that is the user name (-UserNameForm %EMAILLOCALPART%) it is left out, and the file can be served as it is (docs/clients.md). What cannot be for all users is the error MailClientFormatUnfit: MobileConfig, Prf and Reg. The same error says what a form cannot hold.</para>
/// <para>No file ever has a password in it: the client asks for it. The files of one user get the address as the beginning of their name, with what file systems do not take written as %2F. Each appears whole or not at all. One that is
/// there is the error FileExists unless -Force replaces it; one that cannot be written is FileUnwritable; an address that is none is InvalidAddress. From the pipeline each error begins with the number of the row, and the others go on.</para>
/// <para>What a client cannot do with a file is a warning, shown once, with the alternative; the output has those of each file. AutodiscoverXml is what https://autodiscover.DOMAIN/autodiscover/autodiscover.xml answers; classic Outlook
/// asks for it when an account is added, and not again. Autoconfig is what https://autoconfig.DOMAIN/mail/config-v1.1.xml answers. MobileConfig is for Apple's Mail: a second export for the same
/// address has the same identifiers, so that it takes the place of the first on the device; unsigned, the device calls it not verified. DnsSrv is one file of lines for a zone for each domain. Instructions is a page for Outlook for Mac, new
/// Outlook for Windows and Outlook on phones, which cannot be set from outside.</para>
/// <para>Prf is the file by which classic Outlook adds a POP3 or IMAP account to a profile, which it makes where there is none (outlook.exe /importprf). Outlook reads it in code page 1252 and passes over what it does not
/// understand, so that what it could not read is an error here. Microsoft supports PRF files for other accounts than these at most; POP3 was seen to work, IMAP on current builds is disputed. Reg shows which values would change for an
/// account that exists, named by -ProfileName and -AccountKey; it is to be looked at, and its first line keeps regedit from taking it. A PRF file also makes its profile the one that Outlook starts with, unless -KeepDefaultProfile, and
/// a POP3 account in it leaves messages on the server, unless -LeaveOnServer $false or after -DaysOnServer.</para>
/// </remarks>
/// <example>
/// <para>What a mail domain publishes for its users' clients</para>
/// <code>Export-MailClientProfile ./published -Format AutodiscoverXml, Autoconfig, DnsSrv -ImapServer imap.example.com -SmtpServer smtp.example.com -Organization 'Example Ltd' -Domain example.com</code>
/// <para>Three files for all users; autodiscover.xml is a template for the service that answers.</para>
/// </example>
/// <example>
/// <para>A signed profile for each iPhone</para>
/// <code>$certificate = Get-PfxCertificate ./signing.pfx
/// Import-Csv staff.csv | Export-MailClientProfile ./profiles -Format MobileConfig -Provider Fastmail -SigningCertificate $certificate</code>
/// <para>The columns are EmailAddress and DisplayName. The certificate should be one that the devices trust.</para>
/// </example>
/// <example>
/// <para>From what a domain says of itself to a page for its people</para>
/// <code>$found = Find-MailSettings someone@example.com
/// Export-MailClientProfile . -Format Instructions -Settings $found</code>
/// <para>Writes instructions.md.</para>
/// </example>
/// <example>
/// <para>A PRF file for each user of classic Outlook</para>
/// <code>Import-Csv staff.csv | Export-MailClientProfile ./prf -Format Prf -ImapServer imap.example.com -SmtpServer smtp.example.com -SmtpPort 587 -Organization 'Example Ltd'</code>
/// <para>A profile Example Ltd with an IMAP account each.</para>
/// </example>
/// <seealso href="https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxdscli/">MS-OXDSCLI, Autodiscover Publishing and Lookup Protocol</seealso>
/// <seealso href="https://datatracker.ietf.org/doc/draft-ietf-mailmaint-autoconfig/">Mail Autoconfig</seealso>
/// <seealso href="https://developer.apple.com/documentation/devicemanagement/mail">Apple, Mail payload</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc6186">RFC 6186, Use of SRV Records for Locating Email Submission/Access Services</seealso>
[Cmdlet(VerbsData.Export, "MailClientProfile", SupportsShouldProcess = true)]
[OutputType(typeof(MailClientProfileFile))]
public sealed class ExportMailClientProfileCommand : MailClientCmdlet
{
    private const string Advice = "Give another -Path, or -Force to replace it.";

    private readonly HashSet<string> _zones = new(StringComparer.Ordinal);

    /// <summary>The folder for the files; it is made where it does not exist.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The forms to write.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public MailClientFormat[] Format { get; set; } = [];

    /// <summary>Imap or Pop3, for forms that hold one account (MobileConfig, Prf, Reg). Default: Imap where there is a server for it.</summary>
    [Parameter]
    [ValidateSet(nameof(MailProtocol.Imap), nameof(MailProtocol.Pop3))]
    public MailProtocol AccountType { get; set; }

    /// <summary>A certificate with its private key, which signs MobileConfig files (CMS). Default: they are not signed.</summary>
    [Parameter]
    public X509Certificate2? SigningCertificate { get; set; }

    /// <summary>The profile of classic Outlook. Default: for Prf the organisation's name; Reg needs it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString, AllowNull]
    public string? ProfileName { get; set; }

    /// <summary>The key of the account in the profile, as in 00000002, for Reg, which needs it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString, AllowNull]
    public string? AccountKey { get; set; }

    /// <summary>The version of classic Outlook for Reg: 16.0 (2016 and all later), 15.0 (2013), or 14.0 (2010 and before). Default: 16.0.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString, AllowNull]
    public string? OutlookVersion { get; set; }

    /// <summary>Replaces files that are there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        if (SigningCertificate is not null) SecureMime.CheckSigner(SigningCertificate);
        return base.BeginAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        try
        {
            var user = ReadUser();
            var exporter = new MailClientExporter(Definition, FileOptions(AccountType, ProfileName) with
            {
                SigningCertificate = SigningCertificate,
                AccountKey = AccountKey,
                OutlookVersion = string.IsNullOrWhiteSpace(OutlookVersion) ? "16.0" : OutlookRecord.VersionOf(OutlookVersion!.Trim()),
            });
            foreach (var format in Format.Distinct()) Export(exporter, format, user);
        }
        catch (MailOpsException e)
        {
            WriteRowError(e);
        }
        return Task.CompletedTask;
    }

    private void Export(MailClientExporter exporter, MailClientFormat format, MailClientUser? user)
    {
        try
        {
            foreach (var file in exporter.Export(format, user)) Write(file, format, user);
        }
        catch (MailOpsException e)
        {
            WriteRowError(e);   // another form may do better
        }
    }

    private void Write(MailClientContent file, MailClientFormat format, MailClientUser? user)
    {
        var path = System.IO.Path.Combine(this.FullPath(Path), file.FileName);
        // The records of a domain are the same for each of its users.
        if (format == MailClientFormat.DnsSrv && !_zones.Add(path)) return;
        WarnOnce(file.Warnings);
        if (!ShouldProcess(path, user is null ? $"Write the {format} file for all users" : $"Write the {format} file for {user.Address}")) return;
        if (!Force) WholeFile.CheckAbsent(path, Advice);
        WholeFile.WriteInto(path, file.Content, Force, Advice);
        WriteObject(new MailClientProfileFile
        {
            Path = path,
            Format = format,
            EmailAddress = format == MailClientFormat.DnsSrv ? null : user?.Address.ToString(),
            Warnings = [.. file.Warnings],
        });
    }
}
