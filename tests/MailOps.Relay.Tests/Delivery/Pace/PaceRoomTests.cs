using MailOps.Messages;
using MailOps.Relay.Control;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery.Pace;

/// <summary>What limits leave to others: who waits in the queue meanwhile, how much is held, and what counts.</summary>
public sealed class PaceRoomTests
{
    [Fact]
    public async Task A_recipient_does_not_wait_for_the_limit_of_another_recipient()
    {
        var gate = new ManualResetEventSlim();
        await using var full = new FakeMailServer();
        await using var busy = new FakeMailServer
        {
            OnContent = _ =>
            {
                gate.Wait();
                return null;
            },
        };
        CountingQueue? counting = null;
        await using var scene = new DeliveryScene
        {
            Room = 20,
            Between = queue => counting = new CountingQueue(queue),
            Options = Options(DeliveryScene.Route("full.test", full) with { Pace = new PaceOptions { RecipientsPerDay = 1 } }, DeliveryScene.Route("*", busy)),
        };
        await scene.StartAsync();
        await scene.SendAsync("u@full.test");
        await scene.UntilEmptyAsync();
        await scene.SendAsync("v@full.test");
        await Poll.UntilAsync(() => counting!.Claimed == 2 && scene.Queue.Snapshot().All(m => !m.Claimed));
        for (var i = 0; i < 40; i++) await scene.SendAsync("u@busy.test");
        var id = await scene.SendAsync("w@full.test", "w@busy.test");   // both are set aside, the first one for a day
        await Poll.UntilAsync(() => counting!.Claimed >= 43 && scene.Queue.Snapshot().Any(m => m.Id == id && !m.Claimed));

        gate.Set();
        await Poll.UntilAsync(() => busy.Mail.Count == 41);
        await Poll.UntilAsync(() => scene.Queue.Count == 2 && scene.Queue.Snapshot().All(m => !m.Claimed));
        Assert.Single(full.Mail);
    }

