using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>A random but repeatable sequence of everything a queue can do, held against a model that is a list, with the queue closed and opened in between.</summary>
public sealed class RandomUseTests : IDisposable
{
    private readonly QueueScene _scene = new() { Settings = new LogQueueSettings { SegmentSize = 4000, LargeContent = 900, RecentBytes = 20_000, RecentContent = 500 } };
    private readonly Dictionary<string, Expected> _model = [];
    private readonly HashSet<string> _known = [];   // messages of which the queue knows the domain
    private readonly Dictionary<string, QueuedMessage> _claimed = [];

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_queue_holds_what_a_list_would_hold(int seed)
    {
        var random = new Random(seed);
        using var disk = new PowerCutDisk();   // without its waits for the real disk
        _scene.Disk = disk;
        var queue = await _scene.OpenAsync();
        for (var step = 0; step < 1500; step++)
        {
            switch (random.Next(22))
            {
                case < 7:
                    await AcceptAsync(queue, random);
                    break;
                case < 12:
                    await ClaimAsync(queue, random.Next(1, 4));
                    break;
                case < 17:
                    await SettleAsync(queue, random);
                    break;
                case 17:
                    Release(queue, random);
                    break;
                case 18:
                    _scene.Clock.Advance(TimeSpan.FromMinutes(random.Next(10)));
                    break;
                case 19 or 20:
                    await ChangeAsync(queue, random);
                    break;
                default:
                    await queue.DisposeAsync();
                    _claimed.Clear();
                    _known.Clear();
                    foreach (var digest in _scene.Digests().Where(_ => random.Next(4) == 0)) File.Delete(digest);   // with them or without
                    queue = await _scene.OpenAsync();
                    break;
            }
            if (step % 10 == 0) Check(queue);
        }
        Check(queue);
        await queue.DisposeAsync();
        Assert.Empty(_scene.Faults.All);
        Assert.Equal(_model.Where(pair => pair.Value.Text.Length > 900).Select(pair => pair.Key).Order(), ContentFiles());
    }

    private async Task AcceptAsync(LogQueue queue, Random random)
    {
        var recipients = Enumerable.Range(0, random.Next(1, 4)).Select(i => $"user{i}@example.test").ToArray();
        var text = new string((char)('a' + random.Next(26)), random.Next(1, 1000));
        var id = await SendAsync(queue, text, recipients);
        _known.Add(id);
        _model.Add(id, new Expected(text, [.. recipients.Select(_ => new Progress(null, 0, _scene.Clock.GetUtcNow()))]));
    }

    private async Task ClaimAsync(LogQueue queue, int limit)
    {
        var now = _scene.Clock.GetUtcNow();
        var due = _model.Where(pair => !_claimed.ContainsKey(pair.Key) && !pair.Value.Suspended && pair.Value.Due <= now).OrderBy(pair => pair.Value.Due).ThenBy(pair => pair.Key, StringComparer.Ordinal);
        var expected = due.Take(limit).ToList();
        if (expected.Count == 0) return;
        var messages = await queue.ClaimAsync(limit, Ended);
        Assert.Equal(expected.Count, messages.Count);
        // Those whose domain is not known since a start take turns with the others; among themselves the oldest is first.
        foreach (var lane in due.ToLookup(pair => _known.Contains(pair.Key), pair => pair.Key))
        {
            var taken = messages.Select(message => message.Id).Where(lane.Contains).ToList();
            Assert.Equal(lane.Take(taken.Count), taken);
            Assert.True(taken.Count == lane.Count() || taken.Count >= limit / 2);
        }
        _known.UnionWith(messages.Select(message => message.Id));
        foreach (var message in messages)
        {
            var model = _model[message.Id];
            Assert.Equal(model.Text, await ReadAsync(message));
            var indexes = Enumerable.Range(0, model.Recipients.Length).Where(i => !model.Recipients[i].IsFinal && model.Recipients[i].Next <= now);
            Assert.Equal(indexes.Select(i => (i, model.Recipients[i].Attempts)), message.Due.Select(recipient => (recipient.Index, recipient.Attempts)));
            _claimed.Add(message.Id, message);
        }
    }

