using System.Collections.Concurrent;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

public sealed class LogWriterTests : IDisposable
{
    private readonly QueueScene _scene = new();
    private readonly PowerCutDisk _disk = new();

    public void Dispose()
    {
        _scene.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public async Task Nothing_is_answered_and_nothing_true_in_memory_before_the_flush()
    {
        var folder = Directory.CreateDirectory(_scene.Temporary("log")).FullName;
        var ids = new QueueIdSequence(_scene.Clock);
        using var index = new QueueIndex([], [], new RecentMemory(0), _scene.Clock);
        var digests = new SegmentDigests(_disk, folder);
        using var log = new SegmentLog(_disk, folder, digests, _scene.Settings, ids, [], 0);
        var compaction = new Compaction(log, index, digests, new SegmentRepair(_disk, folder, _scene.Faults), _scene.Faults, _scene.Clock, _scene.Settings);
        var writer = new LogWriter(log, index, compaction, new ContentFolder(_disk, folder, folder, folder), _scene.Faults, _scene.Clock, _scene.Settings.WriteRetry);
        var (id, received) = (ids.Next(), _scene.Clock.GetUtcNow().UtcTicks);
        var envelope = new Envelope(id, received, From(), [To("user@example.test")], 4, false);
        var entry = new QueueEntry(envelope.Summary);

        await AppendAsync(LogRecord.Accepted(envelope, entry, "text"u8.ToArray()), before: 0, after: 1);
        Assert.Same(entry, Assert.Single(index.TakeDue(1, received, out _)));
        await AppendAsync(LogRecord.Settled(entry, null, [default], [0], goesOn: false), before: 1, after: 1);
        Assert.NotNull(entry.Progress);
        await AppendAsync(LogRecord.Removed(id, entry), before: 1, after: 0);
        await writer.CloseAsync();

        async Task AppendAsync(LogRecord record, long before, long after)
        {
            var seen = new ConcurrentQueue<(bool Answered, long Count, RecipientProgress[]? Progress)>();
            var progress = entry.Progress;
            _disk.Before = (action, _) =>   // on the writer's own thread: it cannot answer meanwhile, only have answered
            {
                if (action == DiskAction.Flush) seen.Enqueue((record.Done.IsCompleted, index.Count, entry.Progress));
            };
            Assert.Null(await writer.AppendAsync(record));
            Assert.NotEmpty(seen);
            Assert.All(seen, state => Assert.Equal((false, before, progress), state));
            Assert.Equal(after, index.Count);
        }
    }
}
