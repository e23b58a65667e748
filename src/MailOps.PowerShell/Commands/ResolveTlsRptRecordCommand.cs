using System.Management.Automation;
using MailOps.Dns;
using MailOps.Policies;

namespace MailOps.PowerShell.Commands;

/// <summary>Fetches the TLS-RPT record of a domain, and tells where reports on TLS go and what is wrong with the record.</summary>
/// <remarks>
/// <para>By this record senders tell a domain daily of mail that found no TLS or no valid certificate at its mail exchangers. Findings has every fault with its place in the text.</para>
/// <para>Verdict is Valid, Warning, Invalid or Missing. Several domains are looked over side by side; the output keeps their order. A text that is no domain name (InvalidDomain), a domain
/// that does not exist (DnsNoSuchDomain), and one the DNS does not answer for (DnsFailed) are errors about that domain alone; the others go on.</para>
/// </remarks>
/// <example>
/// <para>Look a record over</para>
/// <code>Resolve-TlsRptRecord example.com</code>
/// <para>Verdict and record, or the first finding.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc8460">RFC 8460, SMTP TLS Reporting</seealso>
[Cmdlet(VerbsDiagnostic.Resolve, "TlsRptRecord")]
[OutputType(typeof(TlsRptRecordReport))]
public sealed class ResolveTlsRptRecordCommand : DomainRecordCmdlet<TlsRptRecordReport>
{
    private protected override Func<string, CancellationToken, Task<TlsRptRecordReport>> Surveyor(DnsResolver dns) => new TlsRptSurveyor(dns).SurveyAsync;
}
