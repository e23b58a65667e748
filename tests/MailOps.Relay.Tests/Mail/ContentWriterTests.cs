using System.Runtime.InteropServices;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Mail;

public sealed class ContentWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-content-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_spool_that_was_deleted_is_made_again_where_the_queue_is_still_there(bool queueIsThere)
    {
        var spool = Directory.CreateDirectory(Path.Combine(_folder, "queue", "spool")).FullName;
        using var writer = new ContentWriter(spool, memoryLimit: 1000);
        writer.Append(new byte[1001]);
        Directory.Delete(queueIsThere ? spool : Path.GetDirectoryName(spool)!, recursive: true);
        if (!queueIsThere)
        {
            await Assert.ThrowsAsync<DirectoryNotFoundException>(async () => await writer.SpillAsync(TestContext.Current.CancellationToken));
            return;
        }
        await writer.SpillAsync(TestContext.Current.CancellationToken);
        using var content = await writer.CompleteAsync(TestContext.Current.CancellationToken);
        Assert.True(content.TryGetFile(out var path));
        Assert.Equal(1001, new FileInfo(path).Length);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(spool));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    [InlineData(50_000, true)]
    public async Task Bytes_come_out_as_they_went_in_from_memory_or_file(int size, bool inFile)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        using var writer = new ContentWriter(_folder, memoryLimit: 1000);
        for (var at = 0; at < size; at += 700)
        {
            writer.Append(bytes.AsSpan(at, Math.Min(700, size - at)));
            await writer.SpillAsync(TestContext.Current.CancellationToken);
        }
        using (var content = await writer.CompleteAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal(size, content.Length);
            Assert.Equal(inFile, content.TryGetFile(out var path));
            Assert.Equal(!inFile, content.TryGetMemory(out var memory));
            if (!inFile) Assert.Equal(bytes, memory.ToArray());
            if (inFile && !RuntimeInformation.IsOSPlatform(OSPlatform.Windows)) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path!));
            foreach (var _ in new[] { 1, 2 })
            {
                using var read = new MemoryStream();
                await using (var stream = content.OpenRead()) await stream.CopyToAsync(read, TestContext.Current.CancellationToken);
                Assert.Equal(bytes, read.ToArray());
            }
        }
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }

    [Fact]
    public async Task A_file_that_was_taken_over_by_renaming_stays()
    {
        using var writer = new ContentWriter(_folder, memoryLimit: 10);
        writer.Append(new byte[100]);
        await writer.SpillAsync(TestContext.Current.CancellationToken);
        var taken = Path.Combine(_folder, "taken");
        using (var content = await writer.CompleteAsync(TestContext.Current.CancellationToken))
        {
            Assert.True(content.TryGetFile(out var path));
            File.Move(path, taken);
        }
        Assert.Equal(100, new FileInfo(taken).Length);
    }

    [Fact]
    public async Task What_was_not_completed_is_gone()
    {
        using (var writer = new ContentWriter(_folder, memoryLimit: 10))
        {
            writer.Append(new byte[100]);
            await writer.SpillAsync(TestContext.Current.CancellationToken);
            Assert.Single(Directory.EnumerateFiles(_folder));
        }
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }
}
