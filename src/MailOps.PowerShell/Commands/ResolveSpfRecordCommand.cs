using System.Management.Automation;
using MailOps.Authenticity.Spf;
using MailOps.Dns;

namespace MailOps.PowerShell.Commands;

/// <summary>Fetches the SPF record of a domain, reads it with all that it includes, and tells what is wrong with it, where, and what to do.</summary>
/// <remarks>
/// <para>Every include and redirect is followed. LookupCount is how many terms ask the DNS for a client that nothing matches (ten are allowed), Tree shows which, and Findings has every
/// fault and warning with the domain in whose record it is and its place in the text: faults of syntax, several records, more than ten look-ups, look-ups that find nothing, +all, no all,
/// terms behind all, redirect beside all, ptr, an include that leads nowhere, very long records.</para>
/// <para>Verdict is Valid, Warning, Invalid (receivers give PermError, or everybody may send) or Missing. Terms with macros other than the domain depend on the message and are not
/// asked; to see what one message gets, use Test-SpfSender.</para>
/// <para>Several domains are looked over side by side; the output keeps their order. International domain names may be written with their own letters. A text that is no domain name
/// (InvalidDomain), a domain that does not exist (DnsNoSuchDomain), and one the DNS does not answer for (DnsFailed) are errors about that domain alone; the others go on.</para>
/// </remarks>
/// <example>
/// <para>Look a record over</para>
/// <code>Resolve-SpfRecord example.com</code>
/// <para>Verdict, look-ups and the first finding.</para>
/// </example>
/// <example>
/// <para>All that is wrong, and what to do</para>
/// <code>(Resolve-SpfRecord example.com).Findings | Format-List</code>
/// <para>Each finding with its place and advice.</para>
/// </example>
/// <example>
/// <para>Where the look-ups go</para>
/// <code>(Resolve-SpfRecord example.com).Tree</code>
/// <para>The terms, those of included records indented.</para>
/// </example>
/// <example>
/// <para>Domains whose record does not work</para>
/// <code>Import-Csv domains.csv | Resolve-SpfRecord | Where-Object Verdict -in Invalid, Missing</code>
/// <para>The column Domain names the domains.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc7208">RFC 7208, Sender Policy Framework</seealso>
[Cmdlet(VerbsDiagnostic.Resolve, "SpfRecord")]
[OutputType(typeof(SpfRecordReport))]
public sealed class ResolveSpfRecordCommand : DomainRecordCmdlet<SpfRecordReport>
{
    private protected override Func<string, CancellationToken, Task<SpfRecordReport>> Surveyor(DnsResolver dns) => new SpfSurveyor(dns).SurveyAsync;
}
