using System.Management.Automation;
using MailOps.Authenticity.Spf;
using MailOps.Dns;
using MailOps.PowerShell.Parameters;

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
public sealed class ResolveSpfRecordCommand : AsyncCmdlet
{
    private SideBySide<string, SpfRecordReport> _lookups = null!;

    /// <summary>The domains.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string[] Domain { get; set; } = [];

    /// <summary>DNS servers as address, address:port or [address]:port, tried in this order. Default: the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>How long one DNS server may take for one question, in seconds or as a TimeSpan. Default: 10 seconds.</summary>
    [Parameter]
    [Seconds, TimeoutRange]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        var surveyor = new SpfSurveyor(new DnsResolver(Server, Timeout));
        _lookups = new(domain => surveyor.SurveyAsync(domain, StopToken), (_, report) => WriteObject(report), (domain, error) => WriteError(error, domain));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var domain in Domain) await _lookups.AskAsync(domain, cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task EndAsync(CancellationToken cancellationToken) => _lookups.EndAsync(cancellationToken);
}
