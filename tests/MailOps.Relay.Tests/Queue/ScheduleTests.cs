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
    public void Domains_take_turns_each_with_what_has_been_due_longest()
    {
        var schedule = new Schedule();
        for (var i = 1; i <= 1000; i++) schedule.Add(Entry(0, "dead.test"), i);
        schedule.Add(Entry(0, "live.test"), 2000);
        schedule.Add(Entry(0, "live.test"), 1999);
        schedule.Add(Entry(0, "later.test"), 9000);
        Assert.Equal(1, schedule.NextDue);
        var taken = Enumerable.Range(0, 6).Select(_ => schedule.Take(5000)!.Id.Value).ToList();
        Assert.Equal([1002, 1001], taken.Where(id => id > 1000));
        Assert.Equal([1, 2, 3, 4], taken.Where(id => id <= 1000));
        Assert.InRange(taken.IndexOf(1001), 1, 3);
        Assert.Equal(996, Take(schedule, 5000).Count);
        Assert.Equal(9000, schedule.NextDue);
    }

    [Fact]
    public void Where_a_message_was_only_set_aside_others_of_its_domain_stand_back_but_are_not_forgotten()
    {
        var schedule = new Schedule();
        for (var i = 1; i <= 100; i++) schedule.Add(Entry(0, "dead.test"), i);
        for (var i = 1; i <= 20; i++) schedule.Add(Entry(0, "live.test"), i);
        var order = new List<string>();
        while (schedule.Take(5000) is { } taken)
        {
            var isDead = taken.Lane == Lanes.Of("dead.test");
            order.Add(isDead ? "dead" : "live");
            if (isDead) schedule.StandBack(taken);
        }

        Assert.Equal(120, order.Count);
        Assert.Equal(20, order.Take(23).Count(domain => domain == "live"));   // one of the others after eight
    }

    [Fact]
    public void A_lane_that_stands_back_does_so_also_within_one_claim_of_many()
    {
        var schedule = new Schedule();
        for (var i = 1; i <= 100; i++) schedule.Add(Entry(0, "dead.test"), i);
        for (var i = 1; i <= 40; i++) schedule.Add(Entry(0, "live.test"), i);
        schedule.StandBack(Entry(0, "dead.test"));   // of a claim before; what comes of those below is known only when all are taken
        Assert.Equal(40, Lives(schedule, 45));
    }

    [Fact]
    public void A_lane_stands_back_no_more_when_one_of_its_messages_has_left()
    {
        var schedule = new Schedule();
        for (var i = 1; i <= 100; i++) schedule.Add(Entry(0, "dead.test"), i);
        for (var i = 1; i <= 40; i++) schedule.Add(Entry(0, "live.test"), i);
        schedule.StandBack(Entry(0, "dead.test"));
        schedule.MoveOn(Entry(0, "dead.test"));
        Assert.Equal(20, Lives(schedule, 40));
    }

    [Fact]
    public void What_could_not_go_on_is_no_claim_s_rest()
    {
        var schedule = new Schedule();
        for (var i = 1; i <= 100; i++) schedule.Add(Entry(0, "dead.test"), i);
        for (var i = 1; i <= 40; i++) schedule.Add(Entry(0, "live.test"), i);
        schedule.StandBack(Entry(0, "dead.test"));
        var claimed = 0;
        while (schedule.Take(5000, unlessStuck: true) is not null) claimed++;
        Assert.InRange(claimed, 40, 45);   // all that goes on, and of the others those whose turn it was
        Assert.Equal(0, Lives(schedule, 20));   // where there is nothing else they are taken
    }

    [Fact]
    public async Task A_claim_ends_where_nothing_is_left_but_what_could_not_go_on()
    {
        await using var queue = await _scene.OpenAsync();
        for (var i = 0; i < 50; i++) await QueueScene.SendAsync(queue, "text", "u@dead.test");
        var first = (await queue.ClaimAsync(1, Ended))[0];
        queue.SetAside(first, [0], new StuckLine(), DateTimeOffset.MaxValue);
        queue.Release(first);
        for (var i = 0; i < 20; i++) await QueueScene.SendAsync(queue, "text", "u@live.test");
        Assert.InRange((await queue.ClaimAsync(200, Ended)).Count, 20, 23);
        Assert.InRange((await queue.ClaimAsync(200, Ended)).Count, 46, 49);
    }

    [Fact]
    public void What_changes_its_lane_is_taken_once()
    {
        var schedule = new Schedule();
        var entry = Entry(0);
        schedule.Add(entry, 5);
        schedule.Drop(entry);
        entry.Lane = Lanes.Of("live.test");
        Assert.NotEqual(0, entry.Lane);
        schedule.Add(entry, 5);
        Assert.Same(entry, schedule.Take(5));
        Assert.Null(schedule.Take(5));
        Assert.Equal(0, schedule.Count);
    }

    [Fact]
    public async Task A_claim_has_the_domains_in_turn()
    {
        await using var queue = await _scene.OpenAsync();
        for (var i = 0; i < 50; i++) await QueueScene.SendAsync(queue, "text", "u@dead.test");
        var live = await QueueScene.SendAsync(queue, "text", "u@live.test");
        Assert.Contains(live, (await queue.ClaimAsync(2, Ended)).Select(message => message.Id));
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

    private QueueEntry Entry(sbyte priority, string? domain = null) =>
        new(new EnvelopeSummary(new QueueId(++_id), 0, 0, false, 1, 0, priority)) { Lane = domain is null ? (byte)0 : Lanes.Of(domain) };

    private static int Lives(Schedule schedule, int among) => Enumerable.Range(0, among).Count(_ => schedule.Take(5000)!.Lane == Lanes.Of("live.test"));

    private static List<ulong> Take(Schedule schedule, long now)
    {
        var taken = new List<ulong>();
        while (schedule.Take(now) is { } entry) taken.Add(entry.Id.Value);
        return taken;
    }

    private sealed record StuckLine : IWaitingLine
    {
        public LineState? State => null;

        public bool IsStuck => true;
    }
}
