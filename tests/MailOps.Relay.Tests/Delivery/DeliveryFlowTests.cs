using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery;

public sealed class DeliveryFlowTests
{
    [Fact]
    public async Task A_message_reaches_the_mail_exchanger_unchanged()
    {
        await using var server = new FakeMailServer();
        await using var scene = new DeliveryScene
        {
            Zone = new Zone { Mx = { ["example.test"] = [(10, "mx.example.test")] }, Addresses = { ["mx.example.test"] = ["127.0.0.1"] } },
            Options = new SmtpRelayOptions { QueuePath = "", Delivery = new DeliveryOptions { MxPort = server.Port } },
        };
        await scene.StartAsync();

        var id = await scene.SendAsync("user@example.test");
        await scene.UntilEmptyAsync();

        var mail = Assert.Single(server.Mail);
        Assert.Equal(("<sender@origin.test> SIZE=21", "<user@example.test>", "Subject: x\r\n\r\nHello\r\n"), (mail.From, Assert.Single(mail.To), mail.Text));
        var step = Assert.Single(scene.Trace.Events);
        Assert.Equal(("SEND", "SMTP", id, $"mx.example.test [127.0.0.1]:{server.Port}"), (step.EventId, step.Source, step.InternalMessageId, step.ServerHostname));
        Assert.Equal(1, scene.Agent.Delivered);
    }

