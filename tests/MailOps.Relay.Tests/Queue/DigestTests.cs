using MailOps.Relay.Disk;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>A start from the digests of segments: the same queue as from the segments themselves, or the segments are read.</summary>
public sealed class DigestTests : IDisposable
{
    private readonly QueueScene _scene = new() { Settings = new LogQueueSettings { AnswersOnWriter = false, SegmentSize = 3000, LargeContent = 2000 } };

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_start_reads_the_digests_and_not_the_segments()
    {
        var before = await FillAsync();
        Assert.Equal(_scene.Segments().Count, _scene.Digests().Count);
        foreach (var path in _scene.Segments()) Overwrite(path, SegmentHeader.Size);
        await using var queue = await _scene.OpenAsync();
        Assert.Equal(before.Count, queue.Count);
        Assert.Empty(_scene.Faults.All);
    }

    [Fact]
    public async Task A_start_without_them_finds_the_same_and_makes_them()
    {
        var before = await FillAsync();
        var digests = _scene.Digests().Select(File.ReadAllBytes).ToList();
        _scene.DeleteDigests();
        Assert.Equal(before, await StatesAsync());
        Assert.Equal(digests, _scene.Digests().Select(File.ReadAllBytes));
        Assert.Equal(before, await StatesAsync());
        Assert.Empty(_scene.Faults.All);
    }

    [Fact]
    public async Task One_that_is_torn_or_changed_anywhere_is_not_believed()
    {
        var before = await FillAsync();
        var path = _scene.Digests()[0];
        var whole = await File.ReadAllBytesAsync(path, Ended);
        for (var i = 0; i < whole.Length; i++)
        {
            var changed = whole.ToArray();
            changed[i] ^= 1;
            await File.WriteAllBytesAsync(path, i % 2 == 0 ? whole[..i] : changed, Ended);
            Assert.Equal(before, await StatesAsync());
            Assert.Equal(whole, await File.ReadAllBytesAsync(path, Ended));   // made again
        }
        Assert.Empty(_scene.Faults.All);
    }

    [Fact]
    public async Task One_of_another_segment_is_not_believed()
    {
        await using (var queue = await _scene.OpenAsync())
        {
            foreach (var letter in "ab") await SendAsync(queue, new string(letter, 1600));   // a segment each, as long as the other
        }
        Assert.Equal(2, _scene.Digests().Count);
        Assert.Single(_scene.Segments().Select(path => new FileInfo(path).Length).Distinct());
        File.Copy(_scene.Digests()[1], _scene.Digests()[0], overwrite: true);
        Assert.Equal([new string('a', 1600), new string('b', 1600)], (await _scene.ContentsAsync()).Values);
    }