    [Fact]
    public async Task What_waits_for_the_day_says_why_and_until_when_and_one_never_tried_has_no_last_attempt()
    {
        await using var server = new FakeMailServer();
        await using var origin = new FakeMailServer();
        var route = DeliveryScene.Route("full.test", server) with { Pace = new PaceOptions { RecipientsPerDay = 1 } };
        await using var scene = new DeliveryScene { Options = Options(route, DeliveryScene.Route("*", origin)) with { Retry = new RetryOptions { Lifetime = TimeSpan.FromHours(2) } } };
        await scene.StartAsync();
        await scene.SendAsync("u@full.test");
        await scene.UntilEmptyAsync();
        var id = await scene.SendAsync("v@full.test");
        await Poll.UntilAsync(() => View(scene, id) is { LastError: not null, Status: "Retry" });

        var until = scene.Clock.GetUtcNow().AddHours(24).AddMinutes(10);
        var hop = scene.Agent.NextHopOf(EmailAddress.Parse("u@full.test"), null, null).Name;
        var message = View(scene, id);
        Assert.Equal($"Waits for its turn, for there are limits to what {hop} takes: 1 recipients a day are used up; the next one goes at {until.UtcDateTime:u}", message.LastError);
        Assert.Equal((null, message.LastError), (message.NextRetryTime, message.Recipients[0].LastError));   // its time is over by then

        scene.Clock.Advance(TimeSpan.FromHours(2));
        await Poll.UntilAsync(() => origin.Mail.Count == 1);
        var report = RetryTests.Report(origin.Mail[0]);
        Assert.Equal(("failed", "4.4.7", null), (report["Action"], report["Status"], report["Last-Attempt-Date"]));
        Assert.DoesNotContain("the last attempt", report["Diagnostic-Code"], StringComparison.Ordinal);
        Assert.Contains("1 recipients a day are used up", report["Diagnostic-Code"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waits_for_a_rate_says_so_with_its_queue_and_until_about_when()
    {
        await using var server = new FakeMailServer();
        await using var scene = new DeliveryScene { Options = Options(DeliveryScene.Route("*", server) with { Pace = new PaceOptions { MessagesPerMinute = 6 } }) };
        await scene.StartAsync();
        await scene.SendAsync("first@example.test");
        await scene.UntilEmptyAsync();
        string[] ids = [.. await Task.WhenAll(Enumerable.Range(0, 60).Select(i => scene.SendAsync($"u{i}@example.test")))];
        await Poll.UntilAsync(() => ids.All(id => View(scene, id).LastError is not null));

        var now = scene.Clock.GetUtcNow();
        Assert.All(ids.Select(id => View(scene, id)), message =>
        {
            Assert.Equal("Ready", message.Status);
            Assert.InRange(message.NextRetryTime!.Value, now.AddSeconds(9), now.AddSeconds(10));
            Assert.Contains("takes: 6 messages a minute; the next one goes at 2026-03-01 12:00:", message.LastError, StringComparison.Ordinal);
        });
        var queue = Assert.Single(new QueueViews("lab", scene.Agent.NextHopOf, scene.Agent.PaceOf).Queues(scene.Queue.Sketches(), [], now));
        Assert.Equal(("6 messages a minute", now.AddMinutes(10)), (queue.ThrottleReason, queue.ThrottledUntil));
        Assert.InRange(queue.NextRetryTime!.Value, now.AddSeconds(9), now.AddSeconds(10));
    }

    private static SmtpRelayMessage View(DeliveryScene scene, string id) =>
        new QueueViews("lab", scene.Agent.NextHopOf, scene.Agent.PaceOf).Message(scene.Queue.Find(id)!, scene.Options.Retry, scene.Clock.GetUtcNow());

    [Fact]
    public async Task An_attempt_that_reaches_nobody_uses_up_nothing_of_the_day()
    {
        await using var server = new FakeMailServer { Greeting = "421 4.3.2 Not now" };
        var route = DeliveryScene.Route("*", server) with { Pace = new PaceOptions { RecipientsPerDay = 2 } };
        await using var scene = new DeliveryScene { Options = Options(route) with { Retry = new RetryOptions { DelayNotice = TimeSpan.Zero } } };
        await scene.StartAsync();
        await scene.SendAsync("a@example.test", "b@example.test");
        await scene.UntilDeferredAsync(2);
        var hop = scene.Agent.NextHopOf(EmailAddress.Parse("u@example.test"), null, null);
        Assert.Equal((0, null), (scene.Agent.PaceOf(hop)!.RecipientsSent, scene.Agent.PaceOf(hop)!.ThrottleReason));

        server.Greeting = "220 Back";
        scene.Clock.Advance(TimeSpan.FromMinutes(5));
        await Poll.UntilAsync(() => scene.Agent.Delivered == 2);
        Assert.Equal(2, scene.Agent.PaceOf(hop)!.RecipientsSent);
    }

    [Fact]
    public async Task No_more_is_held_than_goes_in_two_minutes_and_more_comes_when_half_of_it_has_gone()
    {
        await using var server = new FakeMailServer();
        CountingQueue? counting = null;
        await using var scene = new DeliveryScene
        {
            Between = queue => counting = new CountingQueue(queue),
            Options = Options(DeliveryScene.Route("*", server) with { Pace = new PaceOptions { MessagesPerMinute = 60 } }),
        };
        await scene.StartAsync();
        await scene.SendAsync("first@example.test");   // by which the limits are known
        await scene.UntilEmptyAsync();
        for (var i = 0; i < 200; i++) await scene.SendAsync("u@example.test");
        await Poll.UntilAsync(() => counting!.Claimed == 201 && scene.Queue.Sketches().Count(m => m.Claimed) <= 120);
        Assert.InRange(scene.Queue.Sketches().Count(m => m.Claimed), 119, 120);

        await UntilSentAsync(55);
        Assert.Equal(201, counting!.Claimed);
        await UntilSentAsync(66);
        await Poll.UntilAsync(() => counting.Claimed > 201);
        Assert.InRange(counting.Claimed, 255, 265);

        async Task UntilSentAsync(int count)
        {
            while (server.Mail.Count < count)
            {
                var (polls, before) = (0, server.Mail.Count);
                scene.Clock.Advance(TimeSpan.FromSeconds(1));
                await Poll.UntilAsync(() =>
                {
                    if (++polls % 50 == 0) scene.Clock.Advance(TimeSpan.FromMilliseconds(100));   // the timer may have been set by the time before
                    return server.Mail.Count > before && scene.Queue.Count == 201 - server.Mail.Count;
                });
            }
        }
    }

    [Fact]
    public async Task Who_asks_for_one_message_by_hand_does_not_end_what_a_reply_has_changed_for_all()
    {
        await using var server = new FakeMailServer { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.7.1 You send too fast" : null };
        CountingQueue? counting = null;
        await using var scene = new DeliveryScene
        {
            Between = queue => counting = new CountingQueue(queue),
            Options = Options(DeliveryScene.Route("*", server)) with { Delivery = new DeliveryOptions { Replies = [new() { Pattern = "too fast", Suspend = true, Duration = TimeSpan.FromHours(2) }] } },
        };
        await scene.StartAsync();
        var id = await scene.SendAsync("u@example.test");
        await scene.UntilDeferredAsync(1);
        server.On = _ => null;

        await scene.Queue.ChangeAsync([id], new QueueChange { NextAttempt = scene.Clock.GetUtcNow() }, DeliveryScene.Ended);
        await Poll.UntilAsync(() => counting!.Claimed == 2 && scene.Queue.Snapshot().All(m => !m.Claimed));
        var hop = scene.Agent.NextHopOf(EmailAddress.Parse("u@example.test"), null, null);
        Assert.Equal((0, scene.Clock.GetUtcNow().AddHours(2)), (server.Mail.Count, scene.Agent.PaceOf(hop)!.ThrottledUntil));
        scene.Clock.Advance(TimeSpan.FromHours(2));
        await scene.UntilEmptyAsync();
    }

    [Fact]
    public async Task A_message_with_more_recipients_than_the_profile_allows_goes_in_several()
    {
        await using var server = new FakeMailServer();
        await using var scene = await PaceFlowTests.ProviderAsync(server, new PaceProfileOptions { Name = "big", Hosts = ["*.big.test"], MaxConnections = 1, MaxRecipientsPerMessage = 3 });
        await scene.SendAsync([.. Enumerable.Range(0, 8).Select(i => $"u{i}@d0.test")]);
        await scene.UntilEmptyAsync();
        Assert.Equal([3, 3, 2], server.Mail.Select(m => m.To.Count));
        Assert.Equal(8, server.Mail.SelectMany(m => m.To).Distinct().Count());
    }

    [Fact]
    public async Task A_connection_takes_as_many_messages_as_its_route_says()
    {
        await using var server = new FakeMailServer();
        await using var scene = new DeliveryScene { Options = Options(DeliveryScene.Route("*", server) with { Pace = new PaceOptions { MaxConnections = 1, MaxMessagesPerConnection = 2 } }) };
        await scene.StartAsync();
        for (var i = 0; i < 5; i++) await scene.SendAsync("u@example.test");
        await scene.UntilEmptyAsync();
        Assert.Equal((5, 3), (server.Mail.Count, server.Connections));
    }

    private static SmtpRelayOptions Options(params RouteOptions[] routes) => new() { QueuePath = "", Routes = routes };
}
