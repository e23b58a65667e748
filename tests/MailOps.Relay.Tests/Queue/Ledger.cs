using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>
/// What was promised to the callers of a queue, and what must therefore hold after a crash: a message whose commit returned is there until its removal was asked for;
/// one whose removal returned is gone; what was under way may be either.
/// </summary>
internal sealed class Ledger(QueueScene scene, PowerCutDisk disk)
{
    private readonly Dictionary<string, string> _begun = [];
    private readonly HashSet<string> _accepted = [];
    private readonly HashSet<string> _removing = [];
    private readonly HashSet<string> _removed = [];
    private readonly Dictionary<string, int> _attempts = [];
    private readonly HashSet<string> _redirecting = [];
    private readonly HashSet<string> _redirected = [];

    /// <summary>Sends; throws when the power is gone, as nobody is there to go on.</summary>
    public async Task<string> SendAsync(LogQueue queue, string text, MailContent? content = null)
    {
        var transaction = (await queue.BeginAsync(From(), Ended)).Transaction!;
        _begun.Add(transaction.Id, text);
        await transaction.AddRecipientAsync(To("one@example.test"), Ended);
        await transaction.AddRecipientAsync(To("two@example.test"), Ended);
        var outcomes = await transaction.CommitAsync(content ?? Text(text), Ended);
        if (outcomes[0].Status == DeliveryStatus.Delivered) _accepted.Add(transaction.Id);
        disk.Cut.ThrowIfCancellationRequested();
        return transaction.Id;
    }

    /// <summary>The first recipient is delivered, the second waits.</summary>
    public async Task DeferAsync(LogQueue queue, QueuedMessage message)
    {
        var (first, second) = (message.Due.Any(due => due.Index == 0), message.Due.Single(due => due.Index == 1));
        await queue.SettleAsync(message, first ? [Delivered(0), scene.Deferred(1)] : [scene.Deferred(1)], disk.Cut);
        _attempts[message.Id] = second.Attempts + 1;
    }

    public async Task RemoveAsync(LogQueue queue, QueuedMessage message)
    {
        _removing.Add(message.Id);
        await queue.SettleAsync(message, [.. message.Due.Select(due => Delivered(due.Index))], disk.Cut);
        _removed.Add(message.Id);
    }

    /// <summary>Sends everything that is queued elsewhere.</summary>
    public async Task RedirectAsync(LogQueue queue)
    {
        string[] ids = [.. queue.Snapshot().Select(state => state.Id)];
        _redirecting.UnionWith(ids);
        var changed = await queue.ChangeAsync(ids, new QueueChange { Redirect = "other.test:25" }, Ended);
        disk.Cut.ThrowIfCancellationRequested();
        Assert.All(changed, change => Assert.Null(change.Failure));
        _redirected.UnionWith(ids);
    }

    /// <summary>Opens what the crash left and holds it against the promises; twice, since opening must not change the answer.</summary>
    public async Task CheckAsync(string folder, string when)
    {
        for (var round = 1; round <= 2; round++)
        {
            using var restarted = new PowerCutDisk();   // without its waits for the real disk
            await using var queue = await LogQueue.OpenAsync(folder, 0, scene.Faults, scene.Clock, restarted, scene.Settings, Ended);
            scene.Clock.Advance(TimeSpan.FromDays(1));
            var found = new Dictionary<string, string>();
            foreach (var message in await ClaimAllAsync(queue))
            {
                found.Add(message.Id, await ReadAsync(message));
                Assert.True(_begun.ContainsKey(message.Id), $"{when}: {message.Id} was never begun.");
                Assert.Equal(_begun[message.Id], found[message.Id]);
                Assert.True(message.Redirect is null ? !_redirected.Contains(message.Id) : _redirecting.Contains(message.Id), $"{when}: {message.Id} is redirected to '{message.Redirect}'.");
                if (_attempts.TryGetValue(message.Id, out var attempts)) AssertProgress(message, attempts, when);
            }
            Assert.True(queue.Count == found.Count, $"{when}: {queue.Count} in the queue, {found.Count} could be claimed.");
            foreach (var id in _accepted.Except(_removing)) Assert.True(found.ContainsKey(id), $"{when}: {id} was answered 250 and is lost.");
            foreach (var id in _removed) Assert.False(found.ContainsKey(id), $"{when}: {id} was settled, and is back.");
            var files = Directory.GetFiles(Path.Combine(folder, "content")).Select(Path.GetFileNameWithoutExtension);
            Assert.Empty(files.Except(found.Keys));
            Assert.Empty(Directory.GetFiles(queue.SpoolFolder));
        }
    }

    private static void AssertProgress(QueuedMessage message, int attempts, string when)
    {
        var due = Assert.Single(message.Due);
        Assert.True(due.Index == 1, $"{when}: {message.Id} would be delivered again to a recipient whose delivery was recorded.");
        Assert.InRange(due.Attempts, attempts, attempts + 1);
    }
}
