using System.Management.Automation;
using MailOps.Authenticity.Dkim;
using MailOps.Dns;

namespace MailOps.PowerShell.Commands;

/// <summary>Fetches DKIM keys of a domain, and tells what is wrong with them, where, and what to do.</summary>
/// <remarks>
/// <para>A key is published under a selector, which the DNS does not list: it is s= in the DKIM-Signature field of a message, or what the signing server is set up with. Several selectors
/// give an object each.</para>
/// <para>Findings has every fault and warning with its place in the text: no record, several, faults of syntax, a wrong version, a key that cannot be read, one that is revoked, an RSA
/// key of less than 1024 bits (which receivers refuse) or less than 2048, an unknown kind of key, a key that is not for e-mail or not for sha256, test mode.</para>
/// <para>Verdict is Valid, Warning, Invalid or Missing. Several domains are looked over side by side; the output keeps their order. A text that is no domain name or no selector
/// (InvalidDomain), a domain that does not exist (DnsNoSuchDomain), and one the DNS does not answer for (DnsFailed) are errors about that domain alone; the others go on.</para>
/// </remarks>
/// <example>
/// <para>Look a key over</para>
/// <code>Resolve-DkimRecord example.com -Selector s202611</code>
/// <para>Verdict, kind and size of the key, and the first finding.</para>
/// </example>
/// <example>
/// <para>The keys of Microsoft 365 of many domains</para>
/// <code>Import-Csv domains.csv | Resolve-DkimRecord -Selector selector1, selector2 | Where-Object Verdict -ne Valid</code>
/// <para>The column Domain names the domains.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc6376">RFC 6376, DomainKeys Identified Mail</seealso>
[Cmdlet(VerbsDiagnostic.Resolve, "DkimRecord")]
[OutputType(typeof(DkimRecordReport))]
public sealed class ResolveDkimRecordCommand : DomainRecordCmdlet<DkimRecordReport[]>
{
    /// <summary>The names of the keys within the domain.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string[] Selector { get; set; } = [];

    private protected override Func<string, CancellationToken, Task<DkimRecordReport[]>> Surveyor(DnsResolver dns)
    {
        var surveyor = new DkimSurveyor(dns);
        return (domain, cancellationToken) => Task.WhenAll(Selector.Select(selector => surveyor.SurveyAsync(domain, selector, cancellationToken)));
    }
}
