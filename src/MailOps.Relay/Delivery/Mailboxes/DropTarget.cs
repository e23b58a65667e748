using System.Text;
using MailOps.Messages;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Mailboxes;

/// <summary>
/// A drop folder, as IIS SMTP and Exchange have one: each message is a file <c>.eml</c>, whoever of its recipients it is for, with the envelope in front of the header as X-Sender and
/// X-Receiver. It is written under another name, flushed, renamed, and the folder is flushed: what ends in .eml is whole, and what was reported as delivered outlasts a power cut.
/// </summary>
internal sealed class DropTarget(string folder, string hostName, IMailTrace trace, TimeProvider clock, IQueueDisk disk) : StoringTarget(trace)
{
    private const string Extension = ".eml", Unfinished = ".tmp";

    // Longer than any relay writes at one file: another of this host may share the folder.
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    private int _isCleaned;

    protected override async ValueTask<IReadOnlyList<DeliveryOutcome>> StoreAsync(MailSender sender, IReadOnlyList<EmailAddress> recipients, MailContent content, CancellationToken cancellationToken)
    {
        var outcome = await TryAsync("drop folder", $"drop folder {folder}", () => WriteAsync(sender, recipients, content, cancellationToken)).ConfigureAwait(false);
        return [.. recipients.Select(_ => outcome)];
    }

    private async Task<string> WriteAsync(MailSender sender, IEnumerable<EmailAddress> recipients, MailContent content, CancellationToken cancellationToken)
    {
        var head = new StringBuilder($"X-Sender: <{sender.ReversePath}>\r\n");
        foreach (var recipient in recipients) head.Append("X-Receiver: <").Append(recipient).Append(">\r\n");
        disk.CreateFolder(folder);
        if (Interlocked.Exchange(ref _isCleaned, 1) == 0) Clean();
        var final = Path.Combine(folder, MailFile.UniqueName(clock.GetUtcNow(), hostName) + Extension);
        var written = final + Unfinished;
        try
        {
            await MailFile.WriteAsync(written, Encoding.UTF8.GetBytes(head.ToString()), content, ModeFor(folder), cancellationToken).ConfigureAwait(false);
            File.Move(written, final, overwrite: false);
            written = final;
            disk.FlushFolder(folder);
        }
        catch
        {
            File.Delete(written);   // it is tried again: what an attempt leaves, its reader would have twice
            throw;
        }
        return final;
    }

    // What a crash has left half-written: its messages are still queued, and nobody else knows whose it is.
    private void Clean()
    {
        var end = MailFile.EndOf(hostName) + Extension + Unfinished;
        foreach (var file in disk.Files(folder).Where(file => file.EndsWith(end, StringComparison.Ordinal) && clock.GetUtcNow() - File.GetLastWriteTimeUtc(file) > Abandoned)) DiskFault.Ignored(() => disk.Delete(file));
    }

    // Another program, with another user perhaps, is to read what is in the folder: whoever may do so with the folder may with the file.
    private static UnixFileMode? ModeFor(string folder) => OperatingSystem.IsWindows()
        ? null
        : UnixFileMode.UserRead | UnixFileMode.UserWrite | (File.GetUnixFileMode(folder) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead));
}
