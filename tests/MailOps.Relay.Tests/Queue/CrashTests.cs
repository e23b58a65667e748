using MailOps.Relay.Disk;
using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>
/// The lines of the state table in docs/queue.md, each stopped at its instant: once with everything that was not flushed lost, once with all of it there
/// (as when only the process was killed), and several times with some of it.
/// </summary>
public sealed class CrashTests : IDisposable
{
    private readonly QueueScene _scene = new() { Settings = new LogQueueSettings { AnswersOnWriter = false, SegmentSize = 1500, LargeContent = 3000 } };
    private readonly PowerCutDisk _disk = new();
    private readonly string _large = new('L', 4000);
    private int _left;

    public CrashTests() => _scene.Disk = _disk;

    public void Dispose()
    {
        _scene.Dispose();
        _disk.Dispose();
    }

    [Theory]
    [InlineData(DiskAction.Write, "spool")]
    [InlineData(DiskAction.Flush, "spool")]
    [InlineData(DiskAction.Move, "spool")]
    [InlineData(DiskAction.FlushFolder, "content")]
    public async Task Content_on_its_way_into_place_leaves_nothing(object action, string place)
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, "before");
        Cut((DiskAction)action, place);
        Assert.Null(await TrySendAsync(queue, Text(_large)));
        await AssertLeftAsync(queue, certain: ["before"]);
    }

    [Theory]
    [InlineData(DiskAction.Write)]
    [InlineData(DiskAction.Flush)]
    public async Task Content_in_place_without_its_record_leaves_nothing_or_a_whole_message(object action)
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, "before");
        Cut((DiskAction)action, ".log");
        Assert.Null(await TrySendAsync(queue, Text(_large)));
        await AssertLeftAsync(queue, certain: ["before"], possible: [_large]);
    }

    [Theory]
    [InlineData(DiskAction.Create)]
    [InlineData(DiskAction.Write)]
    [InlineData(DiskAction.Flush)]
    [InlineData(DiskAction.FlushFolder)]
    public async Task A_new_segment_before_its_first_record_is_nothing(object action)
    {
        var queue = await _scene.OpenAsync();
        Cut((DiskAction)action, "log");
        Assert.Null(await TrySendAsync(queue, Text("text")));
        await AssertLeftAsync(queue, certain: []);
        Assert.All(_scene.Faults.All, fault => Assert.IsType<IOException>(fault));
    }

    [Theory]
    [InlineData(DiskAction.Write)]
    [InlineData(DiskAction.Flush)]
    public async Task A_record_that_was_not_flushed_is_there_or_not_and_was_not_answered(object action)
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, "before");
        Cut((DiskAction)action, ".log");
        Assert.Null(await TrySendAsync(queue, Text("text")));
        await AssertLeftAsync(queue, certain: ["before"], possible: ["text"]);
    }

    [Fact]
    public async Task A_record_that_was_flushed_is_there()
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text");
        await SendAsync(queue, _large);
        await AssertLeftAsync(queue, certain: ["text", _large]);
    }

    [Fact]
    public async Task A_claimed_message_is_due_again_as_if_it_had_not_been_claimed()
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text");
        await ClaimAsync(queue);
        await AssertLeftAsync(queue, certain: ["text"], check: message => Assert.Equal(0, Assert.Single(message.Due).Attempts));
    }

    [Theory]
    [InlineData(DiskAction.Write)]
    [InlineData(DiskAction.Flush)]
    public async Task An_attempt_that_was_not_settled_is_made_again(object action)
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text");
        var message = await ClaimAsync(queue);
        Cut((DiskAction)action, ".log");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await queue.SettleAsync(message, [_scene.Deferred()], _disk.Cut));
        await AssertLeftAsync(queue, certain: ["text"], check: left => Assert.InRange(Assert.Single(left.Due).Attempts, 0, 1));
    }

    [Fact]
    public async Task An_attempt_that_was_settled_is_not_made_again_for_the_recipients_that_are_done()
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text", "one@example.test", "two@example.test");
        await queue.SettleAsync(await ClaimAsync(queue), [Delivered(0), _scene.Deferred(1)], _disk.Cut);
        await AssertLeftAsync(queue, certain: ["text"], check: left => Assert.Equal((1, 1), (Assert.Single(left.Due).Index, left.Due[0].Attempts)));
    }

    [Theory]
    [InlineData(DiskAction.Write)]
    [InlineData(DiskAction.Flush)]
    public async Task A_removal_that_was_not_flushed_happened_or_not(object action)
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, _large);
        var message = await ClaimAsync(queue);
        Cut((DiskAction)action, ".log");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await queue.SettleAsync(message, [Delivered()], _disk.Cut));
        await AssertLeftAsync(queue, certain: [], possible: [_large]);
    }

    [Fact]
    public async Task A_removed_message_whose_content_was_not_deleted_stays_removed()
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, _large);
        var message = await ClaimAsync(queue);
        Cut(DiskAction.Delete, "content");
        await queue.SettleAsync(message, [Delivered()], Ended);
        await UntilAsync(() => _disk.Cut.IsCancellationRequested);
        await AssertLeftAsync(queue, certain: []);
    }

    [Theory]
    [InlineData(DiskAction.Delete)]
    [InlineData(DiskAction.FlushFolder)]
    public async Task A_dead_segment_that_was_not_deleted_brings_nothing_back(object action)
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, new string('x', 1400));
        await queue.SettleAsync(await ClaimAsync(queue), [Delivered()], Ended);
        await SendAsync(queue, new string('y', 1400));
        await UntilAsync(() => _scene.Segments().Count == 1 && _scene.Digests().Count == 0);   // the first one is deleted after the answer
        var message = await ClaimAsync(queue);
        var deleting = false;
        _disk.CutAt = (found, _) => (deleting |= found == DiskAction.Delete) && found == (DiskAction)action;
        await queue.SettleAsync(message, [Delivered()], Ended);
        await TrySendAsync(queue, Text(new string('z', 1400)));
        await UntilAsync(() => _disk.Cut.IsCancellationRequested);
        await AssertLeftAsync(queue, certain: [], possible: [new string('z', 1400)]);
    }

    [Theory]
    [InlineData(DiskAction.Create)]
    [InlineData(DiskAction.Write)]
    public async Task A_digest_being_written_is_none_or_right(object action)
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, "waits", "one@example.test", "two@example.test");
        await queue.SettleAsync(await ClaimAsync(queue), [Delivered(0), _scene.Deferred(1)], Ended);
        var full = new string('x', 1200);
        Cut((DiskAction)action, ".digest");
        await TrySendAsync(queue, Text(full));   // its segment is made when the first has its digest
        await AssertLeftAsync(queue, certain: ["waits"], possible: [full], left =>
        {
            if (left.Size == 5) Assert.Equal((1, 1), (Assert.Single(left.Due).Index, left.Due[0].Attempts));
        });
    }

    [Fact]
    public async Task A_digest_whose_segment_was_deleted_before_it_is_nothing()
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, new string('x', 1400));
        await SendAsync(queue, "stays");
        Cut(DiskAction.Delete, ".digest");
        await queue.SettleAsync(await ClaimAsync(queue), [Delivered()], Ended);
        await UntilAsync(() => _disk.Cut.IsCancellationRequested);
        await AssertLeftAsync(queue, certain: ["stays"]);
    }

    [Theory]
    [InlineData(DiskAction.Write)]
    [InlineData(DiskAction.Flush)]
    [InlineData(DiskAction.Delete)]
    [InlineData(DiskAction.FlushFolder)]
    public async Task A_message_being_copied_forward_is_there_once_with_its_progress(object action)
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, "waits", "one@example.test", "two@example.test");
        await queue.SettleAsync(await ClaimAsync(queue), [Delivered(0), _scene.Deferred(1)], Ended);
        var copying = false;
        _disk.CutAt = (found, path) =>
        {
            copying |= _scene.Segments().Count > 3;   // three dead ones behind it: from the next group on it is copied
            return copying && found == (DiskAction)action && path.Contains("log", StringComparison.Ordinal);
        };
        var possible = new List<string>();
        for (var i = 0; i < 20 && !_disk.Cut.IsCancellationRequested; i++)
        {
            possible.Add(new string((char)('a' + i), 1200));
            if (await TrySendAsync(queue, Text(possible[^1])) is null || _disk.Cut.IsCancellationRequested) break;
            var message = await ClaimAsync(queue);
            await Task.WhenAny(queue.SettleAsync(message, [Delivered()], _disk.Cut).AsTask());
        }
        Assert.True(_disk.Cut.IsCancellationRequested);
        await AssertLeftAsync(queue, certain: ["waits"], possible, left =>
        {
            if (left.Size == 5) Assert.Equal((1, 1), (Assert.Single(left.Due).Index, left.Due[0].Attempts));
        });
    }

    [Theory]
    [InlineData(DiskAction.Write)]
    [InlineData(DiskAction.Flush)]
    public async Task A_change_that_was_not_flushed_happened_or_not(object action)
    {
        var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "text");
        Cut((DiskAction)action, ".log");
        Assert.NotNull(Assert.Single(await queue.ChangeAsync([id], new QueueChange { Redirect = "other.test:25" }, Ended)).Failure);
        await AssertLeftAsync(queue, certain: ["text"], check: left => Assert.Contains(left.Redirect, (string?[])[null, "other.test:25"]));
    }

    [Fact]
    public async Task A_change_that_was_flushed_holds()
    {
        var queue = await _scene.OpenAsync();
        var suspended = await SendAsync(queue, "suspended");
        var moved = await SendAsync(queue, "redirected");
        await queue.ChangeAsync([suspended], new QueueChange { Hold = MessageHold.Suspended }, Ended);
        await queue.ChangeAsync([moved], new QueueChange { Redirect = "other.test:25" }, Ended);
        await AssertLeftAsync(queue, certain: ["redirected"], check: left => Assert.Equal("other.test:25", left.Redirect));   // what is suspended cannot be claimed
    }

    [Fact]
    public async Task A_message_that_was_to_be_removed_when_its_attempt_is_over_is_still_to_be_removed()
    {
        var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "text");
        await ClaimAsync(queue);
        await queue.ChangeAsync([id], new QueueChange { Hold = MessageHold.RemoveWithReport }, Ended);
        await AssertLeftAsync(queue, certain: ["text"], check: left => Assert.Equal(MessageHold.RemoveWithReport, left.Hold));
    }

    [Theory]
    [InlineData(DiskAction.Create)]
    [InlineData(DiskAction.Write)]
    [InlineData(DiskAction.Flush)]
    [InlineData(DiskAction.FlushFolder)]
    [InlineData(DiskAction.Truncate)]
    public async Task A_repair_that_was_not_finished_is_made_again(object action)
    {
        await using (var queue = await _scene.OpenAsync())
        {
            foreach (var text in (string[])["one", "two", "three"]) await SendAsync(queue, text);
        }
        _scene.DeleteDigests();
        var segment = Assert.Single(_scene.Segments());
        var bytes = await File.ReadAllBytesAsync(segment, Ended);
        bytes[bytes.AsSpan().IndexOf("two"u8)] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, Ended);
        using var disk = new PowerCutDisk();
        disk.Open(segment).Dispose();
        disk.FlushAll();
        _scene.Disk = disk;
        disk.CutAt = (found, _) => found == (DiskAction)action;
        var repaired = await _scene.OpenAsync();
        Assert.True(disk.Cut.IsCancellationRequested);
        await AssertLeftAsync(repaired, certain: ["one", "three"], disk: disk);
    }

    private void Cut(DiskAction action, string place) =>
        _disk.CutAt = (found, path) => found == action && path[_scene.Folder.Length..].Contains(place, StringComparison.Ordinal);

    private async Task AssertLeftAsync(
        LogQueue queue, IReadOnlyList<string> certain, IReadOnlyList<string>? possible = null, Action<QueuedMessage>? check = null, PowerCutDisk? disk = null)
    {
        disk ??= _disk;
        if (!disk.Cut.IsCancellationRequested) disk.CutNow();
        await queue.DisposeAsync();
        _scene.Clock.Advance(TimeSpan.FromDays(1));
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var folder = _scene.Temporary($"left-{_left++}");
            disk.Restore(_scene.Folder, folder, seed switch { 0 => () => false, 1 => () => true, _ => () => random.Next(2) == 0 });
            await using var left = await LogQueue.OpenAsync(folder, 0, _scene.Faults, _scene.Clock, new LocalDisk(), _scene.Settings, Ended);
            var messages = await ClaimAllAsync(left);
            var texts = await Task.WhenAll(messages.Select(ReadAsync));
            Assert.Equal(texts.Length, texts.Distinct().Count());
            Assert.Empty(certain.Except(texts));
            Assert.Empty(texts.Except(certain).Except(possible ?? []));
            foreach (var message in messages) check?.Invoke(message);
            Assert.Equal(texts.Count(text => text == _large), Directory.GetFiles(Path.Combine(folder, "content")).Length);
            Assert.Empty(Directory.GetFiles(left.SpoolFolder));
        }
    }
}
