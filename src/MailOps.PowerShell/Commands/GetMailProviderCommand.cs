using System.Management.Automation;
using MailOps.Messages;
using MailOps.PowerShell.Parameters;
using MailOps.Providers;

namespace MailOps.PowerShell.Commands;

/// <summary>Shows the servers, demands and limits of well-known mail providers.</summary>
/// <remarks>
/// <para>What it shows comes with the module; nothing is asked of anyone. The limits are guidance, since providers change them: Checked says of which day they are, LimitNotes
/// and Notes say what no number can.</para>
/// <para>By -Domain and -Address only the domains of a provider's own users are known, such as gmail.com, not those that it hosts for others: Find-MailSettings asks the
/// domain itself.</para>
/// <para>Servers has all servers, also for reading mail; SmtpServer, Port, Tls and Authentication are those of the preferred server for sending. What stands in braces in a name,
/// as in email-smtp.{region}.amazonaws.com, is to be filled in.</para>
/// <para>A name, domain or address for which no provider is known (MailProviderNotFound), and what is no domain or address (InvalidDomain, InvalidAddress), are errors of their own; the others
/// go on. A name with wildcards that fits none is no error.</para>
/// </remarks>
/// <example>
/// <para>All providers at a glance</para>
/// <code>Get-MailProvider</code>
/// <para>A line each, with the server for sending.</para>
/// </example>
/// <example>
/// <para>All servers of one provider</para>
/// <code>(Get-MailProvider Microsoft365).Servers</code>
/// <para>For sending and for reading, with ports, TLS and authentication.</para>
/// </example>
/// <example>
/// <para>What a mailbox's provider demands</para>
/// <code>Get-MailProvider -Address someone@gmail.com | Format-List</code>
/// <para>With all limits and notes.</para>
/// </example>
/// <example>
/// <para>Send through a provider</para>
/// <code>$gmail = Get-MailProvider Gmail
/// Send-SmtpMessage -SmtpServer $gmail.SmtpServer -Port $gmail.Port -Tls $gmail.Tls -Credential $credential -From me@gmail.com -To you@example.com -Subject Hello</code>
/// <para>The password in the credential is an app password, as Authentication and Notes say.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "MailProvider", DefaultParameterSetName = ByName)]
[OutputType(typeof(MailProvider))]
public sealed class GetMailProviderCommand : AsyncCmdlet
{
    private const string ByName = "Name";
    private const string ByDomain = "Domain";
    private const string ByAddress = "Address";

    /// <summary>Names of providers, with or without wildcards. Default: all.</summary>
    [Parameter(Position = 0, ParameterSetName = ByName, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Provider")]
    [ArgumentCompleter(typeof(MailProviderCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Domains of which the provider is wanted.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByDomain, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string[] Domain { get; set; } = [];

    /// <summary>E-mail addresses of which the provider is wanted.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByAddress, ValueFromPipelineByPropertyName = true)]
    [Alias("EmailAddress", "PrimarySmtpAddress")]
    [AllowEmptyString]
    public string[] Address { get; set; } = [];

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var one in ParameterSetName switch { ByDomain => Domain, ByAddress => Address, _ => Name })
        {
            try
            {
                WriteObject(Find(one), enumerateCollection: true);
            }
            catch (MailOpsException e)
            {
                WriteError(e, one);
            }
        }
        return Task.CompletedTask;
    }

    private MailProvider[] Find(string one) => ParameterSetName switch
    {
        ByDomain => DomainName.TryToAscii(one, out _)
            ? OfDomain(one)
            : throw new MailOpsException(ErrorCode.InvalidDomain, $"'{one}' is not a domain name.", "Write it as labels joined by dots, for example example.com."),
        ByAddress => OfDomain(EmailAddress.Parse(one).Domain),
        _ => Named(one),
    };

    private static MailProvider[] Named(string name)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name)) return [MailProviders.Named(name)];
        var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
        return [.. MailProviders.All.Where(provider => pattern.IsMatch(provider.Name))];
    }

    private static MailProvider[] OfDomain(string domain) => MailProviders.ForDomain(domain) is { } provider
        ? [provider]
        : throw new MailOpsException(
            ErrorCode.MailProviderNotFound, $"No provider is known whose own users have addresses in {domain}.", "Check the spelling, or ask the domain itself with Find-MailSettings.");
}
