using System.Text;
using MailOps.Messages;
using MailOps.Relay.Delivery.Mailboxes;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MailOps.Relay.Tests.Queue;

namespace MailOps.Relay.Tests.Delivery.Mailboxes;

/// <summary>What is in a drop folder at each instant, and after a disk or a relay has failed.</summary>
public sealed class DropTargetTests : IDisposable
{
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("mailops-drop-");
    private readonly RecordingTrace _trace = new();
    private readonly PowerCutDisk _disk = new();

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private string Folder => Path.Combine(_temporary.FullName, "drop");

    private IEnumerable<string> Names => Directory.GetFiles(Folder).Select(path => Path.GetFileName(path));

    public void Dispose()
    {
        _temporary.Delete(recursive: true);
        _disk.Dispose();
    }

    [Fact]
    public async Task A_file_is_renamed_into_place_when_it_is_whole_and_delivered_when_its_folder_is_flushed()
    {
        const string Whole = "X-Sender: <sender@origin.test>\r\nX-Receiver: <a@x.test>\r\nSubject: x\r\n\r\n";
        var (whileWritten, whenFlushed) = (new List<string>(), new List<string>());
        _disk.Before = (action, path) =>
        {
            if (action == DiskAction.FlushFolder && path == Folder) whenFlushed.AddRange(Directory.GetFiles(Folder).Select(file => Path.GetExtension(file) + " " + File.ReadAllText(file)));
        };
        using var content = new WatchedContent("Subject: x\r\n\r\n", () => whileWritten.AddRange(Names));
        Assert.Equal(DeliveryStatus.Delivered, (await SendAsync(content)).Status);
        Assert.EndsWith(".relay.test.eml.tmp", Assert.Single(whileWritten), StringComparison.Ordinal);
        Assert.Equal(".eml " + Whole, Assert.Single(whenFlushed));
        Assert.Equal(Path.ChangeExtension(whileWritten[0], null), Assert.Single(Names));
    }

    [Fact]
    public async Task A_message_whose_place_could_not_be_flushed_is_there_once_after_the_next_attempt()
    {
        var broken = true;
        _disk.Before = (action, path) =>
        {
            if (broken && action == DiskAction.FlushFolder && path == Folder) throw new IOException("broken", 5);
        };
        for (var i = 0; i < 3; i++) Assert.Equal("451 4.3.0 The drop folder cannot be written", (await SendAsync(new MemoryContent("x\r\n"u8.ToArray()))).Reply.ToString());
        Assert.Empty(Names);
        broken = false;
        Assert.Equal(DeliveryStatus.Delivered, (await SendAsync(new MemoryContent("x\r\n"u8.ToArray()))).Status);
        Assert.Single(Names);
        Assert.Equal(3, _trace.Faults.Count);
    }

    [Fact]
    public async Task A_content_that_breaks_off_leaves_nothing()
    {
        using var content = new WatchedContent("", () => throw new IOException("broken", 28));
        Assert.Equal("452 4.3.1 No space left for the drop folder", (await SendAsync(content)).Reply.ToString());
        Assert.Empty(Names);
    }

    [Fact]
    public async Task What_a_crash_left_half_written_is_cleaned_up_and_what_others_write_is_not()
    {
        Directory.CreateDirectory(Folder);
        (string Name, int HoursOld)[] there = [("1.M1P1Q1.relay.test.eml.tmp", 2), ("2.M1P1Q1.relay.test.eml.tmp", 0), ("3.M1P1Q1.other.test.eml.tmp", 2), ("4.M1P1Q1.relay.test.eml", 2), ("x.tmp", 2)];
        foreach (var (name, hours) in there)
        {
            await File.WriteAllTextAsync(Path.Combine(Folder, name), "half", Ended);
            File.SetLastWriteTimeUtc(Path.Combine(Folder, name), DateTime.UtcNow.AddHours(-hours));
        }
        var outcome = await SendAsync(new MemoryContent("x\r\n"u8.ToArray()));
        Assert.Equal([.. there.Skip(1).Select(file => file.Name)], Names.Where(name => name != Path.GetFileName(outcome.RemoteHost)).Order(StringComparer.Ordinal));
    }

    private async Task<DeliveryOutcome> SendAsync(MailContent content)
    {
        var target = new DropTarget(Folder, "relay.test", _trace, TimeProvider.System, _disk);
        await using var transaction = (await target.BeginAsync(new MailSender(EmailAddress.Parse("sender@origin.test")), Ended)).Transaction!;
        await transaction.AddRecipientAsync(new MailRecipient(EmailAddress.Parse("a@x.test")), Ended);
        return Assert.Single(await transaction.CommitAsync(content, Ended));
    }

    /// <summary>A content that tells when it is read.</summary>
    private sealed class WatchedContent(string text, Action reading) : MailContent
    {
        public override long Length => text.Length;

        public override Stream OpenRead()
        {
            reading();
            return new MemoryStream(Encoding.ASCII.GetBytes(text));
        }
    }
}
