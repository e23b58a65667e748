using MailOps.Messages;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery.Pace;

/// <summary>Limits, kept by a relay with a fake clock towards servers on loopback.</summary>
public sealed class PaceFlowTests
{
    [Fact]
    public async Task The_connections_of_a_provider_are_those_to_all_its_mail_exchangers_and_idle_ones_make_way()
    {
        var (most, left) = (0, 0);   // who has said QUIT is gone, whatever the fake still does
        await using var server = new FakeMailServer();
        server.On = line =>
        {
            if (line == "QUIT") Interlocked.Increment(ref left);
            else InterlockedMax(ref most, server.Connections - Volatile.Read(ref left));
            return null;
        };
        await using var scene = await ProviderAsync(server, new PaceProfileOptions { Name = "big", Hosts = ["*.big.test"], MaxConnections = 2 });

        for (var round = 0; round < 3; round++)
            for (var i = 0; i < 8; i++) await scene.SendAsync($"u@d{i}.test");
        await scene.UntilEmptyAsync();

        Assert.Equal(24, server.Mail.Count);
        Assert.InRange(most, 1, 2);
        Assert.All(Enumerable.Range(0, 8), i => Assert.Contains(server.Mail, m => m.To[0].Contains($"@d{i}.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Queues_that_share_a_place_take_turns()
    {
        var gate = new SemaphoreSlim(0);
        await using var server = new FakeMailServer
        {
            OnContent = _ =>
            {
                gate.Wait(TimeSpan.FromSeconds(30));
                return null;
            },
        };
        await using var scene = await ProviderAsync(server, new PaceProfileOptions { Name = "big", Hosts = ["*.big.test"], MaxConnections = 1 });

        await scene.SendAsync("first@d0.test");
        await Poll.UntilAsync(() => server.Commands.Any(c => c.StartsWith("BDAT", StringComparison.Ordinal)));
        for (var i = 0; i < 8; i++) await scene.SendAsync("u@d0.test");   // no more than it may hold before it is known to be reached
        for (var i = 0; i < 2; i++) await scene.SendAsync("u@d1.test");
        await Poll.UntilAsync(() => scene.Queue.Snapshot().All(m => m.Claimed));
        await Task.Delay(100, DeliveryScene.Ended);   // until it stands in the ring
        gate.Release(11);
        await scene.UntilEmptyAsync();

        var order = server.Mail.Select(m => m.To[0].Contains("@d1.", StringComparison.Ordinal)).ToList();
        Assert.InRange(order.LastIndexOf(true), 2, 5);
    }

    [Fact]
    public async Task Messages_go_at_the_rate_of_their_route()
    {
        await using var server = new FakeMailServer();
        await using var scene = new DeliveryScene { Options = Options(new RouteOptions { Kind = RouteKind.SmartHost, Host = $"127.0.0.1:{server.Port}", Pace = new PaceOptions { MessagesPerMinute = 60 } }) };
        await scene.StartAsync();
        for (var i = 0; i < 10; i++) await scene.SendAsync("u@example.test");

        for (var sent = 1; sent <= 10; sent++)
        {
            await Poll.UntilAsync(() => server.Mail.Count == sent && scene.Queue.Count == 10 - sent);
            await Task.Delay(20, DeliveryScene.Ended);
            Assert.Equal(sent, server.Mail.Count);
            scene.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        await scene.UntilEmptyAsync();
    }

    [Fact]
    public async Task The_recipients_of_a_day_are_counted_over_a_restart()
    {
        await using var server = new FakeMailServer();
        var route = new RouteOptions { Kind = RouteKind.SmartHost, Host = $"127.0.0.1:{server.Port}", Pace = new PaceOptions { RecipientsPerDay = 5, MaxRecipientsPerMessage = 2 } };
        await using var scene = new DeliveryScene { Options = Options(route) with { Retry = new RetryOptions { DelayNotice = TimeSpan.Zero } } };
        await scene.StartAsync();
        await scene.SendAsync("a@example.test", "b@example.test", "c@example.test");
        for (var i = 0; i < 5; i++) await scene.SendAsync("u@example.test");
        await Poll.UntilAsync(() => Recipients(server) == 5 && scene.Queue.Count == 3);
        await Poll.UntilAsync(() => scene.Queue.Snapshot().All(m => !m.Claimed));
        var hop = scene.Agent.NextHopOf(EmailAddress.Parse("u@example.test"), null, null);
        Assert.Equal((5, "5 recipients a day are used up"), (scene.Agent.PaceOf(hop)!.RecipientsSent, scene.Agent.PaceOf(hop)!.ThrottleReason));

        await scene.Agent.DisposeAsync();
        await scene.StartAsync();
        await scene.SendAsync("v@example.test");
        await Poll.UntilAsync(() => scene.Agent.PaceOf(hop)?.RecipientsSent == 5 && scene.Queue.Snapshot().All(m => !m.Claimed));
        Assert.Equal(5, Recipients(server));

        scene.Clock.Advance(TimeSpan.FromHours(23));
        await Task.Delay(50, DeliveryScene.Ended);
        Assert.Equal(5, Recipients(server));
        scene.Clock.Advance(TimeSpan.FromMinutes(70));
        await scene.UntilEmptyAsync();
        Assert.Equal(9, Recipients(server));
        Assert.Equal(["a,b", "c"], server.Mail.Select(m => string.Join(',', m.To.Select(to => to.Trim('<', '>').Split('@')[0]))).Where(to => "abc".Contains(to[0], StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_is_refused_for_a_day_while_another_is_under_way_goes_on_afterwards()
    {
        var (answer, isHeld) = (new ManualResetEventSlim(), new ManualResetEventSlim());
        await using var server = new FakeMailServer
        {
            OnContent = recipient =>
            {
                if (!recipient.Contains("held", StringComparison.Ordinal)) return null;
                isHeld.Set();
                answer.Wait();
                return null;
            },
        };
        var route = new RouteOptions { Kind = RouteKind.SmartHost, Host = $"127.0.0.1:{server.Port}", Pace = new PaceOptions { RecipientsPerDay = 3 } };
        await using var scene = new DeliveryScene { Options = Options(route) with { Retry = new RetryOptions { DelayNotice = TimeSpan.Zero } } };
        await scene.StartAsync();
        await scene.SendAsync("first@example.test");
        await scene.UntilEmptyAsync();
        await scene.SendAsync("held@example.test");
        await Poll.UntilAsync(() => isHeld.IsSet);
        await scene.SendAsync("third@example.test");
        await Poll.UntilAsync(() => scene.Agent.Delivered == 2);
        await scene.SendAsync("late@example.test");
        var hop = scene.Agent.NextHopOf(EmailAddress.Parse("u@example.test"), null, null);
        await Poll.UntilAsync(() => scene.Agent.PaceOf(hop)!.RecipientsSent == 3 && scene.Queue.Snapshot().Count(m => !m.Claimed) == 1);

        answer.Set();
        await Poll.UntilAsync(() => scene.Agent.Delivered == 3 && scene.Queue.Count == 1);
        scene.Clock.Advance(TimeSpan.FromHours(24.5));
        await scene.UntilEmptyAsync();

        Assert.Equal(4, server.Mail.Count);
    }

    [Theory]
    [InlineData("mx.evil.test", "mx1.big.test")]
    [InlineData("nowhere.big.test", "mx.evil.test")]
    public async Task A_server_beside_those_of_a_provider_does_not_speak_for_it(string best, string second)
    {
        await using var server = new FakeMailServer { On = line => line.StartsWith("MAIL", StringComparison.Ordinal) ? "421 4.7.0 [TSS04] Wait" : null };
        await using var scene = await ProviderAsync(server, new PaceProfileOptions { Name = "big", Hosts = ["*.big.test"], Replies = [new() { Pattern = @"\[tss04\]", Suspend = true, Duration = TimeSpan.FromHours(2) }] });
        scene.Zone.Addresses["mx.evil.test"] = ["127.0.0.1"];
        scene.Zone.Mx["evil.test"] = [(10, best), (20, second)];
        await scene.SendAsync("u@evil.test");
        await scene.UntilDeferredAsync(1);

        server.On = _ => null;
        await scene.SendAsync("u@d1.test");
        await Poll.UntilAsync(() => scene.Agent.Delivered == 1);
    }

    [Fact]
    public async Task A_reply_changes_the_limits_for_a_while_and_all_see_it()
    {
        await using var server = new FakeMailServer { On = line => line.StartsWith("MAIL", StringComparison.Ordinal) ? "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints" : null };
        await using var scene = await ProviderAsync(server, new PaceProfileOptions { Name = "big", Hosts = ["*.big.test"], MessagesPerMinute = 6000, Replies = [new() { Pattern = @"\[tss04\]", Suspend = true, Duration = TimeSpan.FromHours(2) }] });
        await scene.SendAsync("u@d0.test");
        await scene.UntilDeferredAsync(1);
        server.On = _ => null;
        var began = scene.Clock.GetUtcNow();

        await scene.SendAsync("u@d1.test");
        scene.Clock.Advance(TimeSpan.FromMinutes(10));
        var hop = scene.Agent.NextHopOf(EmailAddress.Parse("u@d1.test"), null, null);
        await Poll.UntilAsync(() => scene.Agent.PaceOf(hop)?.RestsUntil is not null && scene.Queue.Snapshot().All(m => !m.Claimed));
        await Task.Delay(50, DeliveryScene.Ended);
        Assert.Equal((0, 1), (server.Mail.Count, server.Connections));
        var pace = scene.Agent.PaceOf(hop)!;
        Assert.Equal(("big", began.AddHours(2), 6000), (pace.Profile, pace.ThrottledUntil, pace.MessagesPerMinute));
        Assert.Contains("TSS04", pace.ThrottleReason, StringComparison.Ordinal);
        var told = Assert.Single(scene.Trace.Of("THROTTLE"));
        Assert.Equal(("QUEUE", "big"), (told.Source, told.ServerHostname));
        Assert.Contains("nothing is sent", told.SourceContext, StringComparison.Ordinal);

        scene.Clock.Advance(TimeSpan.FromHours(2));
        await scene.UntilEmptyAsync();
        Assert.Equal(2, server.Mail.Count);
        Assert.Single(scene.Trace.Of("UNTHROTTLE"));
        Assert.Null(scene.Agent.PaceOf(hop)!.ThrottledUntil);
    }

    [Fact]
    public async Task What_a_reply_has_changed_is_remembered_over_a_restart_and_forgotten_when_an_administrator_says_so()
    {
        await using var server = new FakeMailServer { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.7.1 You send too fast" : null };
        await using var scene = new DeliveryScene
        {
            Options = Options(DeliveryScene.Route("*", server)) with { Delivery = new DeliveryOptions { Replies = [new() { Pattern = "too fast", Suspend = true, Duration = TimeSpan.FromDays(1) }] } },
        };
        await scene.StartAsync();
        await scene.SendAsync("u@example.test");
        await scene.UntilDeferredAsync(1);
        await scene.Agent.DisposeAsync();
        server.On = _ => null;
        await scene.StartAsync();
        await scene.SendAsync("v@example.test");
        var hop = scene.Agent.NextHopOf(EmailAddress.Parse("u@example.test"), null, null);
        await Poll.UntilAsync(() => scene.Agent.PaceOf(hop)?.RestsUntil is not null && scene.Queue.Snapshot().All(m => !m.Claimed));
        Assert.Empty(server.Mail);

        var (found, forgotten) = scene.Agent.Retry(hop.Name);
        Assert.True(found);
        Assert.Contains("You send too fast", forgotten, StringComparison.Ordinal);
        await Poll.UntilAsync(() => server.Mail.Count == 1);
        Assert.Null(scene.Agent.PaceOf(hop)!.ThrottledUntil);
    }

    [Fact]
    public async Task Who_waits_for_a_day_long_is_told_that_it_is_late_and_gets_it_back_in_the_end()
    {
        await using var server = new FakeMailServer();
        await using var origin = new FakeMailServer();
        var slow = new RouteOptions { Domain = "slow.test", Kind = RouteKind.SmartHost, Host = $"127.0.0.1:{server.Port}", Pace = new PaceOptions { RecipientsPerDay = 1 } };
        await using var scene = new DeliveryScene
        {
            Options = Options(slow, DeliveryScene.Route("*", origin)) with { Retry = new RetryOptions { Lifetime = TimeSpan.FromHours(20) } },
        };
        await scene.StartAsync();
        await scene.SendAsync("u@slow.test");
        await scene.UntilEmptyAsync();
        await scene.SendAsync("v@slow.test");
        await Poll.UntilAsync(() => scene.Queue.Snapshot().All(m => !m.Claimed) && scene.Queue.Count == 1);

        scene.Clock.Advance(TimeSpan.FromHours(4));
        await Poll.UntilAsync(() => origin.Mail.Count == 1);
        Assert.Equal("delayed", RetryTests.Report(origin.Mail[0])["Action"]);
        await Poll.UntilAsync(() => scene.Queue.Snapshot().All(m => !m.Claimed) && scene.Queue.Count == 1);
        scene.Clock.Advance(TimeSpan.FromHours(16));
        await Poll.UntilAsync(() => origin.Mail.Count == 2);
        Assert.Equal("failed", RetryTests.Report(origin.Mail[1])["Action"]);
        Assert.Single(server.Mail);
    }

    [Fact]
    public async Task A_slow_next_hop_takes_no_room_that_others_need_and_nothing_is_claimed_over_and_over()
    {
        var gate = new ManualResetEventSlim();
        await using var slow = new FakeMailServer
        {
            OnContent = _ =>
            {
                gate.Wait();
                return null;
            },
        };
        await using var live = new FakeMailServer();
        CountingQueue? counting = null;
        await using var scene = new DeliveryScene
        {
            Room = 100,
            Between = queue => counting = new CountingQueue(queue),
            Options = Options(DeliveryScene.Route("slow.test", slow), DeliveryScene.Route("*", live)),
        };
        await scene.StartAsync();
        for (var i = 0; i < 600; i++) await scene.SendAsync("u@slow.test");
        for (var i = 0; i < 50; i++) await scene.SendAsync("u@live.test");
        await Poll.UntilAsync(() => live.Mail.Count == 50 && scene.Queue.Count == 600);
        Assert.InRange(scene.Queue.Sketches().Count(m => m.Claimed), 1, 60);

        gate.Set();
        await scene.UntilEmptyAsync();
        Assert.Equal(600, slow.Mail.Count);
        Assert.InRange(counting!.Claimed, 650, 3 * 650);
    }

    [Fact]
    public async Task A_dead_next_hop_costs_one_attempt_an_interval_that_grows_whatever_is_queued_for_it()
    {
        await using var dead = new FakeMailServer { Greeting = "554 Out of order" };
        await using var scene = new DeliveryScene { Options = Options(DeliveryScene.Route("*", dead)) };
        await scene.StartAsync();
        var attempts = new List<int>();
        for (var minute = 0; minute < 64; minute++)
        {
            await scene.SendAsync("u@dead.test");
            await Poll.UntilAsync(() => scene.Queue.Snapshot().All(m => !m.Claimed && m.Recipients[0].Status == DeliveryStatus.Deferred && m.Recipients[0].NextAttempt > scene.Clock.GetUtcNow()));
            if (dead.Connections > attempts.Count) attempts.Add(minute);
            scene.Clock.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.Equal([0, 1, 3, 7, 15, 31, 63], attempts);
    }

    [Fact]
    public async Task A_provider_that_lets_nobody_in_is_left_alone_as_a_whole()
    {
        await using var server = new FakeMailServer { Greeting = "421 4.3.2 Not now" };
        await using var scene = await ProviderAsync(server, new PaceProfileOptions { Name = "big", Hosts = ["*.big.test"], FailuresBeforeDelay = 3 });
        for (var i = 0; i < 3; i++)
        {
            await scene.SendAsync($"u@d{i}.test");
            await scene.UntilDeferredAsync(i + 1);
        }
        var hop = scene.Agent.NextHopOf(EmailAddress.Parse("u@d5.test"), null, null);
        for (var i = 3; i < 8; i++) await scene.SendAsync($"u@d{i}.test");
        await Poll.UntilAsync(() => scene.Agent.PaceOf(hop)?.DownUntil == scene.Clock.GetUtcNow().AddMinutes(1));
        await Task.Delay(50, DeliveryScene.Ended);
        Assert.Equal(3, server.Connections);

        server.Greeting = "220 Back";
        scene.Clock.Advance(TimeSpan.FromMinutes(1));
        await Poll.UntilAsync(() => server.Mail.Count == 5);
        Assert.Null(scene.Agent.PaceOf(hop)!.DownUntil);
    }

    [Fact]
    public async Task A_reply_can_switch_to_a_slower_profile_for_a_while()
    {
        await using var server = new FakeMailServer { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.7.1 Behave" : null };
        await using var scene = new DeliveryScene
        {
            Options = Options(DeliveryScene.Route("*", server)) with
            {
                Delivery = new DeliveryOptions
                {
                    Profiles = [new PaceProfileOptions { Name = "careful", MessagesPerMinute = 6, MaxConnections = 1 }],
                    Replies = [new() { Pattern = "BEHAVE", After = 2, Profile = "careful", Duration = TimeSpan.FromMinutes(10) }],
                },
            },
        };
        await scene.StartAsync();
        var hop = scene.Agent.NextHopOf(EmailAddress.Parse("u@example.test"), null, null);
        await scene.SendAsync("u@example.test");
        await scene.UntilDeferredAsync(1);
        Assert.Equal((null, 20), (scene.Agent.PaceOf(hop)!.MessagesPerMinute, scene.Agent.PaceOf(hop)!.MaxConnections));
        await scene.SendAsync("u@example.test");
        await scene.UntilDeferredAsync(2);
        Assert.Equal((6, 1), (scene.Agent.PaceOf(hop)!.MessagesPerMinute, scene.Agent.PaceOf(hop)!.MaxConnections));
        scene.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal((null, 20), (scene.Agent.PaceOf(hop)!.MessagesPerMinute, scene.Agent.PaceOf(hop)!.MaxConnections));
    }

    [Theory]
    [InlineData("220 Hello", 0)]                                    // what the relay says itself, for TLS is required there
    [InlineData("421 4.7.0 This one does not offer STARTTLS", 1)]
    public async Task Only_what_a_server_says_changes_limits(string greeting, int changes)
    {
        await using var server = new FakeMailServer { Greeting = greeting };
        await using var scene = new DeliveryScene
        {
            Options = Options(DeliveryScene.Route("example.test", server) with { Tls = TlsMode.StartTls }) with
            {
                Delivery = new DeliveryOptions { Replies = [new PaceReplyOptions { Pattern = "does not offer STARTTLS", Suspend = true }] },
            },
        };
        await scene.StartAsync();
        await scene.SendAsync("u@example.test");
        await scene.UntilDeferredAsync(1);
        Assert.Contains("does not offer STARTTLS", scene.Queue.Snapshot().Single().Recipients[0].LastReply, StringComparison.Ordinal);
        Assert.Equal(changes, scene.Trace.Of("THROTTLE").Count());
    }

    private static SmtpRelayOptions Options(params RouteOptions[] routes) => new() { QueuePath = "", Routes = routes };

    internal static async Task<DeliveryScene> ProviderAsync(FakeMailServer server, PaceProfileOptions profile)
    {
        var zone = new Zone();
        for (var i = 0; i < 8; i++)
        {
            zone.Addresses[$"mx{i}.big.test"] = ["127.0.0.1"];
            zone.Mx[$"d{i}.test"] = [(10, $"mx{i}.big.test")];
        }
        var scene = new DeliveryScene { Zone = zone, Options = new SmtpRelayOptions { QueuePath = "", Delivery = new DeliveryOptions { MxPort = server.Port, Profiles = [profile] } } };
        return await scene.StartAsync();
    }

    private static int Recipients(FakeMailServer server) => server.Mail.Sum(m => m.To.Count);

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}
