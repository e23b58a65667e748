using System.Management.Automation;
using MailOps.Dns;
using MailOps.Domains;
using MailOps.Policies;
using MailOps.PowerShell.Parameters;
using MailOps.Providers;

namespace MailOps.PowerShell.Commands;

/// <summary>Looks domains over: mail exchangers, SPF, DKIM, DMARC, MTA-STS, TLS-RPT, DANE, reverse names and block lists, each with a verdict, and what is wrong with what to do.</summary>
/// <remarks>
/// <para>One object a domain. Mx, Spf, Dkim, Dmarc, MtaSts, TlsRpt, Dane, ReverseDns and Dnsbl are None (nothing published, seen or looked at), Pass, Unknown (nobody answered), Warning or
/// Fail; Verdict is the worst of them and of the findings. Findings has all that is to be said, the gravest first, with the check, the domain, host or address, the place in a record's text, the message
/// and the advice. SpfRecord, DkimRecords, DmarcRecord, MtaStsPolicy, TlsRptRecord and DaneRecords are what the Resolve- cmdlets give for the domain. No mail is sent.</para>
/// <para>Mx: none, null MX, null MX beside others, names that are none, aliases (CNAME), no address, no IPv4 address, private, loopback and other addresses that nobody outside reaches, and that there is only one.</para>
/// <para>Dkim: without -DkimSelector the selectors are tried that providers and programs commonly use: selector1, selector2 (Microsoft 365), google (Google Workspace), default, dkim, mail (cPanel, Plesk,
/// OpenDKIM, Mailcow, iRedMail), s1, s2 (SendGrid), k1, k2, k3 (Mailchimp, Mailgun), mandrill, mte1, mte2 (Mandrill), fm1, fm2, fm3 (Fastmail), protonmail, protonmail2, protonmail3 (Proton Mail), zoho, zmail (Zoho),
/// sig1 (iCloud), key1, key2, key3 (Migadu), mailjet (Mailjet), brevo1, brevo2 (Brevo), pm (Postmark), cm (Campaign Monitor), ctct1, ctct2 (Constant Contact), zendesk1, zendesk2 (Zendesk), litesrv (MailerLite),
/// s1-ionos, s2-ionos (IONOS), s1024, s2048 (Yahoo). That none of these is there is no fault.</para>
/// <para>Dane: what the DNS server says of DNSSEC is believed, so it should be one that validates; and each mail exchanger with TLSA records is connected to at port 25. MtaSts: the policy is fetched by HTTPS.
/// -SkipConnection leaves both out. A domain needs one of DANE and MTA-STS; that the other is missing is information.</para>
/// <para>Dnsbl: zen.spamhaus.org (127.0.0.2 and 127.0.0.3 spam, 127.0.0.4 taken over, 127.0.0.9 criminals, 127.0.0.10 and 127.0.0.11 should not send directly, a warning), bl.spamcop.net (127.0.0.2 reported) and
/// psbl.surriel.com (127.0.0.2 spam traps), or those of -Dnsbl. An answer of 127.255.255.0/24, or 127.0.0.1, says that the list does not answer this DNS server (public ones mostly): the
/// verdict is Unknown then, and never that the address is listed. So it is with answers outside 127.0.0.0/8, and with lists that list everything. Lists are asked about each address of the mail exchangers; mind their terms
/// of use, and use -SkipDnsbl where there are many domains.</para>
/// <para>-Timeout is for each check of a domain; a check whose time is over is Unknown. Several domains are looked over side by side; the output keeps their order. A text that is no domain name
/// (InvalidDomain) and a domain that does not exist (DnsNoSuchDomain) are errors about that domain alone; the others go on.</para>
/// </remarks>
/// <example>
/// <para>A domain at a glance</para>
/// <code>Test-MailDomain example.com</code>
/// <para>One line, with a column for each check.</para>
/// </example>
/// <example>
/// <para>All that is wrong, and what to do</para>
/// <code>Test-MailDomain example.com -DkimSelector s202611 | Format-List</code>
/// <para>The verdicts, and each finding with its advice.</para>
/// </example>
/// <example>
/// <para>The domains of a list with something that does not work</para>
/// <code>Import-Csv domains.csv | Test-MailDomain -Server 127.0.0.1 -SkipDnsbl | Where-Object Verdict -eq Fail | Select-Object Domain, Details</code>
/// <para>The column Domain names the domains; the resolver on this machine is asked.</para>
/// </example>
/// <example>
/// <para>Which servers of a domain block lists have</para>
/// <code>(Test-MailDomain example.com -Dnsbl zen.spamhaus.org -SkipConnection).Addresses | Where-Object ListedBy</code>
/// <para>The addresses with the lists that have them.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc5321#section-5.1">RFC 5321 section 5.1, Locating the Target Host</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc5782">RFC 5782, DNS Blacklists and Whitelists</seealso>
[Cmdlet(VerbsDiagnostic.Test, "MailDomain")]
[OutputType(typeof(MailDomainTest))]
public sealed class TestMailDomainCommand : DomainCmdlet<MailDomainTest>
{
    private MtaStsFetcher? _fetcher;
    private GatedInspector? _dns;

    /// <summary>The selectors of the DKIM keys, each of which must be there. Default: those that are common, where none need be.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] DkimSelector { get; set; } = [];

    /// <summary>The zones of the block lists. Default: zen.spamhaus.org, bl.spamcop.net and psbl.surriel.com.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Dnsbl { get; set; } = [];

    /// <summary>Asks no block lists.</summary>
    [Parameter]
    public SwitchParameter SkipDnsbl { get; set; }

    /// <summary>Leaves the domain's servers alone: no MTA-STS policy is fetched, and no certificate compared with TLSA records.</summary>
    [Parameter]
    public SwitchParameter SkipConnection { get; set; }

    /// <summary>How long one check of one domain may take, in seconds or as a TimeSpan. Default: 30 seconds.</summary>
    [Parameter]
    [Seconds, TimeoutRange]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    private protected override Func<string, CancellationToken, Task<MailDomainTest>> Surveyor()
    {
        // Parts of the time, so that who does not answer is what is told, and not that the time is over.
        _fetcher = new MtaStsFetcher(SettingsFetcher.CreateHandler(), TimeSpan.FromTicks(Timeout.Ticks / 2));
        _dns = new GatedInspector(new DnsResolver(Server, TimeSpan.FromTicks(Timeout.Ticks / 3), trustDnssec: true));
        var options = new MailDomainTestOptions { DkimSelectors = DkimSelector, Dnsbls = Dnsbl, SkipDnsbl = SkipDnsbl, SkipConnection = SkipConnection, Timeout = Timeout };
        return new MailDomainTester(_dns, _fetcher, options).TestAsync;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _fetcher?.Dispose();
            _dns?.Dispose();
        }
        base.Dispose(disposing);
    }
}
