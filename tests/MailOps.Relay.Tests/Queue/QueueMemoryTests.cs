using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>Alone, because it measures the memory of the process.</summary>
[CollectionDefinition(nameof(QueueMemoryTests), DisableParallelization = true)]
[Collection(nameof(QueueMemoryTests))]
public sealed class QueueMemoryTests : IDisposable
{
    private readonly QueueScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Many_messages_are_there_after_a_restart_and_take_little_memory()
    {
        const int count = 20_000;
        await FillAsync(count);
        await Task.Yield();   // off the stack that still holds the queue before
        // What other tests left is collected in between at times, and then the difference says nothing: it is measured again. Too large a queue is so each time.
        var bytes = 0L;
        for (var attempt = 0; attempt < 5 && bytes is (< 100 or > 499); attempt++) bytes = await MeasureAsync() / count;
        Assert.InRange(bytes, 100, 499);
        await using var reopened = await _scene.OpenAsync();
        Assert.Equal(count, reopened.Count);
        _scene.Clock.Advance(TimeSpan.FromMinutes(5));
        var texts = new HashSet<string>();
        foreach (var message in await ClaimAllAsync(reopened)) texts.Add(await ReadAsync(message));
        Assert.Equal(count, texts.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Replies_that_say_the_same_are_in_memory_once(bool restarted)
    {
        await FillAsync(2);
        await using var queue = await _scene.OpenAsync();
        if (!restarted)
        {
            _scene.Clock.Advance(TimeSpan.FromMinutes(5));
            foreach (var message in await queue.ClaimAsync(2, Ended)) await queue.SettleAsync(message, [_scene.Deferred()], Ended);
        }
        var replies = queue.Snapshot().Select(state => state.Recipients[0].LastReply).ToList();
        Assert.Equal("450 4.2.0 Greylisted", replies[0]);
        Assert.Same(replies[0], replies[1]);
    }

    private async Task<long> MeasureAsync()
    {
        GC.WaitForPendingFinalizers();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var queue = await _scene.OpenAsync();
        var after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(queue);
        return after - before;
    }

    private async Task FillAsync(int count)
    {
        await using var queue = await _scene.OpenAsync();
        var many = new ParallelOptions { MaxDegreeOfParallelism = 200, CancellationToken = Ended };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), many, async (i, _) => await SendAsync(queue, $"text {i}"));
        await Parallel.ForEachAsync(await ClaimAllAsync(queue), many, async (message, _) => await queue.SettleAsync(message, [_scene.Deferred()], Ended));
    }
}
