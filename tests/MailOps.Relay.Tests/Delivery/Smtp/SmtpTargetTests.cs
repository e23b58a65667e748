using System.Net.Sockets;
using System.Text;
using MailOps.Messages;
using MailOps.Relay.Configuration;
using MailOps.Relay.Delivery;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Delivery.Smtp.Authentication;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using Certificates = MailOps.Tests.Shared.Certificates;

namespace MailOps.Relay.Tests.Delivery.Smtp;

public sealed class SmtpTargetTests
{
    private readonly RecordingTrace _trace = new();

    [Fact]
    public async Task The_next_host_is_tried_where_one_cannot_be_reached_or_greets_with_a_refusal()
    {
        await using var refusing = new FakeMailServer("127.0.0.2") { Greeting = "421 4.3.2 Overloaded" };
        await using var live = new FakeMailServer("127.0.0.3", refusing.Port);
        var dns = new Zone
        {
            Mx = { ["example.test"] = [(10, "dead.test"), (20, "busy.test"), (30, "live.test")] },
            Addresses = { ["dead.test"] = ["127.0.0.4"], ["busy.test"] = ["127.0.0.2"], ["live.test"] = ["127.0.0.3"] },
        };

        var outcome = await SendAsync(new NextHop(RouteKind.Mx, "example.test") { Port = live.Port }, dns);

        Assert.Equal((DeliveryStatus.Delivered, $"live.test [127.0.0.3]:{live.Port}"), (outcome.Status, outcome.RemoteHost));
        Assert.Equal(1, refusing.Connections);
    }

    [Fact]
    public async Task Where_no_host_can_be_reached_the_reply_names_the_last_and_why()
    {
        var port = FreePort();
        var dns = new Zone { Mx = { ["example.test"] = [(10, "dead.test")] }, Addresses = { ["dead.test"] = ["127.0.0.4"] } };

        var outcome = await SendAsync(new NextHop(RouteKind.Mx, "example.test") { Port = port }, dns);

        Assert.Equal($"Deferred: 451 4.4.1 dead.test [127.0.0.4]:{port}: connection refused while connecting", Conversation.Text(outcome));
    }

