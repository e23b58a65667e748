using System.Globalization;
using System.Text;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.NextHops;

public sealed class SmtpSinkTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Theory]
    [InlineData("")]
    [InlineData("-p")]
    [InlineData("-e")]
    public async Task Many_messages_arrive_once_each_with_their_envelope(string option)
    {
        // -p: no PIPELINING; -e: no ESMTP at all, so that the relay must fall back to HELO (RFC 5321 section 3.2).
        await using var sink = await SmtpSink.StartAsync(_folder, option.Length > 0 ? [option] : []);
        await using var relay = await RelayAsync(sink.Port);
        await using var client = await WireClient.GreetAsync(relay.Port);
        for (var number = 0; number < 60; number++)
        {
            var reply = await client.SubmitAsync($"s{number}@example.test", $"r{number}@far.test", Encoding.ASCII.GetBytes($"Subject: {number}\r\n\r\n.\r\n..\r\n"));
            Assert.StartsWith("250 2.", reply, StringComparison.Ordinal);
        }

        var messages = await sink.ReceivedAsync(60);
        await relay.StopAsync();
        Assert.Equal(60, sink.Messages.Count);
        for (var number = 0; number < 60; number++)
        {
            var text = Assert.Single(messages, message => message.Contains($"\nSubject: {number}\n\n.\n..\n\n", StringComparison.Ordinal));
            Assert.Contains($"X-Mail-Args: <s{number}@example.test>", text, StringComparison.Ordinal);
            Assert.Contains($"X-Rcpt-Args: <r{number}@far.test>", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_message_that_is_refused_for_now_is_tried_again_until_it_is_taken()
    {
        var port = 0;
        await using (var refusing = await SmtpSink.StartAsync(_folder, "-r", "RCPT"))
        {
            port = refusing.Port;
            await using var relay = await RelayAsync(port);
            await using (var client = await WireClient.GreetAsync(relay.Port))
                await client.SubmitAsync("s@example.test", "r@far.test", Encoding.ASCII.GetBytes("Subject: Later\r\n\r\n"));
            await relay.StopAsync();   // It stays queued over a stop and a start.
            Assert.Empty(refusing.Messages);
        }

        await using var sink = await SmtpSink.StartAsync(_folder);
        await using var again = await RelayAsync(sink.Port);
        Assert.Contains("\nSubject: Later\n", Assert.Single(await sink.ReceivedAsync(1)), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task<RelayHost> RelayAsync(int port) => RelayHost.StartAsync(_folder, new
    {
        hostName = "relay.example.test",
        queuePath = _folder.At("queue"),
        listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "None" } },
        routes = new[] { new { kind = "SmartHost", host = $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}", tls = "None" } },
        retry = new { firstDelay = "00:00:01", maxDelay = "00:00:02" },
    });
}