    private async Task SettleAsync(LogQueue queue, Random random)
    {
        if (_claimed.Count == 0) return;
        var (id, message) = _claimed.ElementAt(random.Next(_claimed.Count));
        var settlements = message.Due.Select(due => random.Next(3) switch { 0 => Delivered(due.Index), 1 => Failed(due.Index), _ => _scene.Deferred(due.Index, random.Next(1, 30)) }).ToList();
        await queue.SettleAsync(message, settlements, Ended);
        _claimed.Remove(id);
        var recipients = _model[id].Recipients;
        foreach (var settlement in settlements)
            recipients[settlement.Index] = new Progress(settlement.Outcome.Status, recipients[settlement.Index].Attempts + 1, settlement.NextAttempt ?? default);
        if (recipients.All(recipient => recipient.IsFinal)) _model.Remove(id);
    }

    private async Task ChangeAsync(LogQueue queue, Random random)
    {
        if (_model.Count == 0) return;
        var (id, model) = _model.ElementAt(random.Next(_model.Count));
        var now = _scene.Clock.GetUtcNow();
        var change = new QueueChange
        {
            Hold = random.Next(3) switch { 0 => MessageHold.Suspended, 1 => MessageHold.None, _ => null },
            Redirect = random.Next(3) switch { 0 => "other.test:25", 1 => "", _ => null },
            NextAttempt = random.Next(2) == 0 ? now : null,
        };
        Assert.Equal([new QueueChanged(true, _claimed.ContainsKey(id))], await queue.ChangeAsync([id], change, Ended));
        if (change.Hold is { } hold) model.Suspended = hold == MessageHold.Suspended;
        if (change.Redirect is { } redirect) model.Redirect = redirect is "" ? null : redirect;
        if (change.NextAttempt is null) return;
        for (var i = 0; i < model.Recipients.Length; i++)
        {
            if (model.Recipients[i].Status == DeliveryStatus.Deferred) model.Recipients[i] = model.Recipients[i] with { Next = now };
        }
    }

    private void Release(LogQueue queue, Random random)
    {
        if (_claimed.Count == 0) return;
        var (id, message) = _claimed.ElementAt(random.Next(_claimed.Count));
        queue.Release(message);
        _claimed.Remove(id);
    }

    private void Check(LogQueue queue)
    {
        Assert.Equal(_model.Count, queue.Count);
        var states = queue.Snapshot().ToList();
        Assert.Equal(_model.Keys.Order(StringComparer.Ordinal), states.Select(state => state.Id));
        foreach (var state in states)
        {
            Assert.Equal(_claimed.ContainsKey(state.Id), state.Claimed);
            Assert.Equal(_model[state.Id].Text.Length, state.Size);
            Assert.Equal((_model[state.Id].Suspended, _model[state.Id].Redirect), (state.Hold == MessageHold.Suspended, state.Redirect));
            Assert.Equal(_model[state.Id].Recipients.Select(recipient => (recipient.Status, recipient.Attempts)), state.Recipients.Select(recipient => (recipient.Status, recipient.Attempts)));
        }
    }

    private IEnumerable<string> ContentFiles() => Directory.GetFiles(Path.Combine(_scene.Folder, "content")).Select(path => Path.GetFileNameWithoutExtension(path)).Order();

    private sealed record Progress(DeliveryStatus? Status, int Attempts, DateTimeOffset Next)
    {
        public bool IsFinal => Status is DeliveryStatus.Delivered or DeliveryStatus.Failed;
    }

    private sealed record Expected(string Text, Progress[] Recipients)
    {
        public bool Suspended { get; set; }

        public string? Redirect { get; set; }

        public DateTimeOffset Due => Recipients.Where(recipient => !recipient.IsFinal).Min(recipient => recipient.Next);
    }
}