    [Fact]
    public async Task Recipients_of_one_next_hop_go_in_one_transaction_and_of_two_in_two()
    {
        await using var one = new FakeMailServer();
        await using var two = new FakeMailServer();
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("one.test", one), DeliveryScene.Route("*", two)] } };
        await scene.StartAsync();

        await scene.SendAsync("a@one.test", "b@two.test", "c@one.test", "d@three.test");
        await scene.UntilEmptyAsync();

        Assert.Equal(["<a@one.test>", "<c@one.test>"], Assert.Single(one.Mail).To);
        Assert.Equal(["<b@two.test>", "<d@three.test>"], Assert.Single(two.Mail).To);
        Assert.Equal(4, scene.Agent.Delivered);
    }

    [Fact]
    public async Task Each_recipient_has_its_own_outcome()
    {
        await using var server = new FakeMailServer
        {
            On = line => line.Contains("gone@", StringComparison.Ordinal) ? "550 5.1.1 No such user" : line.Contains("grey@", StringComparison.Ordinal) ? "450 4.2.0 Greylisted" : null,
        };
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("example.test", server)] } };
        await scene.StartAsync();

        await scene.SendAsync(new MailSender(null), "Subject: x\r\n\r\n", "ok@example.test", "gone@example.test", "grey@example.test");
        await scene.UntilDeferredAsync(1);

        Assert.Equal((1, 1, 1), (scene.Agent.Delivered, scene.Agent.Failed, scene.Agent.Deferred));
        var recipients = Assert.Single(scene.Queue.Snapshot()).Recipients;
        Assert.Equal([DeliveryStatus.Delivered, DeliveryStatus.Failed, DeliveryStatus.Deferred], recipients.Select(r => r.Status!.Value));
        Assert.Equal("450 4.2.0 Greylisted", recipients[2].LastReply);
        Assert.Equal(scene.Clock.GetUtcNow().AddMinutes(5), recipients[2].NextAttempt);
    }

    [Fact]
    public async Task More_than_a_hundred_recipients_go_in_several_transactions()
    {
        await using var server = new FakeMailServer();
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)] } };
        await scene.StartAsync();

        await scene.SendAsync([.. Enumerable.Range(0, 250).Select(i => $"user{i}@example.test")]);
        await scene.UntilEmptyAsync();

        Assert.Equal([50, 100, 100], server.Mail.Select(m => m.To.Count).Order());
        Assert.Equal(250, server.Mail.SelectMany(m => m.To).Distinct().Count());
    }

    [Fact]
    public async Task Recipients_the_server_finds_too_many_go_in_a_further_transaction_at_once()
    {
        await using var server = new FakeMailServer();
        var taken = 0;
        server.On = line =>
        {
            if (line.StartsWith("MAIL", StringComparison.Ordinal)) taken = 0;
            return line.StartsWith("RCPT", StringComparison.Ordinal) && ++taken > 2 ? "452 4.5.3 Too many recipients" : null;
        };
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)] } };
        await scene.StartAsync();

        await scene.SendAsync([.. Enumerable.Range(0, 5).Select(i => $"user{i}@example.test")]);
        await scene.UntilEmptyAsync();

        Assert.Equal([2, 2, 1], server.Mail.Select(m => m.To.Count));
        Assert.Equal((1, 0), (server.Connections, scene.Agent.Deferred));
    }

    [Fact]
    public async Task One_connection_serves_message_after_message_up_to_its_limit()
    {
        await using var server = new FakeMailServer();
        await using var scene = new DeliveryScene
        {
            Options = new SmtpRelayOptions
            {
                QueuePath = "",
                Routes = [DeliveryScene.Route("*", server)],
                Delivery = new DeliveryOptions { MaxConnectionsPerDestination = 1, MaxMessagesPerConnection = 4 },
            },
        };
        await scene.StartAsync();

        for (var i = 0; i < 10; i++) await scene.SendAsync("user@example.test");
        await scene.UntilEmptyAsync();

        Assert.Equal((10, 3), (server.Mail.Count, server.Connections));
    }

    [Fact]
    public async Task An_idle_connection_is_closed_when_its_time_is_over()
    {
        await using var server = new FakeMailServer();
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)] } };
        await scene.StartAsync();
        await scene.SendAsync("user@example.test");
        await scene.UntilEmptyAsync();
        Assert.Equal(1, server.Open);

        scene.Clock.Advance(TimeSpan.FromSeconds(2));
        await Poll.UntilAsync(() => server.Open == 0);

        Assert.Equal("QUIT", server.Commands[^1]);
    }

    [Fact]
    public async Task A_connection_the_server_closed_meanwhile_is_replaced_without_a_deferral()
    {
        await using var server = new FakeMailServer();
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)] } };
        await scene.StartAsync();
        await scene.SendAsync("user@example.test");
        await scene.UntilEmptyAsync();

        var first = true;
        server.On = line => line.StartsWith("MAIL", StringComparison.Ordinal) && Interlocked.Exchange(ref first, false) ? "421 4.4.2 Idle for too long" : null;
        await scene.SendAsync("user@example.test");
        await scene.UntilEmptyAsync();

        Assert.Equal((2, 2, 0), (server.Mail.Count, server.Connections, scene.Agent.Deferred));
    }

    [Fact]
    public async Task Recipients_by_Maildir_LMTP_and_SMTP_of_one_message_are_all_delivered()
    {
        await using var smtp = new FakeMailServer();
        await using var lmtp = new FakeMailServer { IsLmtp = true, OnContent = r => r.Contains("full", StringComparison.Ordinal) ? "452 4.2.2 Mailbox full" : null };
        await using var scene = new DeliveryScene();
        scene.Options = new SmtpRelayOptions
        {
            QueuePath = "",
            LocalDomains = [new() { Name = "local.test", MailboxPath = scene.Temporary("mail") }, new() { Name = "lmtp.test", Lmtp = $"127.0.0.1:{lmtp.Port}" }],
            Routes = [DeliveryScene.Route("*", smtp)],
        };
        await scene.StartAsync();

        await scene.SendAsync("a@local.test", "b@lmtp.test", "full@lmtp.test", "c@elsewhere.test");
        await scene.UntilDeferredAsync(1);

        Assert.Equal((3, 0, 1), (scene.Agent.Delivered, scene.Agent.Failed, scene.Agent.Deferred));
        var file = Assert.Single(Directory.GetFiles(scene.Temporary("mail/local.test/a/new")));
        Assert.Equal("Return-Path: <sender@origin.test>\r\nDelivered-To: a@local.test\r\nSubject: x\r\n\r\nHello\r\n", await File.ReadAllTextAsync(file, DeliveryScene.Ended));
        Assert.Equal(["<b@lmtp.test>"], Assert.Single(lmtp.Mail).To);
        Assert.Contains(lmtp.Commands, c => c == "LHLO relay.test");
        Assert.Equal(["<c@elsewhere.test>"], Assert.Single(smtp.Mail).To);
        Assert.Equal(["DEFER LMTP", "DELIVER LMTP", "DELIVER MAILDIR", "SEND SMTP"], scene.Trace.Events.Select(e => $"{e.EventId} {e.Source}").Order());

        lmtp.OnContent = _ => null;
        scene.Clock.Advance(TimeSpan.FromMinutes(5));
        await scene.UntilEmptyAsync();
        Assert.Equal(["<full@lmtp.test>"], lmtp.Mail[^1].To);
        Assert.Single(smtp.Mail);
    }

    // A server that says what it offers only when all mail waits for it.
    private static string? After(ManualResetEventSlim all, string line)
    {
        if (line.StartsWith("EHLO", StringComparison.Ordinal)) all.Wait();
        return null;
    }

    [Fact]
    public async Task A_message_goes_behind_one_that_waits_for_its_answer()
    {
        var all = new ManualResetEventSlim();
        await using var server = new FakeMailServer { Extensions = ["PIPELINING"], HeldReplies = 4, On = line => After(all, line) };
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)], Delivery = new DeliveryOptions { MaxConnectionsPerDestination = 1 } } };
        await scene.StartAsync();
        for (var i = 0; i < 5; i++) await scene.SendAsync("user@example.test");
        await Poll.UntilAsync(() => scene.Queue.Snapshot().All(m => m.Claimed));
        all.Set();
        await scene.UntilEmptyAsync();

        Assert.Equal((5, 1, 0, 5), (server.Mail.Count, server.Connections, scene.Agent.Deferred, scene.Agent.Delivered));
    }

    [Fact]
    public async Task A_message_behind_one_with_which_the_server_ends_the_conversation_goes_over_the_next()
    {
        var all = new ManualResetEventSlim();
        await using var server = new FakeMailServer { Extensions = ["PIPELINING"], HeldReplies = 1, On = line => After(all, line) };
        var first = true;
        server.OnContent = _ => Interlocked.Exchange(ref first, false) ? FakeMailServer.Close : null;
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)], Delivery = new DeliveryOptions { MaxConnectionsPerDestination = 1 } } };
        await scene.StartAsync();
        for (var i = 0; i < 2; i++) await scene.SendAsync("user@example.test");
        await Poll.UntilAsync(() => scene.Queue.Snapshot().All(m => m.Claimed));
        all.Set();
        await scene.UntilDeferredAsync(1);
        await Poll.UntilAsync(() => scene.Agent.Delivered == 1);

        Assert.Equal((1, 2, 1), (server.Mail.Count, server.Connections, scene.Queue.Count));
    }

    [Fact]
    public async Task A_server_that_throws_away_what_comes_before_its_answer_costs_one_wait()
    {
        var all = new ManualResetEventSlim();
        await using var server = new FakeMailServer { Extensions = ["PIPELINING"], HeldReplies = 1, Overhears = true, On = line => After(all, line) };
        server.OnContent = _ =>
        {
            if (server.Connections == 2) Thread.Sleep(100);   // time enough for what must not come behind it any more
            return null;
        };
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)], Delivery = new DeliveryOptions { MaxConnectionsPerDestination = 1 } } };
        await scene.StartAsync();
        for (var i = 0; i < 4; i++) await scene.SendAsync("user@example.test");
        await Poll.UntilAsync(() => scene.Queue.Snapshot().All(m => m.Claimed));
        all.Set();
        await Poll.UntilAsync(() => scene.Agent.Delivered == 1);
        var begun = scene.Clock.GetUtcNow();
        await Poll.UntilAsync(() =>
        {
            if (server.Connections == 1) scene.Clock.Advance(TimeSpan.FromSeconds(5));   // up to half a minute from when its turn to be answered has come; in steps too short for whoever connects then
            return server.Connections == 2;
        });
        Assert.True(scene.Clock.GetUtcNow() - begun < TimeSpan.FromMinutes(4), $"It took {scene.Clock.GetUtcNow() - begun}.");   // not the five that a server may take for MAIL
        await scene.UntilEmptyAsync();

        Assert.Equal((4, 2, 0), (server.Mail.Count, server.Connections, scene.Agent.Deferred));
    }

    [Fact]
    public async Task Stopping_lets_what_is_under_way_finish_and_leaves_the_rest_queued()
    {
        var release = new ManualResetEventSlim();
        await using var server = new FakeMailServer
        {
            OnContent = _ =>
            {
                release.Wait();
                return null;
            },
        };
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)] } };
        await scene.StartAsync();
        for (var i = 0; i < 3; i++) await scene.SendAsync("user@example.test");
        await Poll.UntilAsync(() => server.Commands.Any(c => c.StartsWith("BDAT", StringComparison.Ordinal)));

        var stopping = scene.Agent.StopAsync(TimeSpan.FromMinutes(1), DeliveryScene.Ended);
        release.Set();
        await stopping;

        Assert.Equal((1, 1, 2), (server.Mail.Count, scene.Agent.Delivered, scene.Queue.Count));
        Assert.All(scene.Queue.Snapshot(), m => Assert.False(m.Claimed));
    }

    [Fact]
    public async Task Stopping_cuts_off_what_does_not_finish_in_time_and_it_stays_queued()
    {
        await using var server = new FakeMailServer { OnContent = _ => FakeMailServer.Silence };
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)] } };
        await scene.StartAsync();
        await scene.SendAsync("user@example.test");
        await Poll.UntilAsync(() => server.Commands.Any(c => c.StartsWith("BDAT", StringComparison.Ordinal)));

        var stopping = scene.Agent.StopAsync(TimeSpan.FromSeconds(30), DeliveryScene.Ended);
        await Task.Yield();
        Assert.False(stopping.IsCompleted);
        await Poll.UntilAsync(() =>
        {
            scene.Clock.Advance(TimeSpan.FromSeconds(31));
            return stopping.IsCompleted;
        });
        await stopping;

        Assert.Equal((1, 0), (scene.Queue.Count, scene.Agent.Deferred));
        Assert.False(Assert.Single(scene.Queue.Snapshot()).Claimed);
    }
}
