using System.Management.Automation;
using MailOps.Dns;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell.Commands;

/// <summary>Finds the hosts that take mail for a domain, in the order a sending server tries them.</summary>
/// <remarks>
/// <para>Asks for the MX records and for the addresses of each exchanger, as RFC 5321 section 5.1 says: lowest preference first, exchangers of equal
/// preference in random order. A domain without MX records is its own exchanger if it has an address (Implicit is true). A domain that says it takes no
/// mail (null MX, RFC 7505) gives one object with IsNullMx.</para>
/// <para>International domain names may be written with their own letters. Up to 64 domains are asked for side by side; the output keeps
/// their order, and progress is shown.</para>
/// <para>A domain that does not exist (DnsNoSuchDomain), one that exists without taking mail (DnsNoMailExchanger), and one the DNS does not answer for
/// (DnsFailed) are errors about that domain alone; the others go on.</para>
/// </remarks>
/// <example>
/// <para>Who takes a domain's mail</para>
/// <code>Resolve-MailExchanger example.com</code>
/// <para>One line for each exchanger, with its addresses.</para>
/// </example>
/// <example>
/// <para>Many domains, by another DNS server</para>
/// <code>'example.com', 'example.net' | Resolve-MailExchanger -Server 192.0.2.53 -NoAddress</code>
/// <para>Only the MX records, asked of the server 192.0.2.53.</para>
/// </example>
/// <example>
/// <para>The domains of a list that take no mail</para>
/// <code>Import-Csv customers.csv | Resolve-MailExchanger -ErrorAction SilentlyContinue -ErrorVariable failed
/// $failed | ForEach-Object { $_.TargetObject }</code>
/// <para>The column Domain names the domains; what failed is in the variable.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc5321#section-5.1">RFC 5321 section 5.1, Locating the Target Host</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc7505">RFC 7505, A "Null MX" No Service Resource Record</seealso>
[Cmdlet(VerbsDiagnostic.Resolve, "MailExchanger")]
[OutputType(typeof(MailExchanger))]
public sealed class ResolveMailExchangerCommand : AsyncCmdlet
{
    /// <summary>Domains at a time: enough to hide the waiting, few enough for a home router's resolver.</summary>
    private const int MaxAtOnce = 64;

    private SideBySide<string, MailExchangers> _lookups = null!;
    private RateProgress _progress = null!;

    /// <summary>The domains, or address literals in brackets.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string[] Domain { get; set; } = [];

    /// <summary>DNS servers as address, address:port or [address]:port, tried in this order. Default: the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>Leaves the addresses of the exchangers out: one question per domain instead of several.</summary>
    [Parameter]
    public SwitchParameter NoAddress { get; set; }

    /// <summary>How long one DNS server may take for one question, in seconds or as a TimeSpan. Default: 10 seconds.</summary>
    [Parameter]
    [Seconds, TimeoutRange]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        _progress = new RateProgress("Resolving mail exchangers", WriteProgress);
        var lookup = new MailExchangerLookup(new DnsResolver(Server, Timeout));
        _lookups = new(domain => lookup.FindAsync(domain, !NoAddress, StopToken).AsTask(), (_, found) => Write(found), (domain, error) => WriteError(error, domain), MaxAtOnce);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var domain in Domain) await _lookups.AskAsync(domain, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        await _lookups.EndAsync(cancellationToken);
        _progress.End();
    }

    private void Write(MailExchangers found)
    {
        _progress.Count();
        if (found.Status == MailExchangersStatus.NullMx)
            WriteObject(new MailExchanger { Domain = found.Domain, NameExchange = "", TTL = found.Ttl, IsNullMx = true });
        foreach (var host in found.Hosts)
        {
            WriteObject(new MailExchanger
            {
                Domain = found.Domain,
                Preference = host.Preference,
                NameExchange = host.Name,
                IPAddress = NoAddress ? [] : [.. host.Addresses],
                TTL = host.Ttl,
                Implicit = found.Implicit,
            });
        }
        if (Error(found) is { } error) WriteError(error, found.Domain);
    }

    private static MailOpsException? Error(MailExchangers found) => found.Status switch
    {
        MailExchangersStatus.NoSuchDomain => new MailOpsException(
            ErrorCode.DnsNoSuchDomain, $"The domain {found.Domain} does not exist.", "Check the spelling; for a domain of your own, check its registration and delegation."),
        MailExchangersStatus.NoAddress => new MailOpsException(
            ErrorCode.DnsNoMailExchanger, $"The domain {found.Domain} takes no mail: {found.Detail}.", "Publish an MX record that names a host with an address, or a null MX if it is meant so."),
        MailExchangersStatus.Failed => new MailOpsException(
            ErrorCode.DnsFailed, $"The DNS gave no answer for {found.Domain}: {found.Detail}.", "Try again, or ask another DNS server with -Server."),
        _ => null,
    };
}
