using System.Globalization;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Clients;

/// <summary>swaks in the place of a load balancer (PROXY) and of a proxy before the relay (XCLIENT).</summary>
public sealed class ProxyTests : IDisposable
{
    private static readonly string[] ThisMachine = ["127.0.0.1"];

    private readonly TestFolder _folder = new();

    [Theory]
    [InlineData("--proxy-version 1 --proxy-family TCP4 --proxy-source 192.0.2.1 --proxy-source-port 4711 --proxy-dest 198.51.100.2 --proxy-dest-port 25", "([192.0.2.1])")]
    [InlineData("--proxy-version 2 --proxy-command PROXY --proxy-family AF_INET --proxy-protocol STREAM --proxy-source 192.0.2.1 --proxy-source-port 4711 --proxy-dest 198.51.100.2 --proxy-dest-port 25", "([192.0.2.1])")]
    [InlineData("--proxy-version 2 --proxy-command PROXY --proxy-family AF_INET6 --proxy-protocol STREAM --proxy-source 2001:db8::1 --proxy-source-port 4711 --proxy-dest 2001:db8::2 --proxy-dest-port 25 --tls", "([IPv6:2001:db8::1])")]
    [InlineData("--xclient-name client.example.test --xclient-addr 192.0.2.1", "(client.example.test [192.0.2.1])")]
    public async Task Swaks_conveys_a_client_and_its_address_is_in_the_trace_header(string options, string expected)
    {
        var proxied = options.Contains("--proxy", StringComparison.Ordinal);
        await using var relay = await RelayHost.StartAsync(_folder, new
        {
            queuePath = "queue",
            listeners = new[] { new { endpoint = "127.0.0.1:0", proxyNetworks = proxied ? ThisMachine : [], xclientNetworks = proxied ? [] : ThisMachine } },
            localDomains = new[] { new { name = "example.test", mailboxPath = "mail" } },
        });
        var (exitCode, output) = await SendAsync(relay, "b@example.test", options);
        Assert.True(exitCode == 0, output);
        var box = _folder.At("mail/example.test/b/new");
        var file = await Until.FoundAsync(() => Directory.Exists(box) ? Directory.GetFiles(box).FirstOrDefault() : null, () => "the message is not in its mailbox");
        Assert.Contains(expected, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        // The proxy may relay by its own address; the client it conveys may not.
        var (refused, why) = await SendAsync(relay, "b@elsewhere.test", options);
        Assert.NotEqual(0, refused);
        Assert.Contains("550 5.7.1 Relaying denied", why, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static Task<(int ExitCode, string Output)> SendAsync(RelayHost relay, string to, string options) => ChildProcess.RunAsync(Installed.Program("swaks", "swaks"),
    [
        "--server", "127.0.0.1", "--port", relay.Port.ToString(CultureInfo.InvariantCulture), "--ehlo", "client.example.test", "--from", "a@example.test", "--to", to,
        .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries),
    ]);
}
