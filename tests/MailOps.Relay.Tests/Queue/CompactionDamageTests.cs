using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>Damage found while the queue runs, in a segment whose messages are being copied forward: one message must not hold up the log for good.</summary>
public sealed class CompactionDamageTests : IDisposable
{
    private static readonly string Lost = new('l', 300);
    private const string First = "0000000001.log";
    private readonly QueueScene _scene = new() { Settings = new LogQueueSettings { AnswersOnWriter = false, SegmentSize = 1500, Room = 0, RecentBytes = 0 } };
    private readonly PowerCutDisk _disk = new();   // without the waits for the real one

    private long _recordEnd;
    private int _recordLength;

    public CompactionDamageTests() => _scene.Disk = _disk;

    public void Dispose()
    {
        _scene.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public async Task A_message_whose_content_is_damaged_stays_without_it_and_the_log_is_freed()
    {
        string id;
        await using (var queue = await _scene.OpenAsync())
        {
            id = await DeferThreeAsync(queue);
            Damage(fromEnd: 1);
            await UseUntilFreedAsync(queue);
            Assert.Equal(3, queue.Count);
            AssertKeptAside(queue);
            Assert.Contains(_scene.Faults.All, fault => fault is InvalidDataException);
        }
        await using var reopened = await _scene.OpenAsync();
        _scene.Clock.Advance(TimeSpan.FromDays(1));
        var left = await reopened.ClaimAsync(10, Ended);
        Assert.Equal(3, left.Count);
        foreach (var message in left)
        {
            Assert.Equal(1, Assert.Single(message.Due).Attempts);
            if (message.Id == id) await Assert.ThrowsAsync<FileNotFoundException>(() => ReadAsync(message));
            else Assert.StartsWith("whole", await ReadAsync(message), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_whose_envelope_is_damaged_leaves_the_queue_and_is_named(bool header)
    {
        await using (var queue = await _scene.OpenAsync())
        {
            var id = await DeferThreeAsync(queue);
            Damage(fromEnd: header ? _recordLength : Lost.Length + 10);
            await UseUntilFreedAsync(queue);
            Assert.Equal(2, queue.Count);
            AssertKeptAside(queue);
            Assert.Equal($"queue, copying forward; message {id} is lost, and its sender with it: nobody can be told", _scene.Faults.LastWhere);
            _scene.Clock.Advance(TimeSpan.FromDays(1));
            Assert.Equal(2, (await queue.ClaimAsync(10, Ended)).Count);
        }
        Assert.Equal(["whole, after", "whole, before"], (await _scene.ContentsAsync()).Values.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_message_that_memory_still_holds_is_written_anew_from_there()
    {
        _scene.Settings = _scene.Settings with { RecentBytes = 1 << 20 };
        await using (var queue = await _scene.OpenAsync())
        {
            await SendAsync(queue, Lost);
            var message = await ClaimAsync(queue);   // delivery has it meanwhile
            _recordEnd = new FileInfo(Assert.Single(_scene.Segments())).Length;
            Damage(fromEnd: 1);
            await UseUntilFreedAsync(queue);
            await queue.SettleAsync(message, [_scene.Deferred()], Ended);
        }
        Assert.Equal([Lost], (await _scene.ContentsAsync()).Values);
        Assert.Empty(_scene.Faults.All);
    }

    [Fact]
    public async Task A_message_whose_envelope_is_damaged_is_not_dropped_while_delivery_has_it()
    {
        await using var queue = await _scene.OpenAsync();
        await DeferThreeAsync(queue);
        _scene.Clock.Advance(TimeSpan.FromDays(1));
        var claimed = await queue.ClaimAsync(10, Ended);
        Damage(fromEnd: Lost.Length + 10);
        for (var i = 0; i < 12; i++) await SendAndDeliverAsync(queue);
        Assert.Equal((3, First), (queue.Count, FirstSegment));
        foreach (var message in claimed) await queue.SettleAsync(message, [_scene.Deferred(minutes: 600)], Ended);
        _scene.Clock.Advance(TimeSpan.FromMinutes(5));
        await UseUntilFreedAsync(queue);
        Assert.Equal(2, queue.Count);
        _scene.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(2, (await queue.ClaimAsync(10, Ended)).Count);
    }

    [Theory]
    [InlineData(nameof(DiskAction.Create))]
    [InlineData(nameof(DiskAction.Write))]
    [InlineData(nameof(DiskAction.FlushFolder))]
    public async Task Where_the_original_cannot_be_kept_aside_the_segment_stays_until_it_can(string action)
    {
        await using var queue = await _scene.OpenAsync();
        await DeferThreeAsync(queue, minutes: 600);
        Damage(fromEnd: 1);
        _disk.Before = (found, path) =>
        {
            if (found.ToString() == action && path.Contains("damaged", StringComparison.Ordinal)) throw new IOException("full", 28);
        };
        for (var i = 0; i < 12; i++) await SendAndDeliverAsync(queue);
        Assert.Equal((3, First), (queue.Count, FirstSegment));
        Assert.IsType<IOException>(Assert.Single(_scene.Faults.All));   // one, however many groups there were
        Assert.Contains("which stays until that is tried again at", _scene.Faults.LastWhere, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(_scene.Folder, "damaged")));
        _disk.Before = null;
        _scene.Clock.Advance(TimeSpan.FromMinutes(5));
        await UseUntilFreedAsync(queue);
        AssertKeptAside(queue);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_original_that_was_kept_before_is_not_kept_again_if_that_copy_can_be_read(bool readable)
    {
        await using var queue = await _scene.OpenAsync();
        await DeferThreeAsync(queue);
        Damage(fromEnd: 1);
        var kept = Path.Combine(_scene.Folder, "damaged", "0000000001-1.log");
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        await SendAsync(queue, new string('x', 1200));   // the segment is left: it holds no more than this from now on
        File.Copy(_scene.Segments()[0], kept);
        var whole = 0;
        _disk.BeforeRead = offset =>
        {
            if (offset == 0 && ++whole == 2 && !readable) throw new IOException("broken", 5);   // first the segment is read whole, then the copy
        };
        await UseUntilFreedAsync(queue);
        Assert.Equal(readable ? 1 : 2, Directory.GetFiles(Path.GetDirectoryName(kept)!).Length);
    }

    [Fact]
    public async Task Content_that_is_found_damaged_while_it_is_looked_for_is_not_taken_for_an_empty_one()
    {
        await using var queue = await _scene.OpenAsync();
        var id = await DeferThreeAsync(queue);
        Damage(fromEnd: 1);
        using var begun = new ManualResetEventSlim();
        using var let = new ManualResetEventSlim();
        _disk.BeforeRead = _ =>
        {
            if (Thread.CurrentThread.Name == "MailOps queue writer" || begun.IsSet) return;
            begun.Set();
            let.Wait(Ended);
        };
        var opened = Task.Run(() => queue.OpenContent(id), Ended);
        begun.Wait(Ended);
        await UseUntilFreedAsync(queue);
        let.Set();
        await Assert.ThrowsAsync<IOException>(() => opened);
    }

    [Fact]
    public async Task What_was_copied_before_the_damage_was_met_is_not_copied_again()
    {
        await using var queue = await _scene.OpenAsync();
        await DeferThreeAsync(queue);
        Damage(fromEnd: _recordLength);
        await UseUntilFreedAsync(queue);
        var bytes = _scene.Segments().Select(File.ReadAllBytes).ToList();
        foreach (var text in (string[])["whole, before", "whole, after"]) Assert.Equal(1, bytes.Sum(segment => Occurrences(segment, text)));
    }

    /// <summary>Three messages that wait, in the oldest segment; the id of the one in the middle, where its record ends, and how long it is.</summary>
    private async Task<string> DeferThreeAsync(LogQueue queue, double minutes = 5)
    {
        await SendAsync(queue, "whole, before");
        var start = new FileInfo(Assert.Single(_scene.Segments())).Length;
        var id = await SendAsync(queue, Lost);
        _recordEnd = new FileInfo(Assert.Single(_scene.Segments())).Length;
        _recordLength = (int)(_recordEnd - start);
        await SendAsync(queue, "whole, after");
        foreach (var message in await queue.ClaimAsync(10, Ended)) await queue.SettleAsync(message, [_scene.Deferred(minutes: minutes)], Ended);
        return id;
    }

    private void Damage(int fromEnd)
    {
        using var file = new FileStream(_scene.Segments()[0], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Position = _recordEnd - fromEnd;
        var was = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(was ^ 1));
    }

    private async Task UseUntilFreedAsync(LogQueue queue)
    {
        for (var i = 0; FirstSegment == First; i++)
        {
            Assert.True(i < 30, "The oldest segment is still there.");
            await SendAndDeliverAsync(queue);
        }
    }

    private static async Task SendAndDeliverAsync(LogQueue queue)
    {
        await SendAsync(queue, new string('x', 1200));
        await queue.SettleAsync(await ClaimAsync(queue), [Delivered()], Ended);
    }

    private string FirstSegment => Path.GetFileName(_scene.Segments()[0]);

    private static int Occurrences(ReadOnlySpan<byte> bytes, string text) => bytes.Count(System.Text.Encoding.ASCII.GetBytes(text));

    private void AssertKeptAside(LogQueue queue)
    {
        Assert.Equal("0000000001-1.log", Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(_scene.Folder, "damaged")))));
        Assert.NotNull(queue.Warning);
    }
}
