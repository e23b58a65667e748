using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>What administrators do with messages, and that it is still so after a restart.</summary>
public sealed class QueueControlTests : IDisposable
{
    private static readonly QueueChange Suspend = new() { Hold = MessageHold.Suspended };
    private static readonly QueueChange Resume = new() { Hold = MessageHold.None };
    private readonly QueueScene _scene = new() { Settings = new LogQueueSettings { AnswersOnWriter = false, SegmentSize = 1500, LargeContent = 3000 } };
    private readonly PowerCutDisk _disk = new();   // without the waits for the real one

    public QueueControlTests() => _scene.Disk = _disk;

    public void Dispose()
    {
        _scene.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public async Task A_suspended_message_is_not_claimed_before_it_is_resumed_whatever_comes_between()
    {
        string id;
        await using (var queue = await _scene.OpenAsync())
        {
            id = await SendAsync(queue, "waits");
            var other = await SendAsync(queue, "goes");
            Assert.Equal([new QueueChanged(true, false)], await queue.ChangeAsync([id], Suspend, Ended));
            Assert.Equal(other, (await ClaimAsync(queue)).Id);
        }
        await using var reopened = await _scene.OpenAsync();
        await reopened.SettleAsync(await ClaimAsync(reopened), [Delivered()], Ended);
        _scene.Clock.Advance(TimeSpan.FromDays(30));
        var claim = reopened.ClaimAsync(5, Ended).AsTask();
        Assert.Equal(MessageHold.Suspended, reopened.Find(id)!.Hold);
        Assert.False(claim.IsCompleted);
        await reopened.ChangeAsync([id], Resume, Ended);
        Assert.Equal(id, Assert.Single(await claim).Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_promised_removal_is_not_undone_by_what_is_asked_for_at_the_same_time(bool resume)
    {
        await using var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "text");
        var message = await ClaimAsync(queue);
        using var let = new ManualResetEventSlim();
        _disk.Before = (_, _) => let.Wait(Ended);
        var removed = queue.ChangeAsync([id], new QueueChange { Hold = MessageHold.Remove }, Ended).AsTask();
        var other = queue.ChangeAsync([id], resume ? Resume : Suspend, Ended).AsTask();
        _disk.Before = null;
        let.Set();
        Assert.Equal([new QueueChanged(true, true)], await removed);
        Assert.IsType<InvalidOperationException>(Assert.Single(await other).Failure);
        Assert.Equal(MessageHold.Remove, message.Hold);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_to_be_removed_leaves_also_where_its_envelope_cannot_be_read(bool inFile)
    {
        _scene.Settings = _scene.Settings with { RecentBytes = 0 };
        await using (var queue = await _scene.OpenAsync())
        {
            var id = await SendAsync(queue, inFile ? new string('x', 3001) : "text");
            await using (var file = new FileStream(Assert.Single(_scene.Segments()), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                file.Position = SegmentHeader.Size + RecordHeader.Size + 4;
                file.WriteByte(0xff);
            }
            Assert.Null(queue.TryClaim(id));
            var claim = queue.ClaimAsync(1, Ended).AsTask();   // as delivery always does
            Assert.Equal([new QueueChanged(true, false)], await queue.ChangeAsync([id], new QueueChange { Hold = MessageHold.RemoveWithReport }, Ended));
            await UntilAsync(() => queue.Count == 0);
            Assert.Contains("its sender cannot be told", _scene.Faults.All[^1].Message, StringComparison.Ordinal);
            await UntilAsync(() => Directory.GetFiles(Path.Combine(_scene.Folder, "content")) is []);   // it goes after the record is on disk
            await SendAsync(queue, "next");
            Assert.Equal("next", await ReadAsync(Assert.Single(await claim)));
        }
        Assert.Equal(["next"], (await _scene.ContentsAsync()).Values);
    }

    [Fact]
    public async Task A_message_to_be_removed_stays_where_the_disk_does_not_read_its_envelope_today()
    {
        _scene.Settings = _scene.Settings with { RecentBytes = 0 };
        await using var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "text");
        _disk.BeforeRead = _ => throw new IOException("It cannot be read.", 5);
        Assert.Null(queue.TryClaim(id));
        var claim = queue.ClaimAsync(1, Ended).AsTask();   // as delivery always does
        await queue.ChangeAsync([id], new QueueChange { Hold = MessageHold.RemoveWithReport }, Ended);
        await UntilAsync(() => _scene.Faults.All.Count == 3);   // asked for, claimed, and claimed to be removed
        Assert.Equal(1, queue.Count);
        _disk.BeforeRead = null;
        _scene.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((id, MessageHold.RemoveWithReport), (Assert.Single(await claim).Id, queue.Find(id)!.Hold));
    }

    [Fact]
    public async Task A_message_suspended_while_it_is_claimed_is_withdrawn_and_waits_when_the_attempt_is_over()
    {
        await using var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "text");
        var message = await ClaimAsync(queue);
        Assert.False(message.Withdrawn);
        Assert.Equal([new QueueChanged(true, true)], await queue.ChangeAsync([id], Suspend, Ended));
        Assert.True(message.Withdrawn);
        Assert.Equal(MessageHold.Suspended, message.Hold);
        await queue.SettleAsync(message, [_scene.Deferred()], Ended);
        _scene.Clock.Advance(TimeSpan.FromHours(1));
        var claim = queue.ClaimAsync(1, Ended).AsTask();
        Assert.False(claim.IsCompleted);
        await queue.ChangeAsync([id], Resume, Ended);
        Assert.False(Assert.Single(await claim).Withdrawn);
    }

    [Fact]
    public async Task A_redirect_is_told_to_whoever_claims_the_message_and_can_be_taken_back()
    {
        await using (var queue = await _scene.OpenAsync())
        {
            await queue.ChangeAsync([await SendAsync(queue, "text")], new QueueChange { Redirect = "other.test:25" }, Ended);
        }
        await using var reopened = await _scene.OpenAsync();
        var message = await ClaimAsync(reopened);
        Assert.Equal("other.test:25", message.Redirect);
        Assert.Equal("other.test:25", reopened.Find(message.Id)!.Redirect);
        await reopened.ChangeAsync([message.Id], new QueueChange { Redirect = "" }, Ended);
        Assert.True(message.Withdrawn);
        reopened.Release(message);
        Assert.Null((await ClaimAsync(reopened)).Redirect);
    }

    [Fact]
    public async Task A_deferred_message_is_due_at_once_when_it_is_retried_also_by_the_next_start()
    {
        await using (var queue = await _scene.OpenAsync())
        {
            var id = await SendAsync(queue, "text", "one@example.test", "two@example.test");
            await queue.SettleAsync(await ClaimAsync(queue), [Delivered(0), _scene.Deferred(1, minutes: 67)], Ended);
            await queue.ChangeAsync([id], new QueueChange { NextAttempt = _scene.Clock.GetUtcNow() }, Ended);
        }
        await using var reopened = await _scene.OpenAsync();
        var due = Assert.Single((await ClaimAsync(reopened)).Due);
        Assert.Equal((1, 1), (due.Index, due.Attempts));
    }

    [Fact]
    public async Task A_retry_asked_for_while_another_recipient_is_under_way_is_not_lost_when_that_is_settled()
    {
        using var held = new ManualResetEventSlim();   // until the queue is closed, which writes too
        await using var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "text", "one@example.test", "two@example.test");
        await queue.SettleAsync(await ClaimAsync(queue), [_scene.Deferred(0, minutes: 5), _scene.Deferred(1, minutes: 60)], Ended);
        _scene.Clock.Advance(TimeSpan.FromMinutes(5));
        var message = await ClaimAsync(queue);
        // The settlement is made from what was true before the change, and is written behind it.
        _disk.Before = (action, _) =>
        {
            if (action == DiskAction.Write) held.Wait(Ended);
        };
        var first = SendAsync(queue, "holds the writer");
        await UntilAsync(() => queue.Count == 1);
        var change = queue.ChangeAsync([id], new QueueChange { NextAttempt = _scene.Clock.GetUtcNow() }, Ended).AsTask();
        var settle = queue.SettleAsync(message, [_scene.Deferred(0, minutes: 30)], Ended).AsTask();
        held.Set();
        await Task.WhenAll(first, change, settle);
        Assert.Equal(_scene.Clock.GetUtcNow(), queue.Find(id)!.Recipients[1].NextAttempt);
        Assert.Equal(_scene.Clock.GetUtcNow().AddMinutes(30), queue.Find(id)!.Recipients[0].NextAttempt);
    }

    [Fact]
    public async Task What_was_never_tried_and_is_held_by_its_sender_is_not_due_by_a_retry()
    {
        await using var queue = await _scene.OpenAsync();
        var begun = await queue.BeginAsync(From() with { HoldUntil = _scene.Clock.GetUtcNow().AddHours(1) }, Ended);
        await begun.Transaction!.AddRecipientAsync(To("user@example.test"), Ended);
        await begun.Transaction.CommitAsync(Text("later"), Ended);
        await queue.ChangeAsync([begun.Transaction.Id], new QueueChange { NextAttempt = _scene.Clock.GetUtcNow() }, Ended);
        var claim = queue.ClaimAsync(1, Ended).AsTask();
        Assert.False(claim.IsCompleted);
        _scene.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(begun.Transaction.Id, Assert.Single(await claim).Id);
    }

    [Fact]
    public async Task What_was_changed_survives_being_copied_forward()
    {
        string suspended, redirected;
        await using (var queue = await _scene.OpenAsync())
        {
            suspended = await SendAsync(queue, "suspended");
            redirected = await SendAsync(queue, "redirected");
            await queue.ChangeAsync([suspended], Suspend, Ended);
            await queue.ChangeAsync([redirected], new QueueChange { Redirect = "other.test:25", Hold = MessageHold.RemoveWithReport }, Ended);
            var first = _scene.Segments()[0];
            for (var i = 0; i < 40 && File.Exists(first); i++)
            {
                await SendAsync(queue, new string((char)('a' + (i % 26)), 1200));
                foreach (var message in (await queue.ClaimAsync(3, Ended)).Where(message => message.Size == 1200)) await queue.SettleAsync(message, [Delivered()], Ended);
            }
            Assert.False(File.Exists(first));
        }
        await using var reopened = await _scene.OpenAsync();
        Assert.Equal((MessageHold.Suspended, null), (reopened.Find(suspended)!.Hold, reopened.Find(suspended)!.Redirect));
        Assert.Equal((MessageHold.RemoveWithReport, "other.test:25"), (reopened.Find(redirected)!.Hold, reopened.Find(redirected)!.Redirect));
        Assert.Empty(_scene.Faults.All);
    }

    [Fact]
    public async Task A_message_to_be_removed_goes_first_with_all_its_recipients_even_while_everything_is_suspended()
    {
        await using (var queue = await _scene.OpenAsync())
        {
            var id = await SendAsync(queue, "text", "one@example.test", "two@example.test");
            await SendAsync(queue, "other");
            await queue.SettleAsync(await ClaimAsync(queue), [_scene.Deferred(0), _scene.Deferred(1, minutes: 60)], Ended);
            await queue.SuspendHopsAsync([IQueueControl.WholeQueue], true, Ended);
            await queue.ChangeAsync([id], new QueueChange { Hold = MessageHold.Remove }, Ended);
        }
        await using var reopened = await _scene.OpenAsync();
        var message = Assert.Single(await reopened.ClaimAsync(10, Ended));
        Assert.Equal((MessageHold.Remove, 2), (message.Hold, message.Due.Count));
    }

    [Fact]
    public async Task A_message_is_claimed_by_its_id_whenever_it_is_due_but_not_twice()
    {
        await using var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "text", "one@example.test", "two@example.test");
        await queue.SettleAsync(await ClaimAsync(queue), [Delivered(0), _scene.Deferred(1)], Ended);
        await queue.ChangeAsync([id], Suspend, Ended);
        var message = queue.TryClaim(id);
        Assert.Equal(1, Assert.Single(message!.Due).Index);
        Assert.Null(queue.TryClaim(id));
        Assert.Null(queue.TryClaim("0000000000000"));
        Assert.Null(queue.TryClaim("nonsense"));
        await queue.SettleAsync(message, [Failed(1)], Ended);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task Many_changes_share_one_flush_and_each_has_its_answer()
    {
        _scene.Settings = new LogQueueSettings();
        await using var queue = await _scene.OpenAsync();
        var ids = new List<string>();
        for (var i = 0; i < 100; i++) ids.Add(await SendAsync(queue, "text"));
        var flushes = _disk.Count[DiskAction.Flush];
        var changed = await queue.ChangeAsync([.. ids, "0000000000000", "nonsense"], Suspend, Ended);
        Assert.Equal(100, changed.Count(change => change.Found));
        Assert.All(changed.Skip(100), change => Assert.False(change.Found));
        Assert.Equal(1, _disk.Count[DiskAction.Flush] - flushes);
        Assert.All(queue.Snapshot(), state => Assert.Equal(MessageHold.Suspended, state.Hold));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_change_that_the_disk_does_not_take_is_refused_and_never_comes_true(bool truncateFailsToo)
    {
        string id;
        await using (var queue = await _scene.OpenAsync())
        {
            id = await SendAsync(queue, "text");
            _disk.Before = (action, path) =>
            {
                if (path.EndsWith(".log", StringComparison.Ordinal) && (action == DiskAction.Flush || (truncateFailsToo && action == DiskAction.Truncate))) throw new IOException("No.");
            };
            Assert.IsType<IOException>(Assert.Single(await queue.ChangeAsync([id], Suspend, Ended)).Failure);
            Assert.Equal(MessageHold.None, queue.Find(id)!.Hold);
            _disk.Before = null;
        }
        await using var reopened = await _scene.OpenAsync();
        Assert.Equal(MessageHold.None, reopened.Find(id)!.Hold);
    }

    [Fact]
    public async Task A_record_of_a_kind_that_is_not_known_is_reported_and_its_segment_kept()
    {
        string id;
        await using (var queue = await _scene.OpenAsync())
        {
            id = await SendAsync(queue, "text");
            await queue.ChangeAsync([id], new QueueChange { Hold = (MessageHold)9 }, Ended);
        }
        await using var reopened = await _scene.OpenAsync();
        Assert.Contains("unknown hold 9", Assert.Single(_scene.Faults.All).Message, StringComparison.Ordinal);
        Assert.Equal(MessageHold.None, reopened.Find(id)!.Hold);
    }
}
