using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>Suspended next hops: what waits for them, and that they are never forgotten.</summary>
public sealed class SuspensionTests : IDisposable
{
    private readonly QueueScene _scene = new();
    private readonly PowerCutDisk _disk = new();

    public SuspensionTests() => _scene.Disk = _disk;

    private string SuspendedFile => Path.Combine(_scene.Folder, "suspended");

    public void Dispose()
    {
        _scene.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public async Task What_is_parked_for_a_suspended_next_hop_is_not_claimed_again_before_that_is_resumed()
    {
        await using var queue = await _scene.OpenAsync();
        await queue.SuspendHopsAsync(["a.test"], true, Ended);
        var id = await SendAsync(queue, "text", "user@a.test");
        Assert.True(queue.IsSuspended("A.test"));
        Assert.False(queue.IsSuspended("b.test"));
        var message = await ClaimAsync(queue);
        queue.Park(message, [0], "a.test");
        queue.Release(message);
        _scene.Clock.Advance(TimeSpan.FromDays(10));
        var claim = queue.ClaimAsync(1, Ended).AsTask();
        Assert.False(claim.IsCompleted);
        await queue.SuspendHopsAsync(["b.test"], false, Ended);
        Assert.False(claim.IsCompleted);
        await queue.SuspendHopsAsync(["A.TEST"], false, Ended);
        Assert.Equal(id, Assert.Single(await claim).Id);
    }

    [Fact]
    public async Task A_next_hop_that_is_resumed_before_the_claim_ends_parks_nothing()
    {
        await using var queue = await _scene.OpenAsync();
        await queue.SuspendHopsAsync(["a.test"], true, Ended);
        await SendAsync(queue, "text", "user@a.test");
        var message = await ClaimAsync(queue);
        queue.Park(message, [0], "a.test");
        await queue.SuspendHopsAsync(["a.test"], false, Ended);
        queue.Release(message);
        Assert.Equal(message.Id, (await ClaimAsync(queue)).Id);
    }

    [Fact]
    public async Task The_other_recipients_of_a_parked_message_keep_their_times()
    {
        await using var queue = await _scene.OpenAsync();
        await queue.SuspendHopsAsync(["a.test", "b.test"], true, Ended);
        await SendAsync(queue, "text", "user@a.test", "user@b.test", "user@c.test");
        var message = await ClaimAsync(queue);
        queue.Park(message, [0], "a.test");
        queue.Park(message, [1], "b.test");
        await queue.SettleAsync(message, [_scene.Deferred(2)], Ended);
        var claim = queue.ClaimAsync(1, Ended).AsTask();
        Assert.False(claim.IsCompleted);
        _scene.Clock.Advance(TimeSpan.FromMinutes(5));
        message = Assert.Single(await claim);
        Assert.Equal([0, 1, 2], message.Due.Select(due => due.Index));
        queue.Park(message, [0], "a.test");
        queue.Park(message, [1], "b.test");
        await queue.SettleAsync(message, [Delivered(2)], Ended);
        claim = queue.ClaimAsync(1, Ended).AsTask();
        await queue.SuspendHopsAsync(["b.test"], false, Ended);
        message = Assert.Single(await claim);
        queue.Park(message, [0], "a.test");
        await queue.SettleAsync(message, [Delivered(1)], Ended);
        Assert.Equal(1, queue.Count);
        claim = queue.ClaimAsync(1, Ended).AsTask();
        await queue.SuspendHopsAsync(["a.test"], false, Ended);
        await queue.SettleAsync(Assert.Single(await claim), [Delivered(0)], Ended);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task A_parked_message_that_is_redirected_is_due_again()
    {
        await using var queue = await _scene.OpenAsync();
        await queue.SuspendHopsAsync(["a.test"], true, Ended);
        var id = await SendAsync(queue, "text", "user@a.test");
        var message = await ClaimAsync(queue);
        queue.Park(message, [0], "a.test");
        queue.Release(message);
        var claim = queue.ClaimAsync(1, Ended).AsTask();
        await queue.ChangeAsync([id], new QueueChange { Redirect = "b.test:25" }, Ended);
        Assert.Equal("b.test:25", Assert.Single(await claim).Redirect);
    }

    [Theory]
    [InlineData("a.test", "b.test")]
    [InlineData("a.test", "b.test", "c.test")]
    public async Task Next_hops_resumed_at_once_free_a_message_that_waits_for_several(params string[] resumed)
    {
        await using var queue = await _scene.OpenAsync();
        await queue.SuspendHopsAsync(["a.test", "b.test", "c.test"], true, Ended);
        await SendAsync(queue, "text", "user@a.test", "user@b.test", "user@c.test");
        var message = await ClaimAsync(queue);
        for (var i = 0; i < 3; i++) queue.Park(message, [i], $"{"abc"[i]}.test");
        queue.Release(message);
        var claim = queue.ClaimAsync(1, Ended).AsTask();
        await queue.SuspendHopsAsync(resumed, false, Ended);
        message = Assert.Single(await claim);
        for (var i = 0; i < 3; i++) queue.Park(message, [i], $"{"abc"[i]}.test");
        await queue.SettleAsync(message, [.. resumed.Select((_, i) => Delivered(i))], Ended);
        Assert.Equal(resumed.Length == 3 ? 0 : 1, queue.Count);
        claim = queue.ClaimAsync(1, Ended).AsTask();
        Assert.False(claim.IsCompleted);
        await queue.SuspendHopsAsync(["c.test"], false, Ended);
        if (resumed.Length < 3) Assert.Equal([2], Assert.Single(await claim).Due.Select(due => due.Index));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_that_is_redirected_while_it_is_claimed_does_not_wait_for_the_next_hop_that_it_had(bool parkedBefore)
    {
        await using var queue = await _scene.OpenAsync();
        await queue.SuspendHopsAsync(["a.test"], true, Ended);
        var id = await SendAsync(queue, "text", "user@a.test");
        var message = await ClaimAsync(queue);
        if (parkedBefore) queue.Park(message, [0], "a.test");
        await queue.ChangeAsync([id], new QueueChange { Redirect = "b.test:25" }, Ended);
        if (!parkedBefore) queue.Park(message, [0], "a.test");
        var claim = queue.ClaimAsync(1, Ended).AsTask();
        queue.Release(message);
        Assert.Equal("b.test:25", Assert.Single(await claim.WaitAsync(TimeSpan.FromSeconds(20), Ended)).Redirect);
    }

    [Fact]
    public async Task Nothing_is_claimed_while_the_whole_queue_is_suspended_and_it_survives_a_restart()
    {
        await using (var queue = await _scene.OpenAsync())
        {
            await queue.SuspendHopsAsync(["*", "zuerich.test"], true, Ended);
            await SendAsync(queue, "text");
        }
        await using var reopened = await _scene.OpenAsync();
        Assert.Equal(["*", "zuerich.test"], reopened.SuspendedHops);
        _scene.Clock.Advance(TimeSpan.FromDays(1));
        var claim = reopened.ClaimAsync(1, Ended).AsTask();
        await SendAsync(reopened, "more");
        Assert.False(claim.IsCompleted);
        await reopened.SuspendHopsAsync(["*"], false, Ended);
        Assert.Single(await claim);
        Assert.Equal(["zuerich.test"], reopened.SuspendedHops);
    }

    [Fact]
    public async Task Where_the_file_is_damaged_in_any_byte_or_cut_anywhere_everything_is_suspended_and_a_fault_says_so()
    {
        await using (var queue = await _scene.OpenAsync()) await queue.SuspendHopsAsync(["a.test", "b.test"], true, Ended);
        var whole = await File.ReadAllBytesAsync(SuspendedFile, Ended);
        for (var at = 0; at < whole.Length; at++)
        {
            byte[] flipped = [.. whole];
            flipped[at] ^= 1;
            foreach (var damaged in (byte[][])[flipped, whole[..at]])
            {
                var faults = _scene.Faults.All.Count;
                await File.WriteAllBytesAsync(SuspendedFile, damaged, Ended);
                await using var queue = await _scene.OpenAsync();
                Assert.Equal(["*"], queue.SuspendedHops);
                Assert.True(queue.IsSuspended("c.test"));
                Assert.Equal(faults + 1, _scene.Faults.All.Count);
            }
        }
        await using (var queue = await _scene.OpenAsync()) await queue.SuspendHopsAsync(["*"], false, Ended);
        await using var mended = await _scene.OpenAsync();
        Assert.Empty(mended.SuspendedHops);
    }

    [Fact]
    public async Task What_the_disk_refused_is_not_so_after_a_restart_either()
    {
        using var disk = new PowerCutDisk();
        _scene.Disk = disk;
        await using (var queue = await _scene.OpenAsync())
        {
            await queue.SuspendHopsAsync(["one.test"], true, Ended);
            var refused = false;
            disk.Before = (action, path) =>
            {
                if (action != DiskAction.FlushFolder || refused) return;
                refused = true;
                throw new IOException("broken", 5);
            };
            await Assert.ThrowsAsync<IOException>(() => queue.SuspendHopsAsync(["two.test"], true, Ended).AsTask());
            Assert.True(refused);
            Assert.Equal(["one.test"], queue.SuspendedHops);
        }
        await using var reopened = await _scene.OpenAsync();
        Assert.Equal(["one.test"], reopened.SuspendedHops);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waits_for_a_person_is_not_kept_in_memory(bool nextHop)
    {
        await using var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "text");
        var message = await ClaimAsync(queue);
        Assert.NotEqual(0, queue.RecentBytes);
        if (nextHop)
        {
            await queue.SuspendHopsAsync(["one.test"], true, Ended);
            queue.Park(message, [0], "one.test");
        }
        else
        {
            await queue.ChangeAsync([id], new MailOps.Relay.Mail.QueueChange { Hold = MailOps.Relay.Mail.MessageHold.Suspended }, Ended);
        }
        queue.Release(message);
        Assert.Equal(0, queue.RecentBytes);
    }

    [Theory]
    [InlineData(DiskAction.Create)]
    [InlineData(DiskAction.Write)]
    [InlineData(DiskAction.Flush)]
    [InlineData(DiskAction.Move)]
    [InlineData(DiskAction.FlushFolder)]
    public async Task A_crash_while_the_file_is_replaced_leaves_the_old_names_or_the_new_ones(object action)
    {
        var queue = await _scene.OpenAsync();
        await queue.SuspendHopsAsync(["a.test"], true, Ended);
        _disk.CutAt = (found, path) => found == (DiskAction)action && (path.Contains("suspended", StringComparison.Ordinal) || path == _scene.Folder);
        await Assert.ThrowsAsync<IOException>(async () => await queue.SuspendHopsAsync(["b.test"], true, Ended));
        Assert.Equal(["a.test"], queue.SuspendedHops);
        Assert.False(queue.IsSuspended("b.test"));
        await queue.DisposeAsync();
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var folder = _scene.Temporary($"left-{seed}");
            _disk.Restore(_scene.Folder, folder, seed switch { 0 => () => false, 1 => () => true, _ => () => random.Next(2) == 0 });
            using var restarted = new PowerCutDisk();
            await using var left = await LogQueue.OpenAsync(folder, 0, _scene.Faults, _scene.Clock, restarted, _scene.Settings, Ended);
            Assert.Contains(string.Join(' ', left.SuspendedHops), (string[])["a.test", "a.test b.test"]);
            await left.SuspendHopsAsync(["c.test"], true, Ended);
            Assert.Contains("c.test", left.SuspendedHops);
        }
        Assert.Empty(_scene.Faults.All);
    }

    [Fact]
    public void Suspending_and_resuming_over_and_over_takes_no_memory_for_each_time()
    {
        var schedule = new Schedule();
        var entries = Enumerable.Range(1, 100).Select(i => new QueueEntry(new EnvelopeSummary(new QueueId((ulong)i), i, 1, false, 1, 0, 0))).ToList();
        foreach (var entry in entries) schedule.Add(entry, entry.FirstDue);
        for (var round = 0; round < 1000; round++)
        {
            foreach (var entry in entries) schedule.Drop(entry);
            foreach (var entry in entries) schedule.Add(entry, entry.FirstDue + round);
        }
        Assert.InRange(schedule.Count, 100, 10_000);
        var taken = new List<QueueEntry>();
        while (schedule.Take(long.MaxValue) is { } entry) taken.Add(entry);
        Assert.Equal(entries, taken);
    }
}
