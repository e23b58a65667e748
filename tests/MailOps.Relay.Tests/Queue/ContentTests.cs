using System.Text;
using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

public sealed class ContentTests : IDisposable
{
    private readonly QueueScene _scene = new() { Settings = new LogQueueSettings { LargeContent = 1000 } };

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_file_in_the_spool_is_taken_over_and_deleted_when_its_message_is_done()
    {
        var text = new string('x', 5000);
        await using (var queue = await _scene.OpenAsync())
        {
            var path = Path.Combine(queue.SpoolFolder, "incoming");
            await File.WriteAllTextAsync(path, text, Ended);
            Assert.NotNull(await TrySendAsync(queue, new QueuedFileContent(path, text.Length)));
            Assert.False(File.Exists(path));
        }
        Assert.Single(Files());
        await using (var queue = await _scene.OpenAsync())
        {
            var message = await ClaimAsync(queue);
            Assert.Equal(text, await ReadAsync(message));
            using (var content = await message.OpenContentAsync(Ended)) Assert.True(content.TryGetFile(out _));
            await queue.SettleAsync(message, [Delivered()], Ended);
            await UntilAsync(() => Files().Length == 0);
        }
        Assert.Empty(_scene.Faults.All);
    }

    [Fact]
    public async Task A_file_from_elsewhere_and_large_memory_are_copied()
    {
        await using var queue = await _scene.OpenAsync();
        var path = _scene.Temporary("elsewhere");
        await File.WriteAllTextAsync(path, "small, but in a file", Ended);
        await TrySendAsync(queue, new QueuedFileContent(path, 20));
        await SendAsync(queue, new string('y', 1001));
        Assert.True(File.Exists(path));
        Assert.Equal(2, Files().Length);
        Assert.Empty(Directory.GetFiles(queue.SpoolFolder));
        var messages = await queue.ClaimAsync(2, Ended);
        Assert.Equal("small, but in a file", await ReadAsync(messages[0]));
        Assert.Equal(new string('y', 1001), await ReadAsync(messages[1]));
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(1000, 0)]
    [InlineData(1001, 1)]
    [InlineData(300_000, 1)]
    public async Task Content_that_is_neither_memory_nor_file_is_read_from_its_stream(int length, int files)
    {
        var text = new string('z', length);
        await using var queue = await _scene.OpenAsync();
        await TrySendAsync(queue, new StreamedContent(Encoding.ASCII.GetBytes(text)));
        Assert.Equal(files, Files().Length);
        Assert.Equal(text, await ReadAsync(await ClaimAsync(queue)));
    }

    [Fact]
    public async Task Content_that_cannot_be_read_is_a_temporary_refusal_and_leaves_nothing()
    {
        await using var queue = await _scene.OpenAsync();
        Assert.Null(await TrySendAsync(queue, new QueuedFileContent(Path.Combine(queue.SpoolFolder, "missing"), 5)));
        Assert.Equal(0, queue.Count);
        Assert.Empty(Files());
        Assert.Single(_scene.Faults.All);
    }

    [Fact]
    public async Task A_refused_message_leaves_no_content_behind()
    {
        using var disk = new PowerCutDisk();
        _scene.Disk = disk;
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text");
        disk.Before = (action, path) =>
        {
            if (action == DiskAction.Write && path.EndsWith(".log", StringComparison.Ordinal)) throw new IOException("full", 28);
        };
        Assert.Null(await TrySendAsync(queue, Text(new string('x', 2000))));
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Content_that_is_missing_is_reported_and_the_message_stays_for_its_sender_to_be_told()
    {
        await using (var queue = await _scene.OpenAsync()) await SendAsync(queue, new string('x', 2000));
        File.Delete(Assert.Single(Files()));
        await using var reopened = await _scene.OpenAsync();
        Assert.IsType<FileNotFoundException>(Assert.Single(_scene.Faults.All));
        var message = await ClaimAsync(reopened);
        await Assert.ThrowsAsync<FileNotFoundException>(async () => await message.OpenContentAsync(Ended));
        await reopened.SettleAsync(message, [Failed()], Ended);
        Assert.Equal(0, reopened.Count);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(299_999, false)]
    public async Task Damaged_content_is_not_given_out_and_is_kept_aside_when_its_message_is_done(int place, bool restarted)
    {
        var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, new string('x', 300_000));
        if (restarted)
        {
            await queue.DisposeAsync();
            queue = await _scene.OpenAsync();
        }
        await using var open = queue;
        await using (var file = new FileStream(Assert.Single(Files()), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = place;
            file.WriteByte((byte)'y');
        }
        var message = await ClaimAsync(queue);
        var error = await Assert.ThrowsAsync<IOException>(async () => await message.OpenContentAsync(Ended));
        Assert.Contains($"message {id}", error.Message, StringComparison.Ordinal);
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
        await queue.SettleAsync(message, [Failed()], Ended);
        await UntilAsync(() => Files().Length == 0);
        var kept = Path.Combine(_scene.Folder, "damaged", id + ".eml");
        Assert.Equal(300_000, new FileInfo(kept).Length);
        Assert.Empty(_scene.Faults.All);
    }

    [Theory]
    [InlineData("spool")]
    [InlineData("content")]
    public async Task A_folder_that_was_deleted_is_made_again(string name)
    {
        await using var queue = await _scene.OpenAsync();
        Directory.Delete(Path.Combine(_scene.Folder, name));
        await SendAsync(queue, new string('x', 2000));
        Assert.Equal(new string('x', 2000), await ReadAsync(await ClaimAsync(queue)));
        Assert.Empty(_scene.Faults.All);
    }

    private string[] Files() => Directory.GetFiles(Path.Combine(_scene.Folder, "content"));

    private sealed class StreamedContent(byte[] bytes) : MailContent
    {
        public override long Length => bytes.Length;

        public override Stream OpenRead() => new MemoryStream(bytes);
    }
}
