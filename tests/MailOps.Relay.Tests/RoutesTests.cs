using MailOps.Relay.Tests.Server;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests;

/// <summary>Routes in the relay as a whole: what the server says at RCPT, and what stays over a stop.</summary>
public sealed class RoutesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-routes-").FullName;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_recipient_is_refused_at_RCPT_by_the_listener_and_the_sender_and_others_are_not()
    {
        await using var relay = await StartAsync(
            new() { Listeners = ["127.0.0.2:0"], Recipients = ["*.closed.test"], Kind = RouteKind.Refuse, Text = "Not by this door" },
            new() { Senders = ["<>"], Kind = RouteKind.Refuse, Text = "450 4.7.1 Not now" },
            new() { Kind = RouteKind.Hold });
        var ports = relay.GetStatus().Listeners.Select(listener => listener.Port).ToArray();
        await using var open = await TestClient.ConnectAsync(ports[0]);
        await using var closed = await TestClient.ConnectAsync(ports[1], "127.0.0.2");
        Assert.All([await open.ReadReplyAsync(), await closed.ReadReplyAsync()], greeting => Assert.StartsWith("220", greeting, StringComparison.Ordinal));
        foreach (var line in (string[])["EHLO x", "MAIL FROM:<a@example.test>"])
        {
            await open.AskAsync(line);
            await closed.AskAsync(line);
        }
        Assert.Equal("250", (await open.AskAsync("RCPT TO:<b@x.closed.test>"))[..3]);
        Assert.Equal("550 5.7.1 Not by this door", (await closed.AskAsync("RCPT TO:<b@x.closed.test>")).TrimEnd());
        Assert.Equal("250", (await closed.AskAsync("RCPT TO:<b@open.test>"))[..3]);
        await open.AskAsync("RSET");
        await open.AskAsync("MAIL FROM:<>");
        Assert.Equal("450 4.7.1 Not now", (await open.AskAsync("RCPT TO:<b@x.test>")).TrimEnd());
    }

    [Fact]
    public async Task What_of_a_configuration_is_most_likely_not_meant_is_shown_with_the_relay()
    {
        await using var relay = await StartAsync(new RouteOptions() { Kind = RouteKind.Refuse }, new() { Name = "standby", Domain = "a.test", Kind = RouteKind.Refuse });
        Assert.Contains("Route 'standby' (routes[1]) takes no mail by itself, since routes[0] is for all of it and comes first; messages can only be moved to it.", relay.GetStatus().Warnings);
    }

    [Fact]
    public async Task What_came_by_a_listener_goes_its_way_also_when_the_relay_was_stopped_meanwhile()
    {
        var drop = Path.Combine(_folder, "drop");
        RouteOptions byListener = new() { Listeners = ["127.0.0.2:0"], Kind = RouteKind.Drop, DropPath = drop };
        await using (var relay = await StartAsync(new RouteOptions() { Name = "wait", Kind = RouteKind.Hold }))
        {
            foreach (var listener in relay.GetStatus().Listeners)
            {
                await using var client = await TestClient.ConnectAsync(listener.Port, listener.Endpoint.Split(':')[0]);
                Assert.StartsWith("220", await client.ReadReplyAsync(), StringComparison.Ordinal);
                foreach (var line in (string[])["EHLO x", "MAIL FROM:<a@example.test>", $"RCPT TO:<to@{listener.Endpoint.Split(':')[0].Replace('.', '-')}.test>", "DATA"]) await client.AskAsync(line);
                Assert.StartsWith("250", await client.AskAsync("Subject: x\r\n\r\n."), StringComparison.Ordinal);
            }
            await Poll.UntilAsync(() => relay.GetMessages().Count(message => message.Status == "Suspended") == 2);
        }
        await using var again = await StartAsync(byListener, new() { Name = "wait", Kind = RouteKind.Hold });
        Assert.Equal(2, again.GetMessages().Count(message => message.Status == "Suspended"));
        foreach (var message in again.GetMessages().ToList()) await again.ActOnMessagesAsync([message.QueueId], new SmtpRelayAction(SmtpRelayActionKind.Retry), Ended);
        await Poll.UntilAsync(() => again.GetStatus().MessageCount == 1);
        Assert.Contains("X-Receiver: <to@127-0-0-2.test>", await File.ReadAllTextAsync(Directory.GetFiles(drop, "*.eml").Single(), Ended), StringComparison.Ordinal);
    }

    private Task<SmtpRelay> StartAsync(params RouteOptions[] routes) => SmtpRelay.StartAsync(
        new SmtpRelayOptions
        {
            QueuePath = Path.Combine(_folder, "queue"),
            Listeners = [new ListenerOptions { Endpoint = "127.0.0.1:0", Tls = TlsMode.None }, new ListenerOptions { Endpoint = "127.0.0.2:0", Tls = TlsMode.None }],
            Routes = routes,
        }, Ended);
}
