using System.Management.Automation;
using MailOps.Authenticity.Dmarc;
using MailOps.Dns;

namespace MailOps.PowerShell.Commands;

/// <summary>Finds the DMARC record that counts for a domain, and tells which policy receivers apply, what is wrong with the record, where, and what to do.</summary>
/// <remarks>
/// <para>The record is looked for as receivers do it by RFC 9989: at the domain, and upwards to the top-level domain in not more than eight questions (Walk). The record of the domain
/// itself counts; without one that of its organizational domain, by sp, or by np where the domain does not exist; without that the one of a public suffix (psd=y). RecordDomain tells
/// whose it is, and Policy, SubdomainPolicy and NonexistentPolicy what it means for the domain asked about.</para>
/// <para>Findings has every fault and warning with its place in the text: faults of syntax, several records, values that do not exist, p missing or not right behind the version (which
/// receivers of the older RFC 7489 want), p=none without reports, subdomains with a weaker policy, addresses for reports that are none, addresses of other domains that do not say that they
/// take such reports, and tags that are no longer part of DMARC (pct, rf, ri).</para>
/// <para>Verdict is Valid, Warning, Invalid or Missing. Several domains are looked over side by side; the output keeps their order. International domain names may be written with their
/// own letters. A text that is no domain name (InvalidDomain), a domain that does not exist (DnsNoSuchDomain), and one the DNS does not answer for (DnsFailed) are errors about that
/// domain alone; the others go on.</para>
/// </remarks>
/// <example>
/// <para>Look a record over</para>
/// <code>Resolve-DmarcRecord example.com</code>
/// <para>Verdict, policy, whose record it is, and the first finding.</para>
/// </example>
/// <example>
/// <para>All that is wrong, and what to do</para>
/// <code>(Resolve-DmarcRecord example.com).Findings | Format-List</code>
/// <para>Each finding with its place and advice.</para>
/// </example>
/// <example>
/// <para>Domains in whose name anybody can write</para>
/// <code>Import-Csv domains.csv | Resolve-DmarcRecord | Where-Object Policy -notin Quarantine, Reject</code>
/// <para>The column Domain names the domains.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc9989">RFC 9989, Domain-based Message Authentication, Reporting, and Conformance</seealso>
[Cmdlet(VerbsDiagnostic.Resolve, "DmarcRecord")]
[OutputType(typeof(DmarcRecordReport))]
public sealed class ResolveDmarcRecordCommand : DomainRecordCmdlet<DmarcRecordReport>
{
    private protected override Func<string, CancellationToken, Task<DmarcRecordReport>> Surveyor(DnsResolver dns) => new DmarcSurveyor(dns).SurveyAsync;
}
