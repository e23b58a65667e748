using System.Management.Automation;
#if NET
using MailOps.PowerShell.Relays;
using MailOps.Relay.Disk;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Writes queued messages as .eml files, or as objects with their content; they stay in the queue.</summary>
/// <remarks>
/// <para>The file holds the message byte for byte as the relay would send it, header and all, but not the envelope. To keep a message from being delivered meanwhile, suspend it
/// first.</para>
/// </remarks>
/// <example>
/// <para>All that is suspended, into a folder</para>
/// <code>Export-SmtpRelayMessage -Filter "Status -eq 'Suspended'" -Path ./held/</code>
/// <para>A file each, named by the queue id; the folder is made where it does not exist.</para>
/// </example>
/// <example>
/// <para>One message into a file</para>
/// <code>Export-SmtpRelayMessage 06DQK8V5S0000 -Path ./message.eml</code>
/// <para>A file that is there is replaced.</para>
/// </example>
/// <example>
/// <para>Read it at the prompt</para>
/// <code>(Export-SmtpRelayMessage 06DQK8V5S0000).Text</code>
/// <para>Without -Path an object is written, with Content as bytes and Text.</para>
/// </example>
[Cmdlet(VerbsData.Export, "SmtpRelayMessage", DefaultParameterSetName = IdentitySet, SupportsShouldProcess = true)]
[OutputType(typeof(SmtpRelayMessageContent), typeof(FileInfo))]
public sealed class ExportSmtpRelayMessageCommand : RelayMessageActionCmdlet
{
    /// <summary>The folder for files named by their queue ids, or the file for a single message. A path that ends with a separator is a folder, and is made where it does not exist.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

#if NET
    private string? _written;

    private protected override SmtpRelayAction Action => throw new NotSupportedException("To export changes nothing in the relay.");

    private protected override string Sentence => "Export the message";

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var (relay, message) in Wanted())
        {
            if (Path is not null && !ShouldProcess(message.Identity, $"Export the message to {Path}")) continue;
            try
            {
                await ExportAsync(relay, message, cancellationToken);
            }
            catch (MailOpsException e)
            {
                WriteError(e, message.Identity);   // the others may do better
            }
        }
    }

    private async Task ExportAsync(IRelay relay, SmtpRelayMessage message, CancellationToken cancellationToken)
    {
        await using var content = await relay.OpenMessageAsync(message.QueueId, cancellationToken) ?? throw MessageErrors.NotFound(message.Identity);
        if (Path is not null)
        {
            WriteObject(await WriteFileAsync(MessagePath(message), content, cancellationToken));
            return;
        }
        using var memory = new MemoryStream();
        await content.CopyToAsync(memory, cancellationToken);
        WriteObject(new SmtpRelayMessageContent
        {
            Identity = message.Identity,
            QueueId = message.QueueId,
            FromAddress = message.FromAddress,
            Recipients = [.. message.Recipients.Select(recipient => recipient.Address)],
            Content = memory.ToArray(),
        });
    }

    private string MessagePath(SmtpRelayMessage message)
    {
        var path = GetUnresolvedProviderPathFromPSPath(Path!);
        if (Directory.Exists(path) || Path!.EndsWith('/') || Path.EndsWith(System.IO.Path.DirectorySeparatorChar)) return System.IO.Path.Combine(path, message.QueueId + ".eml");
        if (_written is not null)
        {
            throw new MailOpsException(
                ErrorCode.FileUnwritable, $"'{path}' holds message {_written} already, and a file holds one.", "Name a folder: a path that ends with a separator is one, and is made where it does not exist.");
        }
        _written = message.QueueId;
        return path;
    }

    // Whole or not at all: whoever watches the folder never sees half a message.
    private static async Task<FileInfo> WriteFileAsync(string path, Stream content, CancellationToken cancellationToken)
    {
        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
            try
            {
                await using (var file = new FileStream(beside, options.ForOwnerOnly())) await content.CopyToAsync(file, cancellationToken);
                File.Move(beside, path, overwrite: true);
            }
            finally
            {
                File.Delete(beside);   // nothing where it was renamed
            }
            return new FileInfo(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailOpsException(ErrorCode.FileUnwritable, $"The file '{path}' cannot be written: {e.Message}", "Check the path, that you may write there, and the space on its disk.", e);
        }
    }
#endif
}
