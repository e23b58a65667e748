using System.Net;
using System.Net.Sockets;
using System.Text;
using MailOps.Messages;
using MailOps.Relay.Control;
using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using MailOps.Relay.Tests.Control;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery;

/// <summary>What becomes of messages on the routes that are neither a server nor a mailbox, and on those with several servers.</summary>
public sealed class RouteKindTests
{
    private static MailSender From(string sender) => new(EmailAddress.Parse(sender));

    [Fact]
    public async Task A_drop_folder_gets_one_file_for_all_recipients_with_the_envelope_in_front()
    {
        await using var scene = new DeliveryScene();
        var folder = scene.Temporary("drop");
        scene.Options = new SmtpRelayOptions { QueuePath = "", Routes = [new() { Kind = RouteKind.Drop, DropPath = folder }] };
        await scene.StartAsync();
        var recipients = Enumerable.Range(0, 250).Select(i => $"r{i}@d{i % 3}.test").ToArray();
        await scene.SendAsync(From("s@origin.test"), "Subject: x\r\n\r\n.\r\nö\r\n", recipients);
        await scene.UntilEmptyAsync();

        var file = Assert.Single(Directory.GetFileSystemEntries(folder));
        Assert.EndsWith(".eml", file, StringComparison.Ordinal);
        var expected = "X-Sender: <s@origin.test>\r\n" + string.Concat(recipients.Select(r => $"X-Receiver: <{r}>\r\n")) + "Subject: x\r\n\r\n.\r\nö\r\n";
        Assert.Equal(expected, Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file, DeliveryScene.Ended)));
        Assert.Equal(("DELIVER", "DROPFOLDER"), scene.Trace.Events.Select(e => (e.EventId, e.Source)).Distinct().Single());
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Whoever_may_read_the_drop_folder_may_read_its_files_and_no_other()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Rights of this kind are Unix's.");
        await using var scene = new DeliveryScene();
        var folder = Directory.CreateDirectory(scene.Temporary("drop")).FullName;
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        scene.Options = new SmtpRelayOptions { QueuePath = "", Routes = [new() { Kind = RouteKind.Drop, DropPath = folder }] };
        await scene.StartAsync();
        await scene.SendAsync(new MailSender(null), "Subject: x\r\n\r\n", "a@x.test");
        await scene.UntilEmptyAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(Directory.GetFiles(folder).Single()));
    }

    [Fact]
    public async Task A_drop_folder_that_cannot_be_written_keeps_the_message_and_its_sender_does_not_read_where_it_is()
    {
        await using var scene = new DeliveryScene();
        var file = scene.Temporary("file");
        await File.WriteAllTextAsync(file, "in the way", DeliveryScene.Ended);
        scene.Options = new SmtpRelayOptions { QueuePath = "", Routes = [new() { Kind = RouteKind.Drop, DropPath = Path.Combine(file, "drop") }] };
        await scene.StartAsync();
        await scene.SendAsync("a@x.test");
        await scene.UntilDeferredAsync(1);
        Assert.Equal("451 4.3.0 The drop folder cannot be written", scene.Queue.Snapshot().Single().Recipients[0].LastReply);
        Assert.Contains(file, Assert.Single(scene.Trace.Faults), StringComparison.Ordinal);
        scene.Trace.Forget();
    }

    [Fact]
    public async Task What_is_queued_for_a_route_that_refuses_is_returned_with_its_text()
    {
        await using var origin = new FakeMailServer();
        await using var scene = new DeliveryScene
        {
            Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("origin.test", origin), new() { Kind = RouteKind.Refuse, Text = "550 5.2.1 Closed for good" }] },
        };
        await scene.StartAsync();
        await scene.SendAsync("a@x.test", "b@y.test");
        await scene.UntilEmptyAsync();
        var report = Assert.Single(origin.Mail).Text;
        Assert.Contains("Status: 5.2.1", report, StringComparison.Ordinal);
        Assert.Contains("Closed for good", report, StringComparison.Ordinal);
        Assert.Equal(2, scene.Agent.Failed);
    }

    [Fact]
    public async Task What_a_route_holds_waits_over_a_restart_until_an_administrator_lets_it_go()
    {
        await using var server = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server, null, new RouteOptions { Name = "legal", Kind = RouteKind.Hold, Senders = ["@watched.test"] });
        var id = await admin.Scene.SendAsync(From("s@watched.test"), "Subject: x\r\n\r\n", "a@x.test");
        var free = await admin.Scene.SendAsync("b@x.test");
        await admin.Scene.UntilDeferredAsync(1);
        await Poll.UntilAsync(() => admin.Scene.Queue.Count == 1);
        await admin.Scene.Agent.DisposeAsync();
        await admin.Scene.StartAsync();
        admin.Scene.Clock.Advance(TimeSpan.FromDays(30));   // its lifetime, and more
        await admin.UntilQuietAsync();

        var message = admin.Message(id)!;
        Assert.Equal(("Suspended", null, "450 4.7.0 Held by the route 'legal': Resume-SmtpRelayMessage lets it go, Move-SmtpRelayMessage sends it elsewhere"), (message.Status, message.NextRetryTime, message.LastError));
        Assert.Null(admin.Message(free));
        var queue = Assert.Single(admin.Queues());
        Assert.Equal((@"lab\hold:legal", "Hold", "Suspended", 1, 1, null), (queue.Identity, queue.DeliveryType, queue.Status, queue.MessageCount, queue.SuspendedMessageCount, queue.NextRetryTime));
        Assert.Equal(["HOLD"], admin.Scene.Trace.Events.Where(e => e.InternalMessageId == id).Select(e => e.EventId));

        Assert.Equal(SmtpRelayActionOutcome.Done, (await Released(admin, id)).Outcome);
        await admin.Scene.UntilEmptyAsync();
        Assert.Equal(["<b@x.test>", "<a@x.test>"], server.Mail.SelectMany(mail => mail.To));
    }

    [Fact]
    public async Task That_a_preferred_smart_host_is_not_reached_is_said_until_it_is_back()
    {
        var first = new FakeMailServer();
        var port = first.Port;
        await first.DisposeAsync();
        await using var second = new FakeMailServer { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.2.0 Later" : null };
        await using var scene = new DeliveryScene
        {
            Options = new SmtpRelayOptions { QueuePath = "", Routes = [new RouteOptions { Kind = RouteKind.SmartHost, Hosts = [$"127.0.0.1:{port}", $"127.0.0.1:{second.Port}"] }] },
        };
        await scene.StartAsync();
        await scene.SendAsync("u@x.test");
        await scene.UntilDeferredAsync(1);
        var said = $"A preferred server is not reached, and mail goes to 127.0.0.1 [127.0.0.1]:{second.Port} instead: 451 4.4.1 127.0.0.1 [127.0.0.1]:{port}: connection refused";
        Assert.StartsWith($"127.0.0.1:{port},127.0.0.1:{second.Port}: {said}", Assert.Single(scene.Agent.Warnings), StringComparison.Ordinal);
        var views = new QueueViews("lab", scene.Agent.NextHopOf, scene.Agent.PaceOf);
        Assert.StartsWith(said, Assert.Single(views.Queues(scene.Queue.Sketches(), [], scene.Clock.GetUtcNow())).PreferredServerError, StringComparison.Ordinal);

        await using var back = new FakeMailServer(port: port);
        scene.Clock.Advance(TimeSpan.FromMinutes(5));
        await scene.UntilEmptyAsync();
        Assert.Single(back.Mail);
        Assert.Empty(scene.Agent.Warnings);
    }

    [Fact]
    public async Task A_queue_of_what_is_held_is_suspended_and_not_down_however_much_it_is_and_what_is_let_go_is_no_longer_said_to_be_held()
    {
        await using var server = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server, null, new RouteOptions { Domain = "held.test", Kind = RouteKind.Hold });
        for (var i = 0; i < 60; i++) await admin.Scene.SendAsync($"u{i}@held.test");
        await admin.Scene.UntilDeferredAsync(60);

        var queue = Assert.Single(admin.Queues());
        Assert.Equal(("Suspended", 60, 60, null, null), (queue.Status, queue.MessageCount, queue.SuspendedMessageCount, queue.NextRetryTime, queue.DownUntil));
        Assert.StartsWith("450 4.7.0 Held by a route: Resume-SmtpRelayMessage", queue.LastError, StringComparison.Ordinal);
        Assert.All(admin.Scene.Queue.Snapshot(), message => Assert.Equal("Suspended", admin.Message(message.Id)!.Status));

        // Without its route, as with it, it is held until somebody says so.
        await admin.Scene.RestartAsync(admin.Scene.Options with { Routes = [.. admin.Scene.Options.Routes.Skip(1)] });
        await admin.UntilQuietAsync();
        queue = Assert.Single(admin.Queues());
        Assert.Equal((admin.Hop, "Suspended", null), (queue.NextHopDomain, queue.Status, queue.NextRetryTime));
        Assert.Contains("Resume-SmtpRelayMessage", queue.LastError, StringComparison.Ordinal);

        await admin.Scene.Queue.SuspendHopsAsync([admin.Hop], true, DeliveryScene.Ended);
        admin.Scene.Agent.Recall();
        var id = admin.Scene.Queue.Snapshot().First().Id;
        await new MessageActions(admin.Scene.Queue, admin.Scene.Queue, admin.Scene.Agent, new AdminTrace(admin.Scene.Trace, admin.Scene.Clock), admin.Scene.Clock)
            .ActAsync([id], new SmtpRelayAction(SmtpRelayActionKind.Resume), DeliveryScene.Ended);
        await Poll.UntilAsync(() => admin.Message(id)!.Status == "Ready");   // delivery looks at it, and finds its queue suspended
        Assert.Null(admin.Message(id)!.LastError);
    }

    [Fact]
    public async Task What_a_route_holds_can_be_moved_and_its_other_recipients_do_not_wait()
    {
        await using var server = new FakeMailServer();
        await using var other = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server, null, new RouteOptions { Domain = "held.test", Kind = RouteKind.Hold });
        var id = await admin.Scene.SendAsync("a@held.test", "b@free.test");
        await admin.Scene.UntilDeferredAsync(1);
        Assert.Equal("<b@free.test>", server.Mail.Single().To.Single());
        await admin.MessageAsync(id, SmtpRelayActionKind.Retry);
        await admin.Scene.UntilDeferredAsync(2);   // the route still holds it
        Assert.Equal("Suspended", admin.Message(id)!.Status);
        await admin.MessageAsync(id, SmtpRelayActionKind.Redirect, $"127.0.0.1:{other.Port}");
        await admin.Scene.UntilEmptyAsync();
        Assert.Equal("<a@held.test>", other.Mail.Single().To.Single());
    }

    [Fact]
    public async Task To_resume_the_queue_of_what_is_held_says_how_it_is_let_go()
    {
        await using var server = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server, null, new RouteOptions { Kind = RouteKind.Hold, Domain = "held.test" });
        Assert.Contains("Get-SmtpRelayMessage -Queue hold | Resume-SmtpRelayMessage", (await admin.QueueAsync("hold", SmtpRelayActionKind.Resume)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_server_of_a_route_is_tried_in_the_same_attempt()
    {
        await using var refusing = new FakeMailServer { Greeting = "421 4.3.2 Overloaded" };
        await using var live = new FakeMailServer("127.0.0.2");
        await using var scene = new DeliveryScene
        {
            Zone = new Zone { Fail = { "A dark.test" } },
            Options = Several($"127.0.0.9:{FreePort()}", "dark.test", $"127.0.0.1:{refusing.Port}", $"127.0.0.2:{live.Port}"),
        };
        await scene.StartAsync();
        await scene.SendAsync("a@x.test");
        await scene.UntilEmptyAsync();
        Assert.Equal((1, 1, 0L), (refusing.Connections, live.Mail.Count, scene.Agent.Deferred));
    }

    [Fact]
    public async Task The_first_server_of_a_route_gets_everything_while_it_answers()
    {
        await using var first = new FakeMailServer();
        await using var second = new FakeMailServer("127.0.0.2");
        await using var scene = new DeliveryScene { Options = Several($"127.0.0.1:{first.Port}", $"127.0.0.2:{second.Port}") };
        await scene.StartAsync();
        for (var i = 0; i < 5; i++) await scene.SendAsync($"a{i}@x.test");
        await scene.UntilEmptyAsync();
        Assert.Equal((5, 0), (first.Mail.Count, second.Connections));
    }

    [Fact]
    public async Task Servers_that_have_no_address_leave_the_message_queued()
    {
        await using var scene = new DeliveryScene { Options = Several("gone.test", "lost.test") };
        await scene.StartAsync();
        await scene.SendAsync("a@x.test");
        await scene.UntilDeferredAsync(1);
        Assert.Contains("has no address in the DNS", scene.Queue.Snapshot().Single().Recipients[0].LastReply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_what_a_message_is_routed_is_known_after_a_restart()
    {
        var sender = From("s@x.test") with { Origin = new MailOrigin(IPAddress.Parse("192.0.2.7"), "helo", "ESMTP") { Listener = "127.0.0.1:587", UserName = "app" } };
        var fields = new FieldWriter(8);
        new Envelope(new QueueId(1), 1, sender, [new MailRecipient(EmailAddress.Parse("a@b.test"))], 1, false).Write(fields);
        var reader = new FieldReader(fields.Fields);
        var read = Envelope.Read(ref reader, RecordHeader.CurrentVersion).Sender;
        Assert.Equal(("192.0.2.7", "127.0.0.1:587", "app"), (read.Origin!.ClientAddress.ToString(), read.Origin.Listener, read.Origin.UserName));

        await using var server = new FakeMailServer();
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [new() { Kind = RouteKind.Hold }] } };
        await scene.StartAsync();
        await scene.SendAsync(sender, "Subject: x\r\n\r\n", "a@x.test");
        await scene.UntilDeferredAsync(1);
        await scene.RestartAsync(new SmtpRelayOptions { QueuePath = "", Routes = [new() { Kind = RouteKind.Refuse, Users = ["other"] }, DeliveryScene.Route("*", server) with { Listeners = ["127.0.0.1:0"], Users = ["app"] }, new() { Kind = RouteKind.Refuse }] });
        var held = scene.Queue.Snapshot().Single().Id;
        await scene.Queue.ChangeAsync([held], new QueueChange { NextAttempt = scene.Clock.GetUtcNow() }, DeliveryScene.Ended);
        await scene.UntilEmptyAsync();
        Assert.Single(server.Mail);
    }

    private static Task<SmtpRelayActionResult> Released(AdminScene admin, string id) => admin.MessageAsync(id, SmtpRelayActionKind.Resume);

    private static SmtpRelayOptions Several(params string[] hosts) => new() { QueuePath = "", Routes = [new() { Kind = RouteKind.SmartHost, Hosts = hosts, Tls = TlsMode.None }] };

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
