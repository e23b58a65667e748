using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

public sealed class GroupCommitTests : IDisposable
{
    private readonly QueueScene _scene = new();
    private readonly PowerCutDisk _disk = new();
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private readonly ManualResetEventSlim _atFlush = new();

    public GroupCommitTests()
    {
        _scene.Disk = _disk;
        _disk.Before = (action, _) =>
        {
            if (action != DiskAction.Flush) return;
            _atFlush.Set();
            _open.Wait(TimeSpan.FromSeconds(60));
        };
    }

    public void Dispose()
    {
        _open.Set();
        _scene.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public async Task Commits_that_come_during_a_flush_share_the_next_one()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "first");   // makes the segment
        var before = _disk.Count[DiskAction.Flush];
        HoldFlush();
        var first = SendAsync(queue, "alone");
        _atFlush.Wait(Ended);
        var others = Enumerable.Range(0, 500).Select(i => SendAsync(queue, $"text {i}")).ToList();
        _open.Set();
        await first;
        await Task.WhenAll(others);
        Assert.Equal(2, _disk.Count[DiskAction.Flush] - before);
        Assert.Equal(502, queue.Count);
    }

    [Fact]
    public async Task A_commit_is_not_answered_before_the_flush_has_returned()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "first");
        HoldFlush();
        var commit = SendAsync(queue, "text");
        _atFlush.Wait(Ended);
        Assert.False(commit.IsCompleted);
        Assert.Equal(1, queue.Count);   // nor may it be delivered
        _open.Set();
        await commit;
        Assert.Equal(2, queue.Count);
    }

    [Fact]
    public async Task A_settlement_is_not_over_before_the_flush_has_returned()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text");
        var message = await ClaimAsync(queue);
        HoldFlush();
        var settled = queue.SettleAsync(message, [Delivered()], Ended).AsTask();
        _atFlush.Wait(Ended);
        Assert.False(settled.IsCompleted);
        Assert.Equal(1, queue.Count);
        _open.Set();
        await settled;
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task A_commit_that_was_handed_over_is_not_cancelled()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "first");
        var transaction = (await queue.BeginAsync(From(), Ended)).Transaction!;
        await transaction.AddRecipientAsync(To("user@example.test"), Ended);
        using var client = new CancellationTokenSource();
        HoldFlush();
        var commit = transaction.CommitAsync(Text("text"), client.Token).AsTask();
        _atFlush.Wait(Ended);
        await client.CancelAsync();
        _open.Set();
        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(await commit).Status);
        var cancelled = (await queue.BeginAsync(From(), Ended)).Transaction!;
        await cancelled.AddRecipientAsync(To("user@example.test"), Ended);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cancelled.CommitAsync(Text("text"), client.Token));
        Assert.Equal(2, queue.Count);
    }

    [Fact]
    public async Task Closing_writes_what_was_handed_over()
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, "first");
        HoldFlush();
        var commit = SendAsync(queue, "second");
        _atFlush.Wait(Ended);
        var waiting = Enumerable.Range(0, 20).Select(i => SendAsync(queue, $"text {i}")).ToList();
        var closing = queue.DisposeAsync().AsTask();
        _open.Set();
        await Task.WhenAll([commit, .. waiting]);
        await closing;
        Assert.Equal(22, (await _scene.ContentsAsync()).Count);
    }

    [Fact]
    public async Task A_settlement_counts_though_its_message_is_copied_forward_in_the_same_group()
    {
        _scene.Settings = _scene.Settings with { SegmentSize = 1500 };
        var copied = 0;
        for (var dead = 1; dead <= 8; dead++)   // after one of these numbers the copying begins
        {
            var folder = _scene.Temporary($"dead-{dead}");
            await using (var queue = await _scene.OpenAsync(folder))
            {
                await SendAsync(queue, "waits");
                var waits = await ClaimAsync(queue);
                for (var i = 1; i < dead; i++)
                {
                    await SendAsync(queue, new string('x', 1200));
                    await queue.SettleAsync(await ClaimAsync(queue), [Delivered()], Ended);
                }
                await SendAsync(queue, new string('x', 1200));
                var last = await ClaimAsync(queue);
                var before = _scene.Segments(folder)[0];
                HoldFlush();
                var dies = queue.SettleAsync(last, [Delivered()], Ended).AsTask();
                _atFlush.Wait(Ended);
                var settled = queue.SettleAsync(waits, [Delivered()], Ended).AsTask();
                _open.Set();
                await Task.WhenAll(dies, settled);
                if (before.EndsWith("0000000001.log", StringComparison.Ordinal)) copied++;
            }
            Assert.Empty(await _scene.ContentsAsync(folder));
        }
        Assert.InRange(copied, 1, 7);   // so both were seen: not yet copied before, and copied before
    }

    private void HoldFlush()
    {
        _atFlush.Reset();
        _open.Reset();
    }
}
