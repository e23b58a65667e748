using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>What waits in a line until it is asked for.</summary>
public sealed class SetAsideTests : IDisposable
{
    private readonly QueueScene _scene = new();
    private readonly object _line = new();

    private DateTimeOffset Late => _scene.Clock.GetUtcNow().AddDays(1);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task What_is_set_aside_comes_when_it_is_asked_for_the_oldest_first_and_no_more_than_that()
    {
        await using var queue = await _scene.OpenAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++) ids.Add(await SendAsync(queue, "text"));
        foreach (var message in (await ClaimAllAsync(queue)).Reverse()) SetAside(queue, message);
        var claim = queue.ClaimAsync(10, Ended).AsTask();
        Assert.False(claim.IsCompleted);

        Assert.Equal(0, queue.BringBack(new object(), 10));
        Assert.Equal(2, queue.BringBack(_line, 2));
        Assert.Equal(ids[..2], (await claim).Select(m => m.Id));
        Assert.Equal(3, queue.BringBack(_line, 10));
        Assert.Equal(ids[2..], (await queue.ClaimAsync(10, Ended)).Select(m => m.Id));
        Assert.Equal(0, queue.BringBack(_line, 10));
    }

    [Fact]
    public async Task What_is_set_aside_comes_at_its_time_unasked_and_once()
    {
        await using var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "text");
        SetAside(queue, await ClaimAsync(queue));
        var claim = queue.ClaimAsync(10, Ended).AsTask();
        _scene.Clock.Advance(TimeSpan.FromHours(23));
        Assert.False(claim.IsCompleted);
        _scene.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(id, Assert.Single(await claim).Id);
        Assert.Equal(0, queue.BringBack(_line, 10));
    }

    [Fact]
    public async Task Another_recipient_whose_time_comes_is_not_kept_waiting()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text", "a@a.test", "b@b.test");
        var later = _scene.Clock.GetUtcNow().AddMinutes(5);
        await queue.SettleAsync(await ClaimAsync(queue), [new Settlement(0, DeliveryOutcome.From(new SmtpReply(451, "4.3.0", "Later")), later)], Ended);
        SetAside(queue, await ClaimAsync(queue));
        var claim = queue.ClaimAsync(10, Ended).AsTask();
        Assert.False(claim.IsCompleted);
        _scene.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal([0, 1], Assert.Single(await claim).Due.Select(r => r.Index));
    }

    [Fact]
    public async Task What_an_administrator_changes_meanwhile_leaves_the_line()
    {
        await using var queue = await _scene.OpenAsync();
        var (first, second) = (await SendAsync(queue, "text"), await SendAsync(queue, "text"));
        foreach (var message in await ClaimAllAsync(queue)) SetAside(queue, message);
        await queue.ChangeAsync([first], new QueueChange { Hold = MessageHold.Suspended }, Ended);
        await queue.ChangeAsync([second], new QueueChange { Redirect = "other.test:25" }, Ended);
        Assert.Equal(second, (await ClaimAsync(queue)).Id);
        Assert.Equal(0, queue.BringBack(_line, 10));
    }

    [Fact]
    public async Task Of_two_recipients_in_two_lines_each_comes_when_its_own_is_asked_for()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text", "a@a.test", "b@b.test");
        var other = new object();
        for (var i = 0; i < 2; i++)
        {
            var message = await ClaimAsync(queue);
            queue.SetAside(message, [0], _line, Late);
            queue.SetAside(message, [1], other, Late);
            queue.Release(message);
            var claim = queue.ClaimAsync(10, Ended).AsTask();
            Assert.False(claim.IsCompleted);
            Assert.Equal(1, queue.BringBack(i == 0 ? other : _line, 10));
            queue.Release(Assert.Single(await claim));
        }
    }

    [Fact]
    public async Task Recipients_beside_those_that_are_aside_are_due_at_once_and_settling_them_brings_nobody_back()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text", "a@a.test", "b@b.test");
        var message = await ClaimAsync(queue);
        queue.SetAside(message, [0], _line, Late);
        queue.Release(message);
        message = await ClaimAsync(queue);   // of the second

        queue.SetAside(message, [0], _line, Late);
        await queue.SettleAsync(message, [new Settlement(1, DeliveryOutcome.From(new SmtpReply(250, "2.0.0", "Ok")))], Ended);
        var claim = queue.ClaimAsync(10, Ended).AsTask();
        Assert.False(claim.IsCompleted);
        Assert.Equal(1, queue.BringBack(_line, 10));
        Assert.Equal([0], Assert.Single(await claim).Due.Select(r => r.Index));
    }

    [Fact]
    public async Task What_is_asked_for_before_its_claim_ends_is_due_when_it_does()
    {
        await using var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "text");
        var message = await ClaimAsync(queue);
        queue.SetAside(message, [0], _line, Late);
        Assert.Equal(1, queue.BringBack(_line, 10));
        queue.Release(message);
        Assert.Equal(id, (await ClaimAsync(queue)).Id);
    }

    [Fact]
    public async Task What_an_administrator_changes_before_its_claim_ends_is_not_aside()
    {
        await using var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "text");
        var message = await ClaimAsync(queue);
        queue.SetAside(message, [0], _line, Late);
        await queue.ChangeAsync([id], new QueueChange { Redirect = "other.test:25" }, Ended);
        queue.SetAside(message, [0], _line, Late);
        queue.Release(message);
        Assert.Equal(id, (await ClaimAsync(queue)).Id);
    }

    [Fact]
    public async Task After_a_restart_nothing_is_aside()
    {
        string id;
        await using (var queue = await _scene.OpenAsync())
        {
            id = await SendAsync(queue, "text");
            SetAside(queue, await ClaimAsync(queue));
        }
        await using var again = await _scene.OpenAsync();
        Assert.Equal(id, (await ClaimAsync(again)).Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Behind_a_next_hop_that_is_stuck_a_message_gives_up_its_memory_and_is_read_back(bool isStuck)
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text");
        var line = new Line(isStuck);
        var message = await ClaimAsync(queue);
        queue.SetAside(message, [0], line, Late);
        queue.Release(message);
        Assert.Equal(isStuck, queue.RecentBytes == 0);
        Assert.Equal(1, queue.BringBack(line, 1));
        Assert.Equal("text", await ReadAsync(await ClaimAsync(queue)));
    }

    private sealed record Line(bool IsStuck) : IWaitingLine
    {
        public LineState? State => null;
    }

    private void SetAside(LogQueue queue, QueuedMessage message)
    {
        queue.SetAside(message, [.. message.Due.Select(recipient => recipient.Index)], _line, Late);
        queue.Release(message);
    }
}