    [Fact]
    public async Task Opportunistic_TLS_takes_any_certificate()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("other.test") };

        Assert.Equal(DeliveryStatus.Delivered, (await SendAsync(SmartHost(server))).Status);
        Assert.Equal(["EHLO", "STARTTLS", "EHLO"], server.Commands.Take(3).Select(c => c.Split(' ')[0]));
    }

    [Fact]
    public async Task Opportunistic_TLS_that_fails_gives_way_to_plain_text()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.WithoutKey(Certificates.SelfSigned("127.0.0.1")) };

        Assert.Equal(DeliveryStatus.Delivered, (await SendAsync(SmartHost(server))).Status);
        Assert.Equal(2, server.Connections);
        Assert.Single(server.Commands, c => c == "STARTTLS");
    }

    [Theory]
    [InlineData(TlsMode.StartTls)]
    [InlineData(TlsMode.Implicit)]
    public async Task Required_TLS_refuses_a_certificate_nobody_vouches_for(TlsMode tls)
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("127.0.0.1"), ImplicitTls = tls == TlsMode.Implicit };

        var outcome = await SendAsync(SmartHost(server, new() { Tls = tls }));

        Assert.Equal((DeliveryStatus.Deferred, "4.7.5"), (outcome.Status, outcome.Reply.EnhancedCode));
        Assert.Contains("does not prove that it is 127.0.0.1 (", outcome.Reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_told_as_such()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("other.test") };

        var outcome = await SendAsync(SmartHost(server, new() { Tls = TlsMode.StartTls }));

        Assert.Contains("it is for another name", outcome.Reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TlsMode.StartTls)]
    [InlineData(TlsMode.Implicit)]
    public async Task Required_TLS_takes_any_certificate_where_the_route_says_so(TlsMode tls)
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("other.test"), ImplicitTls = tls == TlsMode.Implicit };

        Assert.Equal(DeliveryStatus.Delivered, (await SendAsync(SmartHost(server, new() { Tls = tls, SkipCertificateValidation = true }))).Status);
    }

    [Fact]
    public async Task Required_TLS_is_never_replaced_by_plain_text()
    {
        await using var server = new FakeMailServer();

        var outcome = await SendAsync(SmartHost(server, new() { Tls = TlsMode.StartTls }));

        Assert.Equal($"Deferred: 451 4.7.4 127.0.0.1 [127.0.0.1]:{server.Port}: TLS is required and the server does not offer STARTTLS; failed while sending STARTTLS", Conversation.Text(outcome));
        Assert.Empty(server.Mail);
    }

    [Fact]
    public async Task A_password_is_sent_inside_TLS()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("127.0.0.1") };
        server.Extensions = [.. server.Extensions, "AUTH PLAIN"];
        server.On = line => line.StartsWith("AUTH PLAIN ", StringComparison.Ordinal) ? "235 2.7.0 Ok" : null;

        var outcome = await SendAsync(WithPassword(SmartHost(server)));

        Assert.Equal(DeliveryStatus.Delivered, outcome.Status);
        Assert.Equal(["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL"], server.Commands.Take(5).Select(c => c.Split(' ')[0]));
        Assert.Equal("AUTH PLAIN " + Convert.ToBase64String(Encoding.UTF8.GetBytes("\0user\0p\u00e4ss")), server.Commands[3]);
    }

    [Fact]
    public async Task A_password_stays_here_where_the_server_offers_no_TLS()
    {
        await using var server = new FakeMailServer();
        server.Extensions = [.. server.Extensions, "AUTH PLAIN LOGIN"];

        var outcome = await SendAsync(WithPassword(SmartHost(server)));

        Assert.Equal(DeliveryStatus.Deferred, outcome.Status);
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_password_is_temporary_and_no_other_host_is_asked()
    {
        await using var server = new FakeMailServer("127.0.0.2") { Certificate = Certificates.SelfSigned("smart.test") };
        await using var other = new FakeMailServer("127.0.0.3", server.Port) { Certificate = server.Certificate };
        server.Extensions = [.. server.Extensions, "AUTH PLAIN"];
        server.On = line => line.StartsWith("AUTH", StringComparison.Ordinal) ? "535 5.7.8 Wrong password" : null;
        var hop = WithPassword(new NextHop(RouteKind.SmartHost, "smart.test") { Server = new HostPort("smart.test", server.Port) });

        var outcome = await SendAsync(hop, new Zone { Addresses = { ["smart.test"] = ["127.0.0.2", "127.0.0.3"] } });

        Assert.Equal($"Deferred: 451 4.7.8 smart.test [127.0.0.2]:{server.Port} said '535 5.7.8 Wrong password' while authenticating. Check user name and password; some providers want an app password or OAuth 2.0", Conversation.Text(outcome));
        Assert.Equal(0, other.Connections);
    }

    [Fact]
    public async Task A_password_that_cannot_be_fetched_defers_and_only_the_log_says_where_it_should_be()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("127.0.0.1") };
        server.Extensions = [.. server.Extensions, "AUTH PLAIN"];

        var outcome = await SendAsync(SmartHost(server, new() { UserName = "user", Password = new SecretReference { EnvironmentVariable = "MAILOPS_TEST_ABSENT" } }));

        Assert.Equal((DeliveryStatus.Deferred, "4.3.5"), (outcome.Status, outcome.Reply.EnhancedCode));
        Assert.DoesNotContain("MAILOPS_TEST_ABSENT", outcome.Reply.Text, StringComparison.Ordinal);
        Assert.Contains("MAILOPS_TEST_ABSENT", Assert.Single(_trace.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LMTP_over_a_Unix_socket()
    {
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "This system has no Unix sockets.");
        var folder = Directory.CreateTempSubdirectory("mailops-lmtp-");
        try
        {
            var path = Path.Combine(folder.FullName, "lmtp");
            await using var server = new FakeMailServer(new UnixDomainSocketEndPoint(path)) { IsLmtp = true };

            var outcome = await SendAsync(new NextHop(RouteKind.Lmtp, "unix:" + path) { Server = new HostPort("", 0, path) });

            Assert.Equal((DeliveryStatus.Delivered, "unix:" + path), (outcome.Status, outcome.RemoteHost));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static NextHop SmartHost(FakeMailServer server, RouteOptions? route = null) =>
        new(RouteKind.SmartHost, "smart") { Server = new HostPort("127.0.0.1", server.Port), Way = route is null ? null : new RouteWay(route) };

    private static NextHop WithPassword(NextHop hop)
    {
        var password = new System.Security.SecureString();
        foreach (var c in "p\u00e4ss") password.AppendChar(c);
        return hop with { Way = new RouteWay(new RouteOptions { UserName = "user", Password = new SecretReference { Value = password }, SkipCertificateValidation = hop.Server!.Host == "smart.test" }) };
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("127.0.0.4"), 0));
        return ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task<DeliveryOutcome> SendAsync(NextHop hop, Zone? dns = null)
    {
        var ended = TestContext.Current.CancellationToken;
        using var credentials = new CredentialStore(_trace, TimeProvider.System);
        await using var target = new SmtpTarget(hop, new DeliveryContext("relay.test", new OwnEndPoints([]), dns ?? new Zone(), new DeliveryOptions(), _trace, TimeProvider.System, ended) { Credentials = credentials });
        var begun = await target.BeginAsync(new MailSender(EmailAddress.Parse("a@origin.test")), ended);
        if (begun.Transaction is not { } transaction) return DeliveryOutcome.From(begun.Reply);
        await using (transaction)
        {
            await transaction.AddRecipientAsync(new MailRecipient(EmailAddress.Parse("b@example.test")), ended);
            return Assert.Single(await transaction.CommitAsync(new MemoryContent("x\r\n"u8.ToArray()), ended));
        }
    }
}
