using System.Globalization;
using System.Text;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Mailboxes;

/// <summary>
/// One mailbox as a folder with tmp, new and cur. A message is written to tmp, flushed, renamed into new, and the folder is flushed: what a reader
/// finds in new is whole, and what was reported as delivered outlasts a power cut. Line ends stay CRLF as they came: Dovecot and mutt read both,
/// and a signature stays what it was.
/// </summary>
/// <param name="path">The folder; made at the first delivery, for its owner only.</param>
/// <param name="hostName">Part of the file's name, so that two relays may share the folder.</param>
/// <param name="disk">Flushes its folders.</param>
internal sealed class Maildir(string path, string hostName, IQueueDisk disk)
{
    /// <summary>Writes a message, durably; gives back its file.</summary>
    public async ValueTask<string> StoreAsync(string header, MailContent content, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var head = Encoding.UTF8.GetBytes(header);
        // With the size that Dovecot's quota reads.
        var name = string.Create(CultureInfo.InvariantCulture, $"{MailFile.UniqueName(now, hostName)},S={head.Length + content.Length}");
        foreach (var folder in (string[])["tmp", "new", "cur"]) MakeFolder(Path.Combine(path, folder));
        var temporary = Path.Combine(path, "tmp", name);
        var final = Path.Combine(path, "new", name);
        var stored = false;
        try
        {
            await MailFile.WriteAsync(temporary, head, content, null, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, final, overwrite: false);
            stored = true;
            disk.FlushFolder(Path.Combine(path, "new"));
        }
        catch
        {
            File.Delete(stored ? final : temporary);   // it is tried again: what an attempt leaves in new, its reader would have twice
            throw;
        }
        return final;
    }

    // Each new name stands in its parent, which must be on disk too.
    private void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(folder);
        if (parent is not null) MakeFolder(parent);
        OwnerOnly.CreateFolder(folder);
        if (parent is not null) disk.FlushFolder(parent);
    }
}