    [Fact]
    public async Task One_of_a_segment_that_was_cut_is_not_believed_and_the_loss_is_reported()
    {
        var before = await FillAsync();
        var path = _scene.Segments()[0];
        await File.WriteAllBytesAsync(path, (await File.ReadAllBytesAsync(path, Ended))[..^1], Ended);
        var left = await StatesAsync();
        Assert.InRange(left.Count, 1, before.Count);
        Assert.Contains("not finished", Assert.Single(_scene.Faults.All).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_behind_one_is_reported_when_the_message_is_read_and_the_next_start_repairs_it()
    {
        var before = await FillAsync();
        var path = _scene.Segments().First(path => File.ReadAllBytes(path).AsSpan().IndexOf("text 1"u8) >= 0);
        var bytes = await File.ReadAllBytesAsync(path, Ended);
        bytes[bytes.AsSpan().IndexOf("text 1"u8)] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Ended);
        _scene.Clock.Advance(TimeSpan.FromHours(1));
        await using (var queue = await _scene.OpenAsync())
        {
            Assert.Equal(before.Count, queue.Count);
            var unread = 0;
            foreach (var message in await ClaimAllAsync(queue))
            {
                if (await Record.ExceptionAsync(async () => await ReadAsync(message)) is IOException) unread++;
                queue.Release(message);
            }
            Assert.Equal(1, unread);
        }
        Assert.DoesNotContain(_scene.Digests(), digest => Path.GetFileNameWithoutExtension(digest) == Path.GetFileNameWithoutExtension(path));
        await using var repaired = await _scene.OpenAsync();
        Assert.Equal(before.Count - 1, repaired.Count);
        Assert.Contains("skipped: offset", Assert.Single(_scene.Faults.All).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_found_in_the_segment_that_is_written_leaves_it_without_one()
    {
        _scene.Settings = _scene.Settings with { RecentBytes = 0, SegmentSize = 64 << 20 };
        await using (var queue = await _scene.OpenAsync())
        {
            await SendAsync(queue, "damaged");
            Overwrite(Assert.Single(_scene.Segments()), SegmentHeader.Size + RecordHeader.Size);
            var claim = queue.ClaimAsync(1, Ended).AsTask();
            await UntilAsync(() => _scene.Faults.All.Count == 1);
            Assert.False(claim.IsCompleted);
            await queue.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => claim);
        }
        Assert.Empty(_scene.Digests());
    }

    [Fact]
    public async Task One_that_cannot_be_written_costs_the_next_start_a_look_and_nothing_else()
    {
        using var disk = new PowerCutDisk();
        disk.Before = (_, path) =>
        {
            if (path.EndsWith(".digest", StringComparison.Ordinal)) throw new IOException("full", 28);
        };
        _scene.Disk = disk;
        var before = await FillAsync();
        Assert.Empty(_scene.Digests());
        _scene.Disk = new LocalDisk();
        Assert.Equal(before, await StatesAsync());
        Assert.Empty(_scene.Faults.All);
    }

    [Fact]
    public async Task A_segment_whose_flush_failed_gets_none_before_the_next_start()
    {
        using var disk = new PowerCutDisk();
        _scene.Disk = disk;
        await using (var queue = await _scene.OpenAsync())
        {
            await SendAsync(queue, "before");
            var times = 1;
            disk.Before = (action, _) =>
            {
                if (action == DiskAction.Flush && times-- > 0) throw new IOException("It cannot.", 5);
            };
            Assert.Null(await TrySendAsync(queue, Text("refused")));
            await SendAsync(queue, "after");
        }
        Assert.Equal(["0000000002.digest"], _scene.Digests().Select(Path.GetFileName));
        Assert.Equal(2, (await StatesAsync()).Count);
        Assert.Equal(2, _scene.Digests().Count);
    }

    [Fact]
    public async Task They_go_with_their_segments()
    {
        await FillAsync();
        await File.WriteAllTextAsync(Path.Combine(_scene.Folder, "digest", "0000004711.digest"), "of a segment that is gone", Ended);
        _scene.Clock.Advance(TimeSpan.FromHours(1));
        await using (var queue = await _scene.OpenAsync())
        {
            foreach (var message in await ClaimAllAsync(queue)) await queue.SettleAsync(message, [.. message.Due.Select(due => Delivered(due.Index))], Ended);
            await SendAsync(queue, "last");
            await UntilAsync(() => _scene.Segments().Count == 1);
        }
        Assert.Equal(_scene.Segments().Select(Path.GetFileNameWithoutExtension), _scene.Digests().Select(Path.GetFileNameWithoutExtension));
    }

    [Fact]
    public async Task One_of_many_records_is_written_in_pieces()
    {
        using var disk = new PowerCutDisk();
        _scene.Disk = disk;
        _scene.Settings = new LogQueueSettings { SegmentSize = 64 << 20 };
        var writes = 0;
        disk.Before = (action, path) => writes += action == DiskAction.Write && path.EndsWith(".digest", StringComparison.Ordinal) ? 1 : 0;
        await using (var queue = await _scene.OpenAsync())
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, 5000), Ended, async (i, _) => await SendAsync(queue, $"text {i}"));
        }
        Assert.InRange(writes, 3, 10);
        Overwrite(Assert.Single(_scene.Segments()), SegmentHeader.Size);
        await using var reopened = await _scene.OpenAsync();
        Assert.Equal(5000, reopened.Count);
    }

    /// <summary>Messages of every kind over several segments: untried, in part delivered, deferred, copied forward, removed, with content in a file. Their states.</summary>
    private async Task<IReadOnlyList<string>> FillAsync()
    {
        await using (var queue = await _scene.OpenAsync())
        {
            await SendAsync(queue, "moved", "one@example.test", "two@example.test");
            await queue.SettleAsync(await ClaimAsync(queue), [Delivered(0), _scene.Deferred(1)], Ended);
            for (var i = 0; i < 8; i++)
            {
                await SendAsync(queue, new string('x', 1500));
                await queue.SettleAsync(await ClaimAsync(queue), [Delivered()], Ended);
            }
            for (var i = 0; i < 12; i++) await SendAsync(queue, $"text {i} " + new string('y', 300 * (i % 4)));
            await SendAsync(queue, new string('z', 2500));
            foreach (var message in await queue.ClaimAsync(5, Ended)) await queue.SettleAsync(message, [_scene.Deferred(minutes: 7, notified: true)], Ended);
        }
        return await StatesAsync();
    }

    private async Task<IReadOnlyList<string>> StatesAsync()
    {
        await using var queue = await _scene.OpenAsync();
        return [.. queue.Snapshot().Select(state => $"{state with { Recipients = [] }} {string.Join(", ", state.Recipients)}")];
    }

    private static void Overwrite(string path, int offset)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = offset;
        file.Write(new byte[file.Length - offset]);
    }
}
