using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MailOps.Diagnosis;
using MailOps.Messages;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Diagnosis;

/// <summary>Servers broken in many ways, each named with the right advice.</summary>
public sealed class SmtpServerTesterTests
{
    private static readonly NetworkCredential User = new("user@example.test", "hunter2-secret");

    [Fact]
    public async Task A_server_without_fault_is_a_success_with_what_it_offers()
    {
        using var server = Good();
        var test = await RunAsync(server.Port, o => o with { Credential = User, From = "a@example.test", Recipient = "b@example.test" });

        Assert.Equal((SmtpServerVerdict.Success, 0), (test.StatusCode, test.Findings.Length));
        Assert.Equal(["Resolve", "Connect", "Greeting", "Hello", "StartTls", "Tls", "Certificate", "Hello", "Authenticate", "Sender", "Recipient", "Quit"], test.Steps.Select(step => step.Name));
        Assert.Equal(("TLS 1.3", true, 1000000L, "220 mx.test ready"), (test.TlsProtocol, test.CertificateValid, test.MaxMessageSize, test.Banner));
        Assert.Equal(["PLAIN"], test.AuthMechanisms);
        Assert.StartsWith("SMTP over TLS 1.3, certificate valid until 20", test.Details);
        Assert.Equal($"127.0.0.1:{server.Port}", test.EndPoint);
        Assert.DoesNotContain(server.Commands, command => command.StartsWith("DATA", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(["RSET", "QUIT"], server.Commands.TakeLast(2));
        Assert.All(test.Steps, step => Assert.True(step.Latency >= TimeSpan.Zero && step.Latency < test.Latency));
    }

    [Fact]
    public async Task A_name_that_does_not_resolve()
    {
        var test = await RunAsync(25, o => o with { Server = "gone.example.test", Resolve = _ => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)) });
        Is(test, "NameNotResolved", "gone.example.test", "A and AAAA");
        Assert.Null(test.EndPoint);
    }

    [Fact]
    public async Task A_resolver_that_does_not_answer()
    {
        var test = await RunAsync(25, o => o with { Timeout = TimeSpan.FromSeconds(1), Resolve = _ => new TaskCompletionSource<IPAddress[]>().Task });
        Is(test, "NameNotResolved", "does not answer", "DNS");
    }

    [Fact]
    public async Task A_closed_port_and_the_ports_that_do()
    {
        using var plain = Good();
        using var secure = Implicit();
        var test = await RunAsync(ClosedPort(), o => o with { UsualPorts = [(plain.Port, false), (secure.Port, true), (ClosedPort(), false)] });
        Is(test, "PortClosed", "refuses the connection", $"-Port {plain.Port} -Tls StartTls; -Port {secure.Port} -Tls Implicit.");
    }

    [Fact]
    public async Task A_filtered_port()
    {
        // A full backlog drops what more comes, as a firewall does.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var end = (IPEndPoint)full.LocalEndPoint!;
        using var first = new TcpClient();
        await first.ConnectAsync(end, TestContext.Current.CancellationToken);
        var test = await RunAsync(end.Port, o => o with { Timeout = TimeSpan.FromSeconds(2) });
        Is(test, "PortFiltered", "firewall", "587");
    }

