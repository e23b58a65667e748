using System.Management.Automation;
using MailOps.Dns;
using MailOps.PowerShell.Parameters;
using MailOps.Providers;

namespace MailOps.PowerShell.Commands;

/// <summary>Finds the servers, ports, TLS, user name and authentication with which a mailbox is set up.</summary>
/// <remarks>
/// <para>Asks what the address's domain, its provider and the DNS say, and gives each server with its source, in this order of trust: SRV records of the domain (RFC 6186, RFC 8314); the
/// file that the domain publishes for mail programs (Mozilla autoconfig), and Thunderbird's database of such files where -IncludeIspdb asks for it; the same file of the domain whose
/// servers take its mail; Autodiscover; a provider of Get-MailProvider, by domain or by mail exchanger; and for want of all that, a guess.</para>
/// <para>IsTrusted is false, and Warnings say why, where anyone on the way could have given the answer: confirm such a server before it gets a password. Redirects show where the
/// first address on the web led. -Verbose shows each question and what came.</para>
/// <para>No password is asked for or sent. The address goes, over HTTPS only, to its own domain and to where that leads: to autoconfig.DOMAIN, autodiscover.DOMAIN and DOMAIN itself. Only
/// where those have no file for mail programs, it is asked for again without TLS, and without the address. The domain of the mail exchanger does not get the address. Thunderbird's
/// database, to which a question tells the domain, is asked only with -IncludeIspdb.</para>
/// <para>Several addresses are asked about side by side; the output keeps their order. What is no address (InvalidAddress), a domain that does not exist (DnsNoSuchDomain) or of which
/// the DNS says nothing (DnsFailed), and an address for which nothing is found (MailSettingsNotFound) are errors of their own; the others go on.</para>
/// </remarks>
/// <example>
/// <para>With which servers an address is set up</para>
/// <code>Find-MailSettings someone@example.com</code>
/// <para>A line for each server and source, the most trusted first.</para>
/// </example>
/// <example>
/// <para>The best server for sending</para>
/// <code>$smtp = Find-MailSettings someone@example.com -Protocol Smtp | Select-Object -First 1
/// Send-SmtpMessage -SmtpServer $smtp.Server -Port $smtp.Port -Tls $smtp.Tls -Credential $smtp.UserName -From someone@example.com -To other@example.net -Subject Hello</code>
/// <para>See that IsTrusted is true before the password is typed.</para>
/// </example>
/// <example>
/// <para>Of many users, which domains have no settings that can be trusted</para>
/// <code>Import-Csv staff.csv | Find-MailSettings -Protocol Imap | Where-Object { -not $_.IsTrusted } | Format-List Address, Server, Source, Warnings</code>
/// <para>The column EmailAddress names the users.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc6186">RFC 6186, Use of SRV Records for Locating Email Submission/Access Services</seealso>
/// <seealso href="https://datatracker.ietf.org/doc/draft-ietf-mailmaint-autoconfig/">Mail Autoconfig</seealso>
[Cmdlet(VerbsCommon.Find, "MailSettings")]
[OutputType(typeof(MailSettings))]
public sealed class FindMailSettingsCommand : AsyncCmdlet
{
    /// <summary>Addresses at a time: each has some twenty questions of its own.</summary>
    private const int MaxAtOnce = 4;

    private SideBySide<string, MailSettingsFound> _questions = null!;
    private SettingsFetcher? _fetcher;

    /// <summary>The e-mail addresses.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("EmailAddress", "PrimarySmtpAddress")]
    [AllowEmptyString]
    public string[] Address { get; set; } = [];

    /// <summary>Gives only servers of these protocols. Default: all.</summary>
    [Parameter]
    public MailProtocol[] Protocol { get; set; } = [];

    /// <summary>Asks Thunderbird's database at autoconfig.thunderbird.net too, which tells it the domain.</summary>
    [Parameter]
    public SwitchParameter IncludeIspdb { get; set; }

    /// <summary>DNS servers as address, address:port or [address]:port, tried in this order, for the records of the domain; hosts on the web are found as the system does. Default: the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>How long one question to the DNS or the web may take, in seconds or as a TimeSpan; a few are asked one after the other. Default: 10 seconds.</summary>
    [Parameter]
    [Seconds, TimeoutRange]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        _fetcher = new SettingsFetcher(Timeout);
        var finder = new MailSettingsFinder(new DnsResolver(Server, Timeout), _fetcher, IncludeIspdb);
        _questions = new(address => finder.FindAsync(address, StopToken), (_, found) => Write(found), (address, error) => WriteError(error, address), MaxAtOnce);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var address in Address) await _questions.AskAsync(address, cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task EndAsync(CancellationToken cancellationToken) => _questions.EndAsync(cancellationToken);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _fetcher?.Dispose();
        base.Dispose(disposing);
    }

    private void Write(MailSettingsFound found)
    {
        foreach (var step in found.Steps) WriteVerbose(step.ToString());
        foreach (var settings in found.Settings)
        {
            if (Protocol.Length == 0 || Protocol.Contains(settings.Protocol)) WriteObject(settings);
        }
    }
}
