using System.Globalization;
using System.Text;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.NextHops;

/// <summary>Routes towards servers that nobody here wrote: Postfix's smtp-sink says who came, and from where.</summary>
public sealed class RouteTests : IDisposable
{
    private readonly TestFolder _folder = new(), _first = new(), _second = new();

    [Fact]
    public async Task Mail_goes_to_the_next_server_where_the_first_is_gone_and_comes_from_the_source_address()
    {
        var first = await SmtpSink.StartAsync(_first);
        await using var second = await SmtpSink.StartAsync(_second);
        string[] sources = ["127.0.0.66", "::1"];
        await using var relay = await RelayAsync(new
        {
            kind = "SmartHost",
            tls = "None",
            hosts = new[] { At(first), At(second) },
            sourceAddresses = sources,
            addressFamily = "PreferIPv4",
        });
        await SubmitAsync(relay, "one");
        var one = Assert.Single(await first.ReceivedAsync(1));
        Assert.Contains("X-Client-Addr: 127.0.0.66\n", one, StringComparison.Ordinal);
        await first.DisposeAsync();
        await SubmitAsync(relay, "two");
        var two = Assert.Single(await second.ReceivedAsync(1));
        Assert.Contains("\nSubject: two\n", two, StringComparison.Ordinal);
        Assert.Contains("X-Client-Addr: 127.0.0.66\n", two, StringComparison.Ordinal);
        await relay.StopAsync();
    }

    public void Dispose()
    {
        _folder.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    private static string At(SmtpSink sink) => "127.0.0.1:" + sink.Port.ToString(CultureInfo.InvariantCulture);

    private static async Task SubmitAsync(RelayHost relay, string subject)
    {
        await using var client = await WireClient.GreetAsync(relay.Port);
        Assert.StartsWith("250 2.", await client.SubmitAsync("s@example.test", "r@far.test", Encoding.ASCII.GetBytes($"Subject: {subject}\r\n\r\n")), StringComparison.Ordinal);
    }

    private Task<RelayHost> RelayAsync(params object[] routes) => RelayHost.StartAsync(_folder, new
    {
        hostName = "relay.example.test",
        queuePath = _folder.At("queue"),
        listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "None" } },
        routes,
        retry = new { firstDelay = "00:00:01", maxDelay = "00:00:02" },
    });
}