    [Theory]
    [InlineData("* OK IMAP4rev1 ready\r\n", "IMAP")]
    [InlineData("* PREAUTH welcome back\r\n", "IMAP")]
    [InlineData("+OK POP3 ready\r\n", "POP3")]
    [InlineData("SSH-2.0-OpenSSH_9.9\r\n", "SSH")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP")]
    public async Task Another_protocol(string greeting, string name)
    {
        using var server = RawServer.Saying(greeting);
        var test = await RunAsync(server.Port);
        Is(test, "NotSmtp", $"speaks {name}, not SMTP", "587");
        Assert.Contains(WireText.Show(greeting.TrimEnd()), test.Steps.Last().Seen);
        Is(await RunAsync(server.Port, o => o with { Tls = TlsMode.Implicit }), "NotSmtp", name, "587");
    }

    [Fact]
    public async Task A_web_server_that_waits_for_the_question()
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.LineAsync(stream, stop);
            await RawServer.SayAsync(stream, "HTTP/1.1 400 Bad Request\r\nServer: web\r\n\r\n", stop);
        });
        Is(await RunAsync(server.Port, o => o with { Timeout = TimeSpan.FromSeconds(4) }), "NotSmtp", "speaks HTTP", "587");
    }

    [Fact]
    public async Task A_file_server()
    {
        using var server = new LoopbackSmtpServer(("(greeting)", "220 ProFTPD ready"), ("EHLO", "500 EHLO not understood"), ("HELO", "500 HELO not understood"));
        Is(await RunAsync(server.Port), "NotSmtp", "speaks FTP", "587");
    }

    [Fact]
    public async Task A_mailbox_store_and_a_server_that_likes_no_name()
    {
        using var store = new LoopbackSmtpServer(("EHLO", "500 5.5.1 no"), ("HELO", "500 5.5.1 no"), ("LHLO", "250 mx.test"));
        Is(await RunAsync(store.Port), "NotSmtp", "speaks LMTP", "587");
        using var picky = new LoopbackSmtpServer(("EHLO", "550 5.7.1 who?"), ("HELO", "550 5.7.1 who?"));
        Is(await RunAsync(picky.Port), "HelloRefused", "550 5.7.1", "-LocalDomain");
    }

    [Fact]
    public async Task Silence()
    {
        using var server = RawServer.Saying("");
        Is(await RunAsync(server.Port, o => o with { Timeout = TimeSpan.FromSeconds(6) }), "NoGreeting", "says nothing", "-Timeout");
    }

    [Fact]
    public async Task Implicit_tls_where_plain_text_was_tried()
    {
        using var server = Implicit();
        Is(await RunAsync(server.Port, o => o with { Tls = TlsMode.StartTls, Timeout = TimeSpan.FromSeconds(12) }), "TlsModeWrong", "wants TLS from the first byte", "-Tls Implicit");
    }

    [Fact]
    public async Task Plain_text_where_implicit_tls_was_tried()
    {
        using var server = Good();
        Is(await RunAsync(server.Port, o => o with { Tls = TlsMode.Implicit }), "TlsModeWrong", "speaks in plain text first", "-Tls StartTls");
    }

    [Fact]
    public async Task Starttls_that_is_missing_is_grave_where_it_is_required()
    {
        using var server = new LoopbackSmtpServer(("STARTTLS", "502 5.5.1 no"));
        var required = await RunAsync(server.Port, o => o with { Tls = TlsMode.StartTls });
        Is(required, "StartTlsNotOffered", "plain text", "certificate");
        Assert.Equal(SmtpServerVerdict.Failure, required.StatusCode);
        Assert.Equal(SmtpServerVerdict.Warning, (await RunAsync(server.Port)).StatusCode);
    }

    [Fact]
    public async Task Starttls_that_is_taken_away()
    {
        using var masked = new LoopbackSmtpServer(("STARTTLS", "500 5.5.1 unrecognised")) { Keywords = ["SIZE 100", "XXXXXXXA"] };
        Is(await RunAsync(masked.Port), "StartTlsStripped", "XXXXXXXA", "no inspect esmtp");

        using var hidden = new LoopbackSmtpServer(("EHLO", "250-mx.test\r\n250 SIZE 100")) { Certificate = TrustedCertificate.ForLocalhost };
        Is(await RunAsync(hidden.Port), "StartTlsStripped", "works all the same", "no inspect esmtp");
    }

    [Fact]
    public async Task Starttls_that_is_refused_or_required()
    {
        using var refused = new LoopbackSmtpServer(("STARTTLS", "454 4.7.0 TLS not available")) { Certificate = TrustedCertificate.ForLocalhost };
        Is(await RunAsync(refused.Port, o => o with { Tls = TlsMode.StartTls }), "StartTlsRefused", "454 4.7.0", "key");

        using var required = new LoopbackSmtpServer(("MAIL FROM:", "530 5.7.0 Must issue a STARTTLS command first")) { Certificate = TrustedCertificate.ForLocalhost };
        Is(await RunAsync(required.Port, o => o with { Tls = TlsMode.None }), "TlsRequired", "530 5.7.0", "-Tls StartTls");
    }

    [Fact]
    public async Task Replies_behind_starttls_end_the_test_before_tls()
    {
        using var server = new LoopbackSmtpServer(("STARTTLS", "220 2.0.0 go on\r\n250-mx.test\r\n250 AUTH PLAIN")) { Certificate = TrustedCertificate.ForLocalhost };
        var test = await RunAsync(server.Port, o => o with { Credential = User });
        Is(test, "RepliesInjected", "AUTH PLAIN", "CVE-2011-0411");
        Assert.Equal("STARTTLS", server.Commands.Last());
    }

    [Fact]
    public async Task Certificates_that_prove_nothing()
    {
        await Certified(Certificates.SelfSigned("localhost", -30, -1), "CertificateExpired", "expired on", "Renew");
        await Certified(Certificates.SelfSigned("localhost", 1, 30), "CertificateNotYetValid", "valid from", "clock");
        await Certified(Certificates.SelfSigned("localhost"), "CertificateSelfSigned", "self-signed", "authority");
        await Certified(TrustedCertificate.ForLoopback!, "CertificateNameMismatch", "not for localhost", "alternative names");
        await Certified(IssuedCertificate.For("localhost"), "CertificateChainIncomplete", "neither sent", "full chain");
    }

    [Fact]
    public async Task Tls_of_old_only()
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            var hello = new byte[4096];
            if (await stream.ReadAsync(hello, stop) < 11) return;
            // An alert to everybody but TLS 1.0; to that a ServerHello of 1.0 with AES128-SHA.
            if (hello[9] == 3 && hello[10] == 1) await stream.WriteAsync(new byte[] { 0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1 }.Concat(new byte[32]).Concat(new byte[] { 0, 0, 0x2f, 0 }).ToArray(), stop);
            else await stream.WriteAsync(new byte[] { 0x15, 3, 1, 0, 2, 2, 70 }, stop);
            await RawServer.ListenAsync(stream, stop);
        });
        Is(await RunAsync(server.Port, o => o with { Tls = TlsMode.Implicit }), "TlsTooOld", "TLS 1.0", "TLS 1.2");
    }

    [Fact]
    public async Task Tls_that_fails()
    {
        using var server = new LoopbackSmtpServer { Certificate = Certificates.WithoutKey(TrustedCertificate.ForLocalhost!) };
        Is(await RunAsync(server.Port), "TlsFailed", "handshake", "certificate without its key");
    }

    [Theory]
    [InlineData("535 5.7.8 no", "CredentialRefused", "user name and password")]
    [InlineData("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant", "BasicAuthDisabled", "Set-TransportConfig")]
    [InlineData("550 5.7.30 Basic authentication is not supported for Client Submission.", "BasicAuthDisabled", "XOAUTH2")]
    [InlineData("504 5.5.4 unknown mechanism", "AuthMechanismUnsupported", "list of mechanisms")]
    [InlineData("534 5.7.9 too weak", "AuthMechanismTooWeak", "app password")]
    [InlineData("454 4.7.0 temporary", "AuthUnavailable", "passes")]
    public async Task Credentials_that_are_refused(string reply, string id, string advice)
    {
        using var server = Good(("AUTH PLAIN", reply));
        Is(await RunAsync(server.Port, o => o with { Credential = User, Recipient = "b@example.test" }), id, reply.Split(' ')[0], advice);
        Assert.DoesNotContain(server.Commands, command => command.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Authentication_that_is_not_there_or_not_for_passwords()
    {
        using var none = Offering("SIZE 100");
        Is(await RunAsync(none.Port, o => o with { Credential = User }), "AuthNotOffered", "no authentication under TLS", "587");
        using var tokens = Offering("AUTH XOAUTH2 GSSAPI");
        Is(await RunAsync(tokens.Port, o => o with { Credential = User }), "AuthMechanismUnsupported", "XOAUTH2 GSSAPI", "access token");
    }

    [Fact]
    public async Task Authentication_in_plain_text_is_a_warning()
    {
        using var server = new LoopbackSmtpServer { Certificate = TrustedCertificate.ForLocalhost, Keywords = ["AUTH PLAIN"] };
        var test = await RunAsync(server.Port);
        Is(test, "AuthBeforeTls", "plain text (PLAIN)", "smtpd_tls_auth_only");
        Assert.Equal(SmtpServerVerdict.Warning, test.StatusCode);
    }

    [Fact]
    public async Task A_credential_goes_out_under_verified_tls_only()
    {
        using var bad = new LoopbackSmtpServer { Keywords = ["AUTH PLAIN LOGIN"], Certificate = Certificates.SelfSigned("localhost") };
        using var plain = new LoopbackSmtpServer(("STARTTLS", "502 5.5.1 no")) { Keywords = ["AUTH PLAIN LOGIN"] };
        foreach (var tls in new[] { TlsMode.Auto, TlsMode.StartTls, TlsMode.None })
        {
            foreach (var server in new[] { bad, plain })
            {
                var test = await RunAsync(server.Port, o => o with { Credential = User, Tls = tls, Recipient = "b@example.test" });
                Assert.Contains(test.Findings, finding => finding.Id == "CredentialWithheld");
                Assert.DoesNotContain(server.Commands, command => command.StartsWith("AUTH", StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    [Fact]
    public async Task A_password_that_the_server_repeats_is_not_shown()
    {
        using var server = Good(("AUTH PLAIN", $"535 5.7.8 wrong: {User.Password} {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"\0{User.UserName}\0{User.Password}"))}"));
        var test = await RunAsync(server.Port, o => o with { Credential = User });
        var all = string.Join(" ", test.Steps.Select(step => step.ToString()).Concat(test.Findings.Select(finding => finding.ToString())).Append(test.Details));
        Assert.Contains("********", all);
        Assert.DoesNotContain(User.Password, all);
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"\0{User.UserName}\0{User.Password}")), all);
    }

    [Theory]
    [InlineData("RCPT TO:", "554 5.7.1 <b@example.test>: Relay access denied", "RelayingDenied", "authenticate")]
    [InlineData("RCPT TO:", "550 5.7.54 SMTP; Unable to do that", "RelayingDenied", "authenticate")]
    [InlineData("RCPT TO:", "550 5.1.1 User unknown", "RecipientRefused", "Check the address")]
    [InlineData("RCPT TO:", "450 4.2.0 Greylisted", "RecipientDeferred", "Greylisting")]
    [InlineData("MAIL FROM:", "550 5.1.8 bad sender", "SenderRefused", "may send as")]
    [InlineData("MAIL FROM:", "530 5.7.0 Authentication required", "AuthRequired", "-Credential")]
    [InlineData("(greeting)", "554 5.7.1 your address is listed", "ServiceRefused", "block list")]
    [InlineData("(greeting)", "421 4.3.2 busy", "ServiceRefused", "later")]
    public async Task What_the_server_refuses(string command, string reply, string id, string advice)
    {
        using var server = Good((command, reply));
        Is(await RunAsync(server.Port, o => o with { From = "a@example.test", Recipient = "b@example.test" }), id, reply.Split(' ')[0], advice);
    }

    [Fact]
    public async Task A_message_that_is_too_large()
    {
        using var looks = Good(("MAIL FROM:", "552 5.3.4 too big"));
        Is(await RunAsync(looks.Port, o => o with { MessageSize = 2_000_000 }), "MessageTooLarge", "1000000 bytes", "limit");
        Assert.Contains("MAIL FROM:<> SIZE=2000000", looks.Commands);
        using var later = Good();
        Is(await RunAsync(later.Port, o => o with { MessageSize = 2_000_000 }), "MessageTooLarge", "1000000 bytes", "limit");
    }

    [Fact]
    public async Task Options_that_would_be_commands_are_refused()
    {
        foreach (var options in new[] { Options(25) with { Server = "a\r\nb" }, Options(25) with { LocalDomain = "a\r\nb" } })
            Assert.Equal(ErrorCode.InvalidDomain, (await Assert.ThrowsAsync<MailOpsException>(() => SmtpServerTester.RunAsync(options, TestContext.Current.CancellationToken))).Code);
        foreach (var options in new[] { Options(25) with { From = "a@x.test>\r\nDATA" }, Options(25) with { Recipient = "nobody" } })
            Assert.Equal(ErrorCode.InvalidAddress, (await Assert.ThrowsAsync<MailOpsException>(() => SmtpServerTester.RunAsync(options, TestContext.Current.CancellationToken))).Code);
    }

    [Fact]
    public async Task A_cancellation_ends_it_at_once()
    {
        using var server = RawServer.Saying("");
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SmtpServerTester.RunAsync(Options(server.Port) with { Timeout = TimeSpan.FromMinutes(5) }, stop.Token));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
    }

    internal static SmtpServerTestOptions Options(int port) => new()
    {
        Server = "localhost",
        Port = port,
        LocalDomain = "client.test",
        Timeout = TimeSpan.FromSeconds(20),
        UsualPorts = [],
        Resolve = _ => Task.FromResult(new[] { IPAddress.Loopback }),
    };

    internal static Task<SmtpServerTest> RunAsync(int port, Func<SmtpServerTestOptions, SmtpServerTestOptions>? change = null) =>
        SmtpServerTester.RunAsync((change ?? (o => o))(Options(port)), TestContext.Current.CancellationToken);

    /// <summary>The gravest finding is this one; the test took no longer than its time.</summary>
    internal static void Is(SmtpServerTest test, string id, string problem, string advice)
    {
        Assert.True(test.Findings.Length > 0, test.Details);
        Assert.True(test.Findings[0].Id == id, string.Join("\n", test.Findings.Select(f => f.ToString()).Concat(test.Steps.Select(s => s.ToString()))));
        Assert.Contains(problem, test.Findings[0].Problem);
        Assert.Contains(advice, test.Findings[0].Advice);
        Assert.Equal(test.Details, test.Findings[0].Problem);
    }

    /// <summary>A server as it should be, but for what is said.</summary>
    internal static LoopbackSmtpServer Good(params (string, string)[] replies) =>
        new(replies) { Certificate = TrustedCertificate.ForLocalhost, Keywords = ["SIZE 1000000"], TlsKeywords = ["SIZE 1000000", "AUTH PLAIN"] };

    private static LoopbackSmtpServer Offering(params string[] keywords) => new() { Certificate = TrustedCertificate.ForLocalhost, Keywords = ["SIZE 100"], TlsKeywords = keywords };

    private static LoopbackSmtpServer Implicit() => new() { Certificate = TrustedCertificate.ForLocalhost, ImplicitTls = true };

    private static async Task Certified(X509Certificate2 certificate, string id, string problem, string advice)
    {
        using var server = new LoopbackSmtpServer { Certificate = certificate };
        var test = await RunAsync(server.Port, o => o with { Tls = TlsMode.StartTls });
        var found = Assert.Single(test.Findings, finding => finding.Id == id);
        Assert.Equal(SmtpServerVerdict.Failure, found.Severity);
        Assert.Contains(problem, found.Problem);
        Assert.Contains(advice, found.Advice);
        Assert.False(test.CertificateValid);
    }

    private static int ClosedPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
