using System.Management.Automation;
using MailOps.Dns;
using MailOps.Policies;
using MailOps.Providers;

namespace MailOps.PowerShell.Commands;

/// <summary>Fetches the MTA-STS record and policy of a domain, holds them against its mail exchangers, and tells what is wrong and what to do.</summary>
/// <remarks>
/// <para>The policy is fetched as senders do it: over HTTPS from mta-sts and the domain, with a valid certificate, without redirection, not more than 64 KiB. -Timeout counts for each
/// question to the DNS, and for the fetch as a whole.</para>
/// <para>Findings has faults of the record with their place in the text, a web server that does not answer or has no valid certificate, faults of the policy with line and character, mail
/// exchangers that the policy does not name (to which senders do not deliver in mode enforce), names that are no mail exchanger, mode none and testing, and a policy that is kept for less
/// than a day.</para>
/// <para>Verdict is Valid, Warning, Invalid or Missing. Several domains are looked over side by side; the output keeps their order. A text that is no domain name (InvalidDomain), a domain
/// that does not exist (DnsNoSuchDomain), and one the DNS does not answer for (DnsFailed) are errors about that domain alone; the others go on.</para>
/// </remarks>
/// <example>
/// <para>Look a policy over</para>
/// <code>Resolve-MtaStsPolicy example.com</code>
/// <para>Verdict, mode, and the first finding.</para>
/// </example>
/// <example>
/// <para>All that is wrong, and what to do</para>
/// <code>(Resolve-MtaStsPolicy example.com).Findings | Format-List</code>
/// <para>Each finding with its advice.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc8461">RFC 8461, SMTP MTA Strict Transport Security</seealso>
[Cmdlet(VerbsDiagnostic.Resolve, "MtaStsPolicy")]
[OutputType(typeof(MtaStsPolicyReport))]
public sealed class ResolveMtaStsPolicyCommand : DomainRecordCmdlet<MtaStsPolicyReport>
{
    private MtaStsFetcher? _fetcher;

    private protected override Func<string, CancellationToken, Task<MtaStsPolicyReport>> Surveyor(DnsResolver dns)
    {
        _fetcher = new MtaStsFetcher(SettingsFetcher.CreateHandler(), Timeout);
        return new MtaStsSurveyor(dns, _fetcher).SurveyAsync;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _fetcher?.Dispose();
        base.Dispose(disposing);
    }
}
