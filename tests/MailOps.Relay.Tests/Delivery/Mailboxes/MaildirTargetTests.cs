using MailOps.Messages;
using MailOps.Relay.Delivery.Mailboxes;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MailOps.Relay.Tests.Queue;

namespace MailOps.Relay.Tests.Delivery.Mailboxes;

public sealed class MaildirTargetTests : IDisposable
{
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("mailops-maildir-");
    private readonly RecordingTrace _trace = new();
    private readonly PowerCutDisk _disk = new();

    private string Folder => Path.Combine(_temporary.FullName, "mail");

    public void Dispose()
    {
        _temporary.Delete(recursive: true);
        _disk.Dispose();
    }

    [Fact]
    public async Task Every_recipient_gets_the_octets_with_two_lines_in_front()
    {
        var content = System.Text.Encoding.Latin1.GetBytes("Subject: x\r\n\r\n\0\u00ff no line end, bare\nand\r");

        var outcomes = await SendAsync(new MemoryContent(content), "a@local.test", "b@Local.TEST");

        Assert.All(outcomes, o => Assert.Equal(DeliveryStatus.Delivered, o.Status));
        foreach (var name in (string[])["a", "b"])
        {
            var domain = name == "a" ? "local.test" : "Local.TEST";
            var file = Assert.Single(Directory.GetFiles(Path.Combine(Folder, "local.test", name, "new")));
            var header = System.Text.Encoding.UTF8.GetBytes($"Return-Path: <sender@origin.test>\r\nDelivered-To: {name}@{domain}\r\n");
            var stored = await File.ReadAllBytesAsync(file, Ended);
            Assert.Equal((byte[])[.. header, .. content], stored);
            Assert.EndsWith($".relay.test,S={new FileInfo(file).Length}", file, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFiles(Path.Combine(Folder, "local.test", name, "tmp")));
            Assert.True(Directory.Exists(Path.Combine(Folder, "local.test", name, "cur")));
        }
    }

    [Fact]
    public async Task However_a_sender_writes_a_name_it_is_one_mailbox()
    {
        await SendAsync(new MemoryContent("x\r\n"u8.ToArray()), "alice@local.test", "Alice@local.test", "ALICE@local.test");

        var folder = Assert.Single(Directory.GetDirectories(Path.Combine(Folder, "local.test")));
        Assert.Equal(("alice", 3), (Path.GetFileName(folder), Directory.GetFiles(Path.Combine(folder, "new")).Length));
    }

    [Fact]
    public async Task A_content_in_a_file_arrives_whole()
    {
        var bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        var path = Path.Combine(_temporary.FullName, "content");
        await File.WriteAllBytesAsync(path, bytes, Ended);
        using var content = new FileContent(path, bytes.Length);

        await SendAsync(content, "a@local.test");

        var file = Assert.Single(Directory.GetFiles(Path.Combine(Folder, "local.test", "a", "new")));
        Assert.Equal(bytes, (await File.ReadAllBytesAsync(file, Ended))[^bytes.Length..]);
    }

    [Fact]
    public async Task Deliveries_at_the_same_moment_do_not_meet()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => SendAsync(new MemoryContent("x\r\n"u8.ToArray()), "a@local.test")));

        Assert.Equal(50, Directory.GetFiles(Path.Combine(Folder, "local.test", "a", "new")).Length);
    }

    [Fact]
    public async Task No_local_part_leads_out_of_the_folder()
    {
        var outcomes = await SendAsync(new MemoryContent("x\r\n"u8.ToArray()), "\"../../../escaped\"@local.test", "\"/etc/x\"@local.test", "\"..\"@local.test");

        Assert.All(outcomes, o => Assert.Equal(DeliveryStatus.Delivered, o.Status));
        Assert.Equal([Folder], Directory.GetFileSystemEntries(_temporary.FullName));
        Assert.Equal(3, Directory.GetDirectories(Path.Combine(Folder, "local.test")).Length);
    }

    [Fact]
    public async Task Mail_is_for_its_owner_only()
    {
        await SendAsync(new MemoryContent("x\r\n"u8.ToArray()), "a@local.test");

        var file = Assert.Single(Directory.GetFiles(Path.Combine(Folder, "local.test", "a", "new")));
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no Unix modes.");
            return;
        }
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
    }

    [Fact]
    public async Task A_mailbox_that_cannot_be_written_defers_that_recipient_only_and_leaves_nothing_behind()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "local.test"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "local.test", "broken"), "in the way", Ended);

        var outcomes = await SendAsync(new MemoryContent("x\r\n"u8.ToArray()), "broken@local.test", "a@local.test");

        Assert.Equal([DeliveryStatus.Deferred, DeliveryStatus.Delivered], outcomes.Select(o => o.Status));
        Assert.DoesNotContain(Folder, outcomes[0].Reply.ToString(), StringComparison.Ordinal);
        Assert.Single(_trace.Faults);
    }

    [Fact]
    public async Task A_message_whose_place_in_the_mailbox_could_not_be_flushed_is_there_once_after_the_next_attempt()
    {
        var inbox = Path.Combine(Folder, "local.test", "a", "new");
        var broken = true;
        _disk.Before = (action, path) =>
        {
            if (broken && action == DiskAction.FlushFolder && path == inbox) throw new IOException("broken", 5);
        };
        for (var i = 0; i < 3; i++) Assert.Equal(DeliveryStatus.Deferred, Assert.Single(await SendAsync(new MemoryContent("x\r\n"u8.ToArray()), "a@local.test")).Status);
        broken = false;
        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(await SendAsync(new MemoryContent("x\r\n"u8.ToArray()), "a@local.test")).Status);

        Assert.Single(Directory.GetFiles(inbox));
        Assert.Equal(3, _trace.Faults.Count);
    }

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private async Task<IReadOnlyList<DeliveryOutcome>> SendAsync(MailContent content, params string[] recipients)
    {
        var target = new MaildirTarget(Folder, "relay.test", _trace, TimeProvider.System, _disk);
        var begun = await target.BeginAsync(new MailSender(EmailAddress.Parse("sender@origin.test")), Ended);
        await using var transaction = begun.Transaction!;
        foreach (var recipient in recipients) await transaction.AddRecipientAsync(new MailRecipient(EmailAddress.Parse(recipient)), Ended);
        return await transaction.CommitAsync(content, Ended);
    }
}
