using System.Management.Automation;
using MailOps.Dns;
using MailOps.Policies.Dane;

namespace MailOps.PowerShell.Commands;

/// <summary>Fetches the TLSA records of the mail servers of a domain (DANE), compares them with the certificates that the servers show, and tells what is wrong and what to do.</summary>
/// <remarks>
/// <para>One object a mail server, in the order in which senders try them, not more than 16 of a domain. Told are whether DNSSEC proves its MX record (IsMxSecure), its addresses (IsAddressSecure) and its TLSA
/// records (IsSecure); each record with its usage, selector, matching type, whether senders can use it and if not why (Records); and whether one of them matches the certificate that the server
/// shows over STARTTLS (IsMatch). Of records of usage 3 only the key or certificate counts; of usage 2 the names and dates of the certificate do too.</para>
/// <para>Whether DNSSEC proves an answer is what the DNS server asked says of it, so it must be one that validates, reached by a way that you trust: a resolver on this machine at best, with -Server. By one that does not
/// validate no record counts, and the findings say so.</para>
/// <para>Findings also has answers that are false or missing, records that cannot be used, servers without STARTTLS, keys without a record, and what to do before the next change of
/// the key. -SkipConnection leaves the servers alone, for networks in which port 25 is closed outwards. -Timeout counts for each question to the DNS, and for the connection to one server as a whole.</para>
/// <para>Verdict is Valid, Warning, Invalid or Missing. Several domains are looked over side by side; the output keeps their order. A text that is no domain name (InvalidDomain), a domain
/// that does not exist (DnsNoSuchDomain), one that takes no mail (DnsNoMailExchanger), and one the DNS does not answer for (DnsFailed) are errors about that domain alone; the others go on.</para>
/// </remarks>
/// <example>
/// <para>Look the mail servers of a domain over</para>
/// <code>Resolve-DaneRecord example.com -Server 127.0.0.1</code>
/// <para>A line for each, by the word of a resolver on this machine.</para>
/// </example>
/// <example>
/// <para>One server, before it becomes a mail exchanger</para>
/// <code>Resolve-DaneRecord mx.example.com -IsServer -Port 25</code>
/// <para>No MX records are asked for.</para>
/// </example>
/// <example>
/// <para>The records, and which of them matches</para>
/// <code>(Resolve-DaneRecord example.com).Records | Format-Table Usage, Selector, MatchingType, IsUsable, IsMatch, Reason</code>
/// <para>Those without a match are of the next key, or of an old one.</para>
/// </example>
/// <example>
/// <para>Where a network lets nobody out by port 25</para>
/// <code>Import-Csv domains.csv | Resolve-DaneRecord -SkipConnection | Where-Object Verdict -ne Valid</code>
/// <para>The column Domain names the domains; the servers' certificates are not looked at.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc7672">RFC 7672, SMTP Security via Opportunistic DANE TLS</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc6698">RFC 6698, The TLSA Protocol</seealso>
[Cmdlet(VerbsDiagnostic.Resolve, "DaneRecord")]
[OutputType(typeof(DaneRecordReport))]
public sealed class ResolveDaneRecordCommand : DomainRecordCmdlet<DaneRecordReport[]>
{
    /// <summary>The port of the mail servers. Default: 25.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; } = 25;

    /// <summary>The names are those of servers, not of domains: no MX records are asked for.</summary>
    [Parameter]
    public SwitchParameter IsServer { get; set; }

    /// <summary>Leaves the servers alone: the records are not compared with their certificates.</summary>
    [Parameter]
    public SwitchParameter SkipConnection { get; set; }

    /// <inheritdoc/>
    private protected override bool? TrustDnssec => true;

    private protected override Func<string, CancellationToken, Task<DaneRecordReport[]>> Surveyor(DnsResolver dns) =>
        new DaneSurveyor(dns, new DaneSurveyOptions { Port = Port, AreServers = IsServer, SkipConnection = SkipConnection, Timeout = Timeout }).SurveyAsync;
}
