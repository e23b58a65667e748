using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>The power goes at each single action of a run that uses everything the queue has, and whatever a disk may make of it is opened again.</summary>
public sealed class PowerCutTests : IDisposable
{
    private readonly QueueScene _scene = new() { Settings = new LogQueueSettings { SegmentSize = 1500, LargeContent = 3000 } };

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Nothing_answered_250_is_lost_wherever_the_power_goes()
    {
        var whole = await RunAsync(int.MaxValue);
        Assert.True(whole > 80, $"The run has only {whole} actions.");
        for (var at = 1; at <= whole; at++) await RunAsync(at);
    }

    /// <summary>Runs until the action of this number, restores what may be left in several ways, and checks each. Gives the number of actions.</summary>
    private async Task<int> RunAsync(int at)
    {
        using var disk = new PowerCutDisk();
        disk.CutAt = (_, _) => disk.Actions == at;
        _scene.Disk = disk;
        var folder = _scene.Temporary($"cut-{at}");
        var ledger = new Ledger(_scene, disk);
        try
        {
            await UseAsync(folder, ledger);
        }
        catch (Exception exception) when (disk.Cut.IsCancellationRequested && exception is OperationCanceledException or MailOpsException)
        {
        }
        for (var seed = 0; seed < 6; seed++)
        {
            var random = new Random((at * 10) + seed);
            Func<bool> survives = seed switch { 0 => () => false, 1 => () => true, _ => () => random.Next(2) == 0 };
            var left = _scene.Temporary($"cut-{at}-{seed}");
            disk.Restore(folder, left, survives);
            await ledger.CheckAsync(left, $"cut at action {at}, seed {seed}");
            Directory.Delete(left, recursive: true);
        }
        Directory.Delete(folder, recursive: true);
        return disk.Actions;
    }

    private async Task UseAsync(string folder, Ledger ledger)
    {
        await using (var queue = await _scene.OpenAsync(folder))
        {
            await ledger.SendAsync(queue, "one");
            await ledger.SendAsync(queue, "two");
            await ledger.RedirectAsync(queue);
            await ledger.SendAsync(queue, new string('m', 4000));   // from memory to a file
            var spooled = Path.Combine(queue.SpoolFolder, "incoming");
            await File.WriteAllTextAsync(spooled, new string('f', 2000), Ended);
            await ledger.SendAsync(queue, new string('f', 2000), new QueuedFileContent(spooled, 2000));
            foreach (var message in await queue.ClaimAsync(3, Ended))
            {
                if (message.Size == 4000) await ledger.RemoveAsync(queue, message);
                else await ledger.DeferAsync(queue, message);
            }
            for (var i = 0; i < 8; i++)   // rolls, and leaves dead segments behind the deferred: they are copied forward
            {
                await ledger.SendAsync(queue, new string((char)('a' + i), 700));
                foreach (var message in await queue.ClaimAsync(1, Ended)) await ledger.RemoveAsync(queue, message);
            }
        }
        _scene.Clock.Advance(TimeSpan.FromMinutes(5));
        await using (var queue = await _scene.OpenAsync(folder))
        {
            var messages = await queue.ClaimAsync(2, Ended);
            await ledger.DeferAsync(queue, messages[0]);
            await ledger.RemoveAsync(queue, messages[1]);
            await ledger.SendAsync(queue, "three");
            await ledger.RedirectAsync(queue);
        }
    }
}
