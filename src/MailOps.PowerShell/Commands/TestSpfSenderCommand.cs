using System.Management.Automation;
using MailOps.Authenticity.Spf;
using MailOps.Dns;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell.Commands;

/// <summary>Tells whether SPF lets a client send mail in the name of a sender, which term of which record decides, and what to do if it does not.</summary>
/// <remarks>
/// <para>Does what a receiving server does (RFC 7208): looks up the record of the sender's domain, goes through its terms with all that they include, and stops at the first that matches
/// the client's address. Tree shows each term with what came of it, Reason says in a sentence why, Advice what to do, and ReceivedSpf is the field that a receiver would add.</para>
/// <para>With -Helo the name that the client gives in HELO or EHLO is checked too, and decides where it fails; HeloResult is what it says alone. For a report, whose sender is empty, only
/// that name is checked.</para>
/// <para>All limits of the RFC hold: 10 terms that ask the DNS, 2 of them finding nothing, 10 names of an mx or ptr, 20 seconds. A record that is wrong or goes beyond them is the result
/// PermError, a DNS without an answer TempError. That is a result and not an error of the cmdlet.</para>
/// <para>Many are checked side by side; the output keeps their order. Where there is neither a sender nor a HELO name, or a DNS server is not an address, the error is InvalidAddress.</para>
/// </remarks>
/// <example>
/// <para>May this server send for us?</para>
/// <code>Test-SpfSender -IPAddress 192.0.2.25 -Sender news@example.com</code>
/// <para>The result and the term that decides.</para>
/// </example>
/// <example>
/// <para>Why does it fail?</para>
/// <code>(Test-SpfSender 192.0.2.25 news@example.com -Helo mail.example.com).Tree</code>
/// <para>Each term that was gone through, with what came of it and the look-ups it took.</para>
/// </example>
/// <example>
/// <para>All servers of a list</para>
/// <code>Import-Csv servers.csv | Test-SpfSender -Sender news@example.com | Where-Object Result -ne Pass</code>
/// <para>The column IPAddress names the servers; columns Sender (or MailFrom) and Helo count where they are there.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc7208">RFC 7208, Sender Policy Framework</seealso>
[Cmdlet(VerbsDiagnostic.Test, "SpfSender")]
[OutputType(typeof(SpfCheck))]
public sealed class TestSpfSenderCommand : AsyncCmdlet
{
    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(10);

    private SideBySide<SpfQuery, SpfCheck> _checks = null!;

    /// <summary>The address of the client that sends the mail, IPv4 or IPv6.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public System.Net.IPAddress IPAddress { get; set; } = System.Net.IPAddress.None;

    /// <summary>The sender of the envelope (MAIL FROM), or its domain alone. Empty for a report; then -Helo is needed.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("MailFrom")]
    [AllowEmptyString]
    public string Sender { get; set; } = "";

    /// <summary>The name that the client gives in HELO or EHLO. Default: none, and only the sender is checked.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string Helo { get; set; } = "";

    /// <summary>The name of the receiving host, which explanations and ReceivedSpf tell. Default: unknown.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Receiver { get; set; } = "unknown";

    /// <summary>DNS servers as address, address:port or [address]:port, tried in this order. Default: the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>How long one check may take, in seconds or as a TimeSpan. Default: 20 seconds.</summary>
    [Parameter]
    [Seconds, TimeoutRange]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How many terms may find nothing before that is a PermError. Default: 2, as receivers have it.</summary>
    [Parameter]
    [ValidateRange(0, 10)]
    public int VoidLookupLimit { get; set; } = 2;

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        // Two questions fit into a check, so that a DNS that is silent is told as that.
        var question = TimeSpan.FromTicks(Math.Min(LongestQuestion.Ticks, Timeout.Ticks / 2));
        var checker = new SpfChecker(new DnsResolver(Server, question), new SpfLimits { Timeout = Timeout, MaxVoidLookups = VoidLookupLimit });
        _checks = new(query => checker.CheckAsync(query, StopToken), (_, check) => WriteObject(check), (query, error) => WriteError(error, query.Address));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        _checks.AskAsync(new SpfQuery(IPAddress, Sender, Helo.Length == 0 ? null : Helo, DateTimeOffset.UtcNow) { Receiver = Receiver }, cancellationToken);

    /// <inheritdoc/>
    protected override Task EndAsync(CancellationToken cancellationToken) => _checks.EndAsync(cancellationToken);
}
