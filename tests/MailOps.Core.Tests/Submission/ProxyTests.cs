using System.Net;
using System.Net.Sockets;
using MailOps.Submission;
using MailOps.Tests.Shared;
using static MailOps.Core.Tests.Submission.SmtpSubmissionTests;

namespace MailOps.Core.Tests.Submission;

public sealed class ProxyTests
{
    [Theory]
    [InlineData("socks5", false)]
    [InlineData("socks5", true)]
    [InlineData("http", false)]
    [InlineData("http", true)]
    public async Task Mail_goes_through_the_proxy_which_looks_the_name_up(string scheme, bool credential)
    {
        using var server = new LoopbackSmtpServer();
        using var proxy = new LoopbackProxy(server.Port, credential ? "user:secret" : null);

        var result = await ThroughAsync($"{scheme}://127.0.0.1:{proxy.Port}", credential ? new NetworkCredential("user", "secret") : null);

        Assert.Empty(result.Errors);
        Assert.Single(server.Messages);
        Assert.Equal(["mail.nowhere.test:2525"], proxy.Asked);
        Assert.Equal("mail.nowhere.test:2525", result.Message.SmtpServer);
    }

    [Theory]
    [InlineData("socks5")]
    [InlineData("http")]
    public async Task A_proxy_that_wants_to_know_who_or_cannot_reach_the_server_is_named(string scheme)
    {
        using var shut = new LoopbackProxy(target: 0);
        using var closed = new LoopbackProxy(target: 1, "user:secret");

        foreach (var (proxy, credential) in ((LoopbackProxy, NetworkCredential?)[])[(shut, null), (closed, null), (closed, new NetworkCredential("user", "wrong-secret"))])
        {
            var error = Assert.Single((await ThroughAsync($"{scheme}://127.0.0.1:{proxy.Port}", credential)).Errors).Error;
            Assert.Equal(ErrorCode.ProxyFailed, error.Code);
            Assert.Contains($"through the proxy {scheme}://127.0.0.1:{proxy.Port}", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("wrong-secret", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_proxy_that_is_down_is_not_taken_for_the_server()
    {
        int free;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            free = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        Assert.Equal(ErrorCode.ProxyFailed, Assert.Single((await ThroughAsync($"socks5://127.0.0.1:{free}", null)).Errors).Error.Code);
    }

    [Fact]
    public async Task A_proxy_whose_certificate_nobody_vouches_for_is_named_too()
    {
        using var certificate = Certificates.SelfSigned("127.0.0.1");
        using var proxy = new LoopbackSmtpServer { Certificate = certificate, ImplicitTls = true };

        var error = Assert.Single((await ThroughAsync($"https://127.0.0.1:{proxy.Port}", null)).Errors).Error;

        Assert.Equal(ErrorCode.ProxyFailed, error.Code);
        Assert.Contains($"through the proxy https://127.0.0.1:{proxy.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_repeats_its_password_does_not_show_it()
    {
        using var proxy = new RawServer(async (stream, stop) =>
        {
            var said = "";
            while (await RawServer.LineAsync(stream, stop) is { Length: > 0 } line) said += line;
            await RawServer.SayAsync(stream, $"HTTP/1.1 407 {said}\r\n\r\n", stop);
        });

        var error = Assert.Single((await ThroughAsync($"http://127.0.0.1:{proxy.Port}", new NetworkCredential("puser", "Pr0xyS3cret"))).Errors).Error;

        Assert.Equal(ErrorCode.ProxyFailed, error.Code);
        foreach (var secret in new[] { "Pr0xyS3cret", Convert.ToBase64String("puser:Pr0xyS3cret"u8) }) Assert.DoesNotContain(secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_proxy_without_a_port_is_shown_with_the_one_that_is_used() => Assert.Equal("socks5://proxy.test:1080", ProxyServer.Shown(new Uri("socks5://proxy.test")));

    [Theory]
    [InlineData("ftp://127.0.0.1:21")]
    [InlineData("proxy.example.com")]
    [InlineData("http://user:hush@127.0.0.1:3128")]
    public async Task What_is_no_proxy_is_refused_without_showing_a_password(string proxy)
    {
        var error = Assert.Single((await ThroughAsync(proxy, null)).Errors).Error;

        Assert.Equal(ErrorCode.ProxyFailed, error.Code);
        Assert.DoesNotContain("hush", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Behind_a_proxy_the_servers_own_loopback_is_not_this_one()
    {
        var options = new SubmissionOptions { Server = "127.0.0.1", Tls = TlsMode.None, Credential = new NetworkCredential("u", "p"), Proxy = new Uri("socks5://proxy.test") };

        Assert.Equal(ErrorCode.TlsRequired, Assert.Throws<MailOpsException>(() => new SmtpSubmission(options)).Code);
    }

    private static async Task<SubmissionResult> ThroughAsync(string proxy, NetworkCredential? credential)
    {
        using var submission = new SmtpSubmission(new SubmissionOptions
        {
            Server = "mail.nowhere.test",
            Port = 2525,
            Tls = TlsMode.None,
            Timeout = TimeSpan.FromSeconds(20),
            Proxy = new Uri(proxy, UriKind.RelativeOrAbsolute),
            ProxyCredential = credential,
        });
        return await SendAsync(submission, "a@x.test");
    }
}
