using System.Net;
using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using Microsoft.Extensions.Time.Testing;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

public sealed class LogQueueTests : IDisposable
{
    private readonly QueueScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task An_accepted_message_is_claimed_read_and_removed()
    {
        await using var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "Subject: one\r\n\r\nbody\r\n");

        var message = await ClaimAsync(queue);
        Assert.Equal(id, message.Id);
        Assert.Equal("sender@example.test", message.Sender.ReversePath?.ToString());
        Assert.Equal(_scene.Clock.GetUtcNow(), message.Received);
        Assert.Equal("user@example.test", Assert.Single(message.Due).Recipient.ForwardPath.ToString());
        Assert.Equal("Subject: one\r\n\r\nbody\r\n", await ReadAsync(message));
        Assert.Equal(1, queue.Count);

        await queue.SettleAsync(message, [Delivered()], Ended);
        Assert.Equal(0, queue.Count);
        await queue.WaitUntilEmptyAsync(Ended);
        Assert.Empty(_scene.Faults.All);
    }

    [Fact]
    public async Task A_commit_answers_250_with_the_queue_id_for_each_recipient()
    {
        await using var queue = await _scene.OpenAsync();
        var (transaction, reply) = await queue.BeginAsync(From(null), Ended);
        Assert.Equal(250, reply.Code);
        await transaction!.AddRecipientAsync(To("one@example.test"), Ended);
        await transaction.AddRecipientAsync(To("two@example.test"), Ended);
        var outcomes = await transaction.CommitAsync(Text("text"), Ended);
        Assert.Equal([$"250 2.0.0 Queued as {transaction.Id}", $"250 2.0.0 Queued as {transaction.Id}"], outcomes.Select(outcome => outcome.Reply.ToString()));
        Assert.All(outcomes, outcome => Assert.Equal(DeliveryStatus.Delivered, outcome.Status));
    }

    [Fact]
    public async Task A_transaction_that_is_disposed_or_has_no_recipient_never_happened()
    {
        await using var queue = await _scene.OpenAsync();
        var dropped = (await queue.BeginAsync(From(), Ended)).Transaction!;
        await dropped.AddRecipientAsync(To("user@example.test"), Ended);
        await dropped.DisposeAsync();
        var empty = (await queue.BeginAsync(From(), Ended)).Transaction!;
        Assert.Empty(await empty.CommitAsync(Text("text"), Ended));
        Assert.Equal(0, queue.Count);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await dropped.CommitAsync(Text("text"), Ended));
    }

    [Fact]
    public async Task Everything_of_the_envelope_is_there_after_a_restart()
    {
        var sender = new MailSender(EmailAddress.Parse("jörg@bücher.example.test"))
        {
            DeclaredSize = 5,
            Body = MailBody.BinaryMime,
            SmtpUtf8 = true,
            Return = DsnReturn.Headers,
            EnvelopeId = "QQ314159",
            RequireTls = true,
            HoldUntil = _scene.Clock.GetUtcNow().AddHours(1),
            DeliverBy = new DeliverBy(_scene.Clock.GetUtcNow().AddHours(2), Return: true, Trace: true),
            Priority = -9,
            Origin = new MailOrigin(IPAddress.Parse("2001:db8::7"), "client.example.test", "ESMTPSA") { UserName = "user", Listener = "[::1]:587" },
        };
        var plain = new MailRecipient(EmailAddress.Parse("one@example.test"));
        var noted = new MailRecipient(EmailAddress.Parse("\"t w o\"@example.test"))
        {
            Notify = DsnNotify.Success | DsnNotify.Delay,
            OriginalRecipient = "rfc822;two@example.test",
        };
        await using (var queue = await _scene.OpenAsync())
        {
            var transaction = (await queue.BeginAsync(sender, Ended)).Transaction!;
            await transaction.AddRecipientAsync(plain, Ended);
            await transaction.AddRecipientAsync(noted, Ended);
            await transaction.CommitAsync(Text("text"), Ended);
        }
        await using var reopened = await _scene.OpenAsync();
        _scene.Clock.Advance(TimeSpan.FromHours(1));
        var message = await ClaimAsync(reopened);
        Assert.Equal(sender with { DeclaredSize = 0, Origin = sender.Origin! with { Helo = "", Protocol = "" } }, message.Sender);
        Assert.Equal([plain, noted], message.Due.Select(recipient => recipient.Recipient));
        Assert.Equal(_scene.Clock.GetUtcNow().AddHours(-1), message.Received);
        Assert.Equal("text", await ReadAsync(message));
    }

    [Fact]
    public async Task Progress_is_kept_for_each_recipient_over_restarts()
    {
        await using (var queue = await _scene.OpenAsync())
        {
            await SendAsync(queue, "text", "done@example.test", "later@example.test", "much-later@example.test");
            var message = await ClaimAsync(queue);
            await queue.SettleAsync(message, [Delivered(0), _scene.Deferred(1, 5), _scene.Deferred(2, 60, notified: true)], Ended);
        }
        _scene.Clock.Advance(TimeSpan.FromMinutes(5));
        await using (var queue = await _scene.OpenAsync())
        {
            var again = await ClaimAsync(queue);
            var due = Assert.Single(again.Due);
            Assert.Equal((1, 1, false), (due.Index, due.Attempts, due.DelayNotified));
            await queue.SettleAsync(again, [Failed(1)], Ended);
        }
        await using var last = await _scene.OpenAsync();
        var states = Assert.Single(last.Snapshot()).Recipients;
        Assert.Equal([DeliveryStatus.Delivered, DeliveryStatus.Failed, DeliveryStatus.Deferred], states.Select(state => state.Status));
        Assert.Equal("450 4.2.0 Greylisted", states[2].LastReply);
        Assert.Equal("550 5.1.1 No such user", states[1].LastReply);
        Assert.Equal(_scene.Clock.GetUtcNow(), states[1].LastAttempt);
        Assert.Equal(_scene.Clock.GetUtcNow().AddMinutes(55), states[2].NextAttempt);
        _scene.Clock.Advance(TimeSpan.FromMinutes(55));
        Assert.True(Assert.Single((await ClaimAsync(last)).Due).DelayNotified);
    }

    [Fact]
    public async Task Some_recipients_are_settled_while_the_claim_goes_on_and_a_crash_then_loses_nothing_of_it()
    {
        await using (var queue = await _scene.OpenAsync())
        {
            await SendAsync(queue, "text", "done@example.test", "later@example.test", "under-way@example.test");
            var message = await ClaimAsync(queue);
            var claim = queue.ClaimAsync(10, Ended).AsTask();
            await queue.SettleSomeAsync(message, [Delivered(0)], Ended);
            await queue.SettleSomeAsync(message, [_scene.Deferred(1, 5)], Ended);
            await Assert.ThrowsAsync<ArgumentException>(async () => await queue.SettleSomeAsync(message, [Failed(0)], Ended));
            await Assert.ThrowsAsync<ArgumentException>(async () => await queue.SettleAsync(message, [_scene.Deferred(1, 5), Delivered(2)], Ended));
            Assert.False(claim.IsCompleted);
            var state = Assert.Single(queue.Snapshot());
            Assert.True(state.Claimed);
            Assert.Equal([DeliveryStatus.Delivered, DeliveryStatus.Deferred, null], state.Recipients.Select(recipient => recipient.Status));
        }
        await using var again = await _scene.OpenAsync();
        var left = await ClaimAsync(again);
        Assert.Equal(2, Assert.Single(left.Due).Index);
        await again.SettleSomeAsync(left, [_scene.Deferred(2, 5)], Ended);
        again.Release(left);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await again.SettleSomeAsync(left, [], Ended));
        _scene.Clock.Advance(TimeSpan.FromMinutes(5));
        await again.SettleAsync(await ClaimAsync(again), [Delivered(1), Failed(2)], Ended);
        Assert.Equal(0, again.Count);
    }

    [Fact]
    public async Task A_claim_waits_until_something_is_due()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text");
        await queue.SettleAsync(await ClaimAsync(queue), [_scene.Deferred(minutes: 5)], Ended);

        var waiting = queue.ClaimAsync(10, Ended).AsTask();
        _scene.Clock.Advance(TimeSpan.FromMinutes(4.9));
        Assert.False(waiting.IsCompleted);
        _scene.Clock.Advance(TimeSpan.FromMinutes(0.1));
        Assert.Equal(1, Assert.Single(Assert.Single(await waiting).Due).Attempts);

        var next = queue.ClaimAsync(10, Ended).AsTask();
        var id = await SendAsync(queue, "new");
        Assert.Equal(id, Assert.Single(await next).Id);
    }

    [Fact]
    public async Task The_oldest_due_is_claimed_first_and_nothing_twice()
    {
        await using var queue = await _scene.OpenAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await SendAsync(queue, $"text {i}"));
            _scene.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        var first = await queue.ClaimAsync(3, Ended);
        var second = await queue.ClaimAsync(3, Ended);
        Assert.Equal(ids, first.Concat(second).Select(message => message.Id));
        Assert.Equal(5, queue.Count);
        Assert.All(queue.Snapshot(), state => Assert.True(state.Claimed));

        queue.Release(first[1]);
        Assert.Equal(ids[1], (await ClaimAsync(queue)).Id);
        Assert.Throws<InvalidOperationException>(() => queue.Release(first[1]));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await queue.SettleAsync(first[1], [Delivered()], Ended));
    }

    [Fact]
    public async Task A_settlement_that_makes_no_sense_is_refused_and_the_claim_stays()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text");
        var message = await ClaimAsync(queue);
        await Assert.ThrowsAsync<ArgumentException>(async () => await queue.SettleAsync(message, [Delivered(1)], Ended));
        await Assert.ThrowsAsync<ArgumentException>(async () => await queue.SettleAsync(message, [Delivered(), Failed()], Ended));
        await Assert.ThrowsAsync<ArgumentException>(async () => await queue.SettleAsync(message, [_scene.Deferred() with { NextAttempt = null }], Ended));
        await queue.SettleAsync(message, [Delivered()], Ended);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task A_waiting_claim_ends_with_its_token_or_with_the_queue()
    {
        var queue = await _scene.OpenAsync();
        using var stop = new CancellationTokenSource();
        var cancelled = queue.ClaimAsync(1, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        var open = queue.ClaimAsync(1, Ended).AsTask();
        await queue.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => open);
        Assert.Equal(421, (await queue.BeginAsync(From(), Ended)).Reply.Code);
    }

    [Fact]
    public async Task A_commit_after_the_queue_closed_is_deferred()
    {
        var queue = await _scene.OpenAsync();
        var transaction = (await queue.BeginAsync(From(), Ended)).Transaction!;
        await transaction.AddRecipientAsync(To("user@example.test"), Ended);
        await queue.DisposeAsync();
        Assert.Equal("421 4.3.2", Assert.Single(await transaction.CommitAsync(Text("text"), Ended)).Reply.ToString()[..9]);
        Assert.Empty(await _scene.ContentsAsync());
    }

    [Fact]
    public async Task Waiting_for_an_empty_queue_ends_when_the_last_message_is_settled()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "one");
        await SendAsync(queue, "two");
        var empty = queue.WaitUntilEmptyAsync(Ended);
        var messages = await queue.ClaimAsync(2, Ended);
        await queue.SettleAsync(messages[0], [Delivered()], Ended);
        Assert.False(empty.IsCompleted);
        await queue.SettleAsync(messages[1], [Failed()], Ended);
        await empty.WaitAsync(TimeSpan.FromSeconds(30), Ended);
    }

    [Fact]
    public async Task Waiting_for_an_empty_queue_ends_when_the_queue_closes_with_messages_in_it()
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, "stays");
        var empty = queue.WaitUntilEmptyAsync(Ended);
        await queue.DisposeAsync();
        var error = await Assert.ThrowsAsync<MailOpsException>(() => empty.WaitAsync(TimeSpan.FromSeconds(30), Ended));
        Assert.Equal(ErrorCode.RelayNotFound, error.Code);
        await Assert.ThrowsAsync<MailOpsException>(() => queue.WaitUntilEmptyAsync(Ended).WaitAsync(TimeSpan.FromSeconds(30), Ended));
    }

    [Fact]
    public async Task A_claim_has_the_recipients_that_were_due_though_the_clock_is_set_back_meanwhile()
    {
        var clock = new SetClock(_scene.Clock.GetUtcNow());
        await using var queue = await LogQueue.OpenAsync(_scene.Folder, 0, _scene.Faults, clock, _scene.Disk, _scene.Settings, Ended);
        await SendAsync(queue, "text");
        await queue.SettleAsync(await ClaimAsync(queue), [_scene.Deferred(minutes: 5)], Ended);
        clock.Advance(TimeSpan.FromMinutes(5));
        clock.SetAfterNextLook(TimeSpan.FromHours(-1));
        Assert.Equal(1, Assert.Single((await ClaimAsync(queue)).Due).Attempts);
    }

    [Fact]
    public async Task What_falls_due_by_a_clock_that_is_set_forward_is_claimed_though_no_timer_runs_out()
    {
        var clock = new SetClock(_scene.Clock.GetUtcNow());
        await using var queue = await LogQueue.OpenAsync(_scene.Folder, 0, _scene.Faults, clock, _scene.Disk, _scene.Settings, Ended);
        await SendAsync(queue, "text");
        await queue.SettleAsync(await ClaimAsync(queue), [_scene.Deferred(minutes: 5)], Ended);
        clock.SetAfterNextLook(TimeSpan.FromHours(1));
        Assert.Equal(1, Assert.Single((await ClaimAsync(queue).WaitAsync(TimeSpan.FromSeconds(30), Ended)).Due).Attempts);
    }

    [Fact]
    public async Task And_where_it_is_set_forward_while_the_timer_runs_a_minute_later()
    {
        var clock = new SetClock(_scene.Clock.GetUtcNow());
        await using var queue = await LogQueue.OpenAsync(_scene.Folder, 0, _scene.Faults, clock, _scene.Disk, _scene.Settings, Ended);
        await SendAsync(queue, "text");
        await queue.SettleAsync(await ClaimAsync(queue), [_scene.Deferred(minutes: 50)], Ended);
        var claim = ClaimAsync(queue);
        clock.SetAfterNextLook(TimeSpan.FromHours(1));
        clock.GetUtcNow();
        Assert.False(claim.IsCompleted);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Assert.Single((await claim.WaitAsync(TimeSpan.FromSeconds(30), Ended)).Due).Attempts);
    }

    [Fact]
    public async Task A_message_waits_in_memory_only_until_its_first_attempt_and_only_within_bounds()
    {
        _scene.Settings = _scene.Settings with { RecentBytes = 5000, RecentContent = 1000 };
        await using var queue = await _scene.OpenAsync();
        for (var i = 0; i < 10; i++) await SendAsync(queue, $"text {i}");
        await SendAsync(queue, new string('x', 1001));
        Assert.InRange(queue.RecentBytes, 1024, 5000);
        var messages = await queue.ClaimAsync(11, Ended);
        var texts = await Task.WhenAll(messages.Select(ReadAsync));
        Assert.Equal([.. Enumerable.Range(0, 10).Select(i => $"text {i}"), new string('x', 1001)], texts);
        foreach (var message in messages) await queue.SettleAsync(message, [_scene.Deferred()], Ended);
        Assert.Equal(0, queue.RecentBytes);
        Assert.Equal("text 0", await ReadAsync(await ClaimLaterAsync(queue)));
    }

    [Fact]
    public async Task A_claimed_message_that_gave_way_to_another_domain_is_in_memory_no_longer_and_is_read_back()
    {
        using var disk = new PowerCutDisk();
        var reads = 0;
        (_scene.Disk, _scene.Settings) = (disk, _scene.Settings with { RecentBytes = 2100 });
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "stays", "a@slow.test");
        await SendAsync(queue, "gives way", "b@slow.test");
        var messages = await queue.ClaimAsync(2, Ended);
        await SendAsync(queue, "comes", "c@live.test");
        disk.BeforeRead = _ => reads++;
        Assert.Equal("stays", await ReadAsync(messages[0]));
        Assert.Equal(0, reads);
        Assert.Equal("gives way", await ReadAsync(messages[1]));
        Assert.NotEqual(0, reads);
    }

    /// <summary>A clock that is set after the next look at it, which no timer hears of.</summary>
    private sealed class SetClock(DateTimeOffset start) : FakeTimeProvider(start)
    {
        private TimeSpan _off, _next;

        public void SetAfterNextLook(TimeSpan by) => _next = by;

        public override DateTimeOffset GetUtcNow()
        {
            var now = base.GetUtcNow() + _off;
            _off = _next;
            return now;
        }
    }

    private async Task<QueuedMessage> ClaimLaterAsync(LogQueue queue)
    {
        _scene.Clock.Advance(TimeSpan.FromMinutes(5));
        return await ClaimAsync(queue);
    }
}
