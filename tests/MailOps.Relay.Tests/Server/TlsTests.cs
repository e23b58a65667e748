using System.Net;
using System.Net.Security;
using System.Text;
using MailKit.Net.Smtp;
using MailKit.Security;
using MailOps.Relay.Tests.Server.Fuzzing;
using MailOps.Relay.Tests.Server.Handshake;
using MimeKit;

namespace MailOps.Relay.Tests.Server;

public sealed class TlsTests
{
    [Theory]
    [InlineData(TlsMode.StartTls)]
    [InlineData(TlsMode.Implicit)]
    public async Task An_independent_client_sends_over_TLS_with_AUTH(TlsMode mode)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var server = TestServer.Start(with: TestServer.Listener(l => l with { Tls = mode, RequireTls = true, RequireAuthentication = true }));
        Assert.Equal(mode, server.Server.Listeners[0].Tls);
        using var client = new SmtpClient { ServerCertificateValidationCallback = (_, certificate, _, _) => TestServer.IsItsCertificate(certificate), LocalDomain = "client.example.test" };
        await client.ConnectAsync("127.0.0.1", server.Port, mode == TlsMode.Implicit ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls, stop);
        await client.AuthenticateAsync(TestServer.User, TestServer.Password, stop);
        foreach (var size in new[] { 10, 1_000_000 })
        {
            using var message = new MimeMessage();
            message.From.Add(new MailboxAddress("", "a@example.test"));
            message.To.Add(new MailboxAddress("", "b@example.test"));
            message.Body = new TextPart("plain") { Text = ".dots\r\n" + string.Concat(Enumerable.Repeat("..\r\n", size / 4)) };
            Assert.Contains("queued", await client.SendAsync(message, stop), StringComparison.Ordinal);
            var taken = server.Target.Taken.Last();
            using var expected = new MemoryStream();
            var format = FormatOptions.Default.Clone();
            format.NewLineFormat = NewLineFormat.Dos;
            await message.WriteToAsync(format, expected, stop);
            Assert.Equal(System.Text.Encoding.Latin1.GetString(expected.ToArray()).TrimEnd(), taken.Body.TrimEnd());
            Assert.Equal("ESMTPSA", taken.Sender.Origin!.Protocol);
            Assert.StartsWith("TLSv1.3 with cipher TLS_", taken.Sender.Origin.Tls, StringComparison.Ordinal);
            Assert.Contains("\r\n\t(using TLSv1.3 with cipher TLS_", taken.Trace, StringComparison.Ordinal);
        }
        await client.DisconnectAsync(true, stop);
        Assert.Empty(server.Trace.Faults);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_in_the_words_of_the_protocol()
    {
        await using var server = TestServer.Start();
        using var client = new SmtpClient { ServerCertificateValidationCallback = (_, certificate, _, _) => TestServer.IsItsCertificate(certificate) };
        await client.ConnectAsync("127.0.0.1", server.Port, SecureSocketOptions.StartTls, TestContext.Current.CancellationToken);
        var e = await Assert.ThrowsAsync<AuthenticationException>(() => client.AuthenticateAsync(new SaslMechanismPlain(TestServer.User, "wrong"), TestContext.Current.CancellationToken));
        Assert.Contains("5.7.8", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EHLO injected.example.test\r\n")]
    [InlineData("MAIL FROM:<injected@example.test>\r\n")]
    [InlineData("x")]
    public async Task What_comes_with_STARTTLS_ends_the_session(string injected)
    {
        await using var server = TestServer.Start();
        foreach (var piece in new[] { int.MaxValue, 1000 })
        {
            var said = await server.TalkAsync("EHLO x\r\nSTARTTLS\r\n" + injected, piece);
            Assert.EndsWith("250 STARTTLS\r\n554 5.5.1 Nothing may follow STARTTLS before its reply\r\n", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_was_said_before_TLS_is_forgotten()
    {
        await using var server = TestServer.Start(with: TestServer.Listener(l => l with { AllowPlainTextAuthentication = true }));
        await using var plain = await server.ConnectAsync();
        await plain.AskAsync("EHLO x");
        Assert.Equal("235 2.7.0 Authentication successful", await plain.AskAsync("AUTH PLAIN AHByaW50ZXIAdDBwIHNlY3JldA=="));
        Assert.Equal("220 2.0.0 Ready to start TLS", await plain.AskAsync("STARTTLS"));
        await using var tls = await SecureAsync(plain);
        Assert.Equal("503 5.5.1 Say EHLO first", await tls.AskAsync("MAIL FROM:<a@example.test>"));
        Assert.EndsWith("250-REQUIRETLS\r\n250 AUTH PLAIN LOGIN", await tls.AskAsync("EHLO x"), StringComparison.Ordinal);   // STARTTLS stood between them
        Assert.Equal("503 5.5.1 TLS is already active", await tls.AskAsync("STARTTLS"));
        Assert.Equal("221 2.0.0 Bye", await tls.AskAsync("QUIT"));
        Assert.Equal("", await tls.ReadReplyAsync());
    }

    [Fact]
    public async Task A_handshake_that_fails_ends_the_session_quietly()
    {
        await using var server = TestServer.Start(with: TestServer.Listener(l => l with { Tls = TlsMode.Implicit }));
        await using var client = await TestClient.ConnectAsync(server.Port);
        await client.SendAsync("EHLO this is not TLS\r\n");
        await WaitUntilAsync(() => server.Server.SessionCount == 0);
        Assert.Empty(server.Trace.Faults);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(int.MaxValue)]
    public async Task A_first_record_that_is_no_handshake_ends_it_as_quietly(int piece)
    {
        await using var server = TestServer.Start(with: TestServer.Listener(l => l with { Tls = TlsMode.Implicit }));
        Assert.Equal("", await server.TalkAsync("\u0006\u0003\u0044\u0009\u00ed" + new string('x', 3000), piece));
        Assert.Empty(server.Trace.Faults);
    }

    [Theory]
    [InlineData("\x17\x03\x03\0\x30 this is no record")]
    [InlineData("\x15\x03\x03\0\x02\x02\x28")]                  // an alert in clear
    [InlineData("\x16\x03\x03\0\x04\x01\0\0\0")]                // a handshake begun anew
    [InlineData("GET / HTTP/1.1\r\n")]
    public async Task A_client_that_breaks_TLS_ends_its_own_session_and_leaves_nothing_behind(string records)
    {
        await using var server = TestServer.Start(with: TestServer.Listener(l => l with { Tls = TlsMode.Implicit }));
        var (client, end) = DuplexStream.Pair();
        var serving = server.Server.ServeAsync(end, IPAddress.Loopback, server.Server.Bound[0]);
        await using (var tls = await TlsClient.SecureAsync(client, "mx.example.test"))
        {
            await client.WriteAsync(Encoding.Latin1.GetBytes(records + new string('x', 60)), TestContext.Current.CancellationToken);
            await client.EndAsync();
            await serving.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        }
        await Assert.ThrowsAnyAsync<Exception>(async () => await end.WriteAsync(new byte[1], TestContext.Current.CancellationToken));   // the stream was closed
        Assert.Equal(0, server.Server.SessionCount);
        Assert.Empty(server.Trace.Faults);
    }

    [Fact]
    public async Task Without_TLS_it_is_neither_offered_nor_taken()
    {
        await using var server = TestServer.Start(with: TestServer.Listener(l => l with { Tls = TlsMode.None }));
        var said = await server.TalkAsync("EHLO x\r\nSTARTTLS\r\n");
        Assert.EndsWith("250 LIMITS RCPTMAX=1000\r\n502 5.5.1 Command not implemented\r\n", said, StringComparison.Ordinal);
    }

    private static async Task<TestClient> SecureAsync(TestClient plain)
    {
        var tls = new SslStream(plain.Stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mx.example.test", RemoteCertificateValidationCallback = (_, certificate, _, _) => TestServer.IsItsCertificate(certificate) });
        return new TestClient(null, tls);
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 3000 && !condition(); i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.True(condition());
    }
}
