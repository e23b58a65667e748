using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

public sealed class ScheduleTests : IDisposable
{
    private readonly QueueScene _scene = new();
    private ulong _id;

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void Of_what_is_due_the_higher_priority_goes_first_and_the_longest_due_among_equals()
    {
        var schedule = new Schedule();
        foreach (var (priority, due) in ((sbyte, long)[])[(0, 3), (-9, 1), (9, 5), (0, 2), (4, 4), (9, 4), (9, 100)]) schedule.Add(Entry(priority), due);
        Assert.Equal(7, schedule.Count);
        Assert.Equal([6ul, 3, 5, 4, 1, 2], Take(schedule, now: 5));
        Assert.Equal(1, schedule.Count);
        Assert.Equal(100, schedule.NextDue);
        Assert.Equal([7ul], Take(schedule, now: 100));
        Assert.Null(schedule.NextDue);
    }

    [Fact]
    public void With_one_priority_the_longest_due_goes_first()
    {
        var schedule = new Schedule();
        foreach (var due in (long[])[5, 3, 4, 3]) schedule.Add(Entry(0), due);
        Assert.Equal(3, schedule.NextDue);
        Assert.Equal([2ul, 4, 3, 1], Take(schedule, now: 9));
    }

    [Fact]
    public void A_low_priority_is_taken_though_higher_ones_never_end()
    {
        var schedule = new Schedule();
        schedule.Add(Entry(-9), 1);
        for (var i = 0; i < 8; i++) schedule.Add(Entry(9), 2 + i);
        var taken = new List<ulong>();
        for (var i = 0; i < 8; i++)
        {
            taken.Add(schedule.Take(100)!.Id.Value);
            schedule.Add(Entry(9), 100);
        }
        Assert.Equal([2, 3, 4, 5, 6, 7, 8, 1], taken);
    }

    [Fact]
    public async Task A_claim_prefers_the_higher_priority_also_after_a_restart()
    {
        var ids = new List<string>();
        await using (var queue = await _scene.OpenAsync())
        {
            foreach (var priority in (int[])[-1, 0, 9]) ids.Add(await SendAsync(queue, new MailSender(null) { Priority = priority }));
            var claimed = await queue.ClaimAsync(3, Ended);
            Assert.Equal([ids[2], ids[1], ids[0]], claimed.Select(message => message.Id));
        }
        await using var reopened = await _scene.OpenAsync();
        Assert.Equal([ids[2], ids[1], ids[0]], (await reopened.ClaimAsync(3, Ended)).Select(message => message.Id));
    }

    [Fact]
    public async Task A_message_to_be_held_is_claimed_no_sooner_also_after_a_restart()
    {
        var until = _scene.Clock.GetUtcNow().AddHours(2);
        string held;
        await using (var queue = await _scene.OpenAsync())
        {
            held = await SendAsync(queue, new MailSender(null) { HoldUntil = until });
            var other = await SendAsync(queue, new MailSender(null));
            Assert.Equal(other, (await ClaimAsync(queue)).Id);
            Assert.Equal(until, queue.Snapshot().First().Recipients[0].NextAttempt);
        }
        await using var reopened = await _scene.OpenAsync();
        await ClaimAsync(reopened);
        var waiting = reopened.ClaimAsync(1, Ended).AsTask();
        _scene.Clock.Advance(TimeSpan.FromHours(1.9));
        Assert.False(waiting.IsCompleted);
        _scene.Clock.Advance(TimeSpan.FromHours(0.1));
        Assert.Equal(held, Assert.Single(await waiting).Id);
    }

    private static async Task<string> SendAsync(LogQueue queue, MailSender sender)
    {
        var transaction = (await queue.BeginAsync(sender, Ended)).Transaction!;
        await transaction.AddRecipientAsync(To("user@example.test"), Ended);
        await transaction.CommitAsync(Text("text"), Ended);
        return transaction.Id;
    }

    private QueueEntry Entry(sbyte priority) => new(new EnvelopeSummary(new QueueId(++_id), 0, 0, false, 1, 0, priority));

    private static List<ulong> Take(Schedule schedule, long now)
    {
        var taken = new List<ulong>();
        while (schedule.Take(now) is { } entry) taken.Add(entry.Id.Value);
        return taken;
    }
}
