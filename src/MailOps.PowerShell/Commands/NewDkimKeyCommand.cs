using System.Globalization;
using System.Management.Automation;
using MailOps.Authenticity.Dkim;

namespace MailOps.PowerShell.Commands;

/// <summary>Makes a key for DKIM signatures: the private key as a file for its owner alone, and the DNS record to publish.</summary>
/// <remarks>
/// <para>The file is PKCS #8 in PEM, which OpenDKIM, Rspamd and Exchange's signing agents read. It is readable by its owner alone (mode 0600; on Windows also by the system and administrators) from
/// the moment it exists, and is never overwritten without -Force. The key itself is not among the output.</para>
/// <para>Publish Record under RecordName; DNS consoles that take strings of at most 255 characters want RecordStrings, a zone file ZoneLine. Sign with the key only when the record can be
/// seen from outside. To change keys, make one with another selector, publish it, sign with it, and remove the old record a week later, when what was signed before has arrived.</para>
/// <para>RSA with 2048 bits is what every receiver verifies (RFC 8301 asks for it). Ed25519 has short records, but some receivers do not verify it yet: sign with both.</para>
/// <para>A domain or selector that the DNS cannot have is the error InvalidDomain, a file that exists FileExists, one that cannot be written FileUnwritable.</para>
/// </remarks>
/// <example>
/// <para>Make a key and see what to publish</para>
/// <code>New-DkimKey example.com | Format-List</code>
/// <para>The selector is s and the month, as s202611; the file is named after both, in the current location.</para>
/// </example>
/// <example>
/// <para>Make a key for a signer that runs elsewhere</para>
/// <code>New-DkimKey example.com -Selector mta1 -KeySize 3072 -Path ./keys/mta1.pem</code>
/// <para>The folder must exist.</para>
/// </example>
/// <example>
/// <para>Write the record to a zone file</para>
/// <code>(New-DkimKey example.com -Selector ed1 -KeyType Ed25519).ZoneLine | Add-Content ./example.com.zone</code>
/// <para>A line for BIND and others.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc6376">RFC 6376, DomainKeys Identified Mail (DKIM) Signatures</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc8301">RFC 8301, Cryptographic Algorithm and Key Usage Update to DKIM</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc8463">RFC 8463, A New Cryptographic Signature Method for DKIM</seealso>
[Cmdlet(VerbsCommon.New, "DkimKey", SupportsShouldProcess = true)]
[OutputType(typeof(DkimKey))]
public sealed class NewDkimKeyCommand : AsyncCmdlet
{
    /// <summary>The domain that signs, as a rule that of the senders' addresses.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string Domain { get; set; } = "";

    /// <summary>The name of the key within the domain. Default: s with year and month (UTC), as s202611, so that the next key has another.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Selector { get; set; }

    /// <summary>The kind of key. Default: Rsa, which every receiver verifies.</summary>
    [Parameter]
    public DkimKeyType KeyType { get; set; } = DkimKeyType.Rsa;

    /// <summary>The bits of an RSA key: 2048, 3072 or 4096. Default: 2048; records of larger ones do not fit into every answer of the DNS, and some receivers do not verify them.</summary>
    [Parameter]
    [ValidateSet("2048", "3072", "4096")]
    public int KeySize { get; set; } = 2048;

    /// <summary>The file for the private key. Default: selector._domainkey.domain.pem in the current location.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Asks receivers to take signatures for a test (t=y): one that fails does no harm, one that verifies is not relied on.</summary>
    [Parameter]
    public SwitchParameter TestMode { get; set; }

    /// <summary>Replaces a file that exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        try
        {
            var selector = Selector ?? DateTimeOffset.UtcNow.ToString("'s'yyyyMM", CultureInfo.InvariantCulture);
            var (_, _, name) = DkimKeyPublication.NameOf(Domain, selector);
            var path = GetUnresolvedProviderPathFromPSPath(Path ?? $"./{name}.pem");
            if (!ShouldProcess(path, $"Write a new private key for {name}")) return;
            // In the background, so that Ctrl+C does not wait for a long key.
            WriteObject(await Task.Run(() => DkimKeyMaker.Make(Domain, selector, KeyType, KeySize, TestMode, path, Force), cancellationToken));
        }
        catch (MailOpsException e)
        {
            WriteError(e, Domain);
        }
    }
}
