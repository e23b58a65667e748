using System.Globalization;
using System.Text;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;
using MimeKit;

namespace MailOps.Peers.Tests.NextHops;

public sealed class PostfixTests : IDisposable
{
    private const string Message = "From: <sender@example.test>\r\nSubject: To Postfix\r\n\r\n.a dot\r\n..two dots\r\nThe end\r\n";
    private const string Known = "known@far.test";
    private readonly TestFolder _folder = new();
    private readonly TestFolder _peer = new();

    [Theory]
    [InlineData("None", false)]
    [InlineData("Auto", false)]
    [InlineData("Auto", true)]
    [InlineData("StartTls", true)]
    public async Task A_smart_host_takes_the_message(string tls, bool offered)
    {
        await using var postfix = await Postfix.StartAsync(_peer, [Known], 0, offered ? Certificate(new TestAuthority(_peer)) : []);
        await using var relay = await RelayAsync(SmartHost(postfix.Port, tls));
        await SendAsync(relay, Known);
        Assert.EndsWith(Message, await ReceivedAsync(postfix, relay), StringComparison.Ordinal);
        Assert.Equal(offered, postfix.Log.Contains("TLS connection established from", StringComparison.Ordinal));
        await relay.StopAsync();
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("login")]
    public async Task A_smart_host_wants_a_password_and_gets_it_over_TLS(string mechanism)
    {
        using var folder = new TestFolder();
        await using var dovecot = await Dovecot.StartAsync(folder, "s3cret");
        await using var postfix = await Postfix.StartAsync(_peer, [Known], 0, [
            .. Certificate(new TestAuthority(_peer)), .. Sasl(dovecot), $"smtpd_sasl_mechanism_filter = {mechanism}",
            "smtpd_client_restrictions = permit_sasl_authenticated, reject",
        ]);
        await using var relay = await RelayAsync(SmartHost(postfix.Port, "StartTls", "s3cret"));
        await SendAsync(relay, Known);
        await ReceivedAsync(postfix, relay);
        Assert.Contains($"sasl_method={mechanism.ToUpperInvariant()}, sasl_username=relay", postfix.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("s3cret")]
    public async Task A_smart_host_whose_certificate_nobody_vouches_for_gets_neither_password_nor_message(string? password)
    {
        using var folder = new TestFolder();
        await using var dovecot = await Dovecot.StartAsync(folder, "s3cret");
        await using var postfix = await Postfix.StartAsync(_peer, [Known], 0, [.. Certificate(new TestAuthority(_peer)), .. Sasl(dovecot)]);
        // The relay trusts an authority of the same name that did not sign.
        using var other = new TestFolder();
        await using var relay = await RelayAsync(SmartHost(postfix.Port, "StartTls", password), trusted: new TestAuthority(other).RootFile);
        await SendAsync(relay, Known);
        // Two attempts have ended, or the message came.
        await Until.TrueAsync(() => postfix.Log.Split(" starttls=").Length > 2 || postfix.Message(Known) is not null, () => postfix.Log + relay.Output);
        Assert.Null(postfix.Message(Known));
        Assert.DoesNotContain(" auth=", postfix.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_smart_host_that_is_down_gets_the_message_when_it_is_up()
    {
        var port = Ports.Free();
        await using var relay = await RelayAsync(SmartHost(port, "None"));
        await SendAsync(relay, Known);
        await using var postfix = await Postfix.StartAsync(_peer, [Known], port);
        Assert.EndsWith(Message, await ReceivedAsync(postfix, relay), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_exchanger_found_by_DNS_takes_the_message()
    {
        await using var postfix = await Postfix.StartAsync(_peer, [Known]);
        // The preferred exchanger is down (nothing listens on that address), so the next one gets it (RFC 5321 section 5.1).
        await using var unbound = await Unbound.StartAsync(_peer,
            "far.test. MX 10 dead.far.test.", "far.test. MX 20 mx.far.test.", "dead.far.test. A 127.0.0.77", "mx.far.test. A 127.0.0.1");
        await using var relay = await RelayAsync(new { kind = "Mx" }, new { dnsServers = new[] { $"127.0.0.1:{Number(unbound.Port)}" }, mxPort = postfix.Port });
        await SendAsync(relay, Known);
        Assert.EndsWith(Message, await ReceivedAsync(postfix, relay), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_Postfix_refuses_comes_back_as_a_bounce_with_its_words()
    {
        await using var postfix = await Postfix.StartAsync(_peer, [Known]);
        await using var relay = await RelayAsync(SmartHost(postfix.Port, "None"));
        await SendAsync(relay, "unknown@far.test");
        using var stream = new MemoryStream(await Maildir.FirstAsync(_folder.At("mail/example.test/sender"), () => postfix.Log + relay.Output));
        var bounce = await MimeMessage.LoadAsync(stream, TestContext.Current.CancellationToken);

        var report = Assert.IsType<MultipartReport>(bounce.Body);
        Assert.Equal("delivery-status", report.ReportType);
        var groups = report.OfType<MessageDeliveryStatus>().Single().StatusGroups;
        Assert.Equal("dns; relay.example.test", groups[0]["Reporting-MTA"]);
        Assert.Equal("rfc822; unknown@far.test", groups[1]["Final-Recipient"]);
        Assert.Equal("failed", groups[1]["Action"]);
        Assert.Equal("5.1.1", groups[1]["Status"]);
        Assert.Contains("User unknown in virtual mailbox table", groups[1]["Diagnostic-Code"], StringComparison.Ordinal);
        Assert.Equal("<>", bounce.Headers["Return-Path"]);
        Assert.Contains("To Postfix", bounce.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_null_sender_never_gets_a_bounce()
    {
        await using var postfix = await Postfix.StartAsync(_peer, [Known]);
        await using var relay = await RelayAsync(SmartHost(postfix.Port, "None"));
        await SendAsync(relay, "unknown@far.test", from: "");
        await SendAsync(relay, "unknown@far.test");
        // The second message's bounce comes; by then the first would have had its own.
        await Maildir.FirstAsync(_folder.At("mail/example.test/sender"), () => postfix.Log + relay.Output);
        Assert.Equal([_folder.At("mail/example.test/sender")], Directory.GetDirectories(_folder.At("mail/example.test")));
        Assert.Single(Maildir.Messages(_folder.At("mail/example.test/sender")));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _peer.Dispose();
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string[] Certificate(TestAuthority authority) =>
        [$"smtpd_tls_cert_file = {authority.CertificateFile}", $"smtpd_tls_key_file = {authority.KeyFile}", "smtpd_tls_security_level = may", "smtpd_tls_loglevel = 1"];

    private static string[] Sasl(Dovecot dovecot) =>
        ["smtpd_sasl_auth_enable = yes", "smtpd_sasl_type = dovecot", "smtpd_tls_auth_only = yes", $"smtpd_sasl_path = inet:127.0.0.1:{Number(dovecot.AuthPort)}"];

    private static async Task SendAsync(RelayHost relay, string to, string from = "sender@example.test")
    {
        await using var client = await WireClient.GreetAsync(relay.Port);
        Assert.StartsWith("250 2.", await client.SubmitAsync(from, to, Encoding.ASCII.GetBytes(Message)), StringComparison.Ordinal);
    }

    private static async Task<string> ReceivedAsync(Postfix postfix, RelayHost relay) =>
        Encoding.Latin1.GetString(await Until.FoundAsync(() => postfix.Message(Known), () => postfix.Log + relay.Output)).ReplaceLineEndings("\r\n");

    private object SmartHost(int port, string tls, string? password = null) => password is null
        ? new { kind = "SmartHost", host = $"localhost:{Number(port)}", tls }
        : new { kind = "SmartHost", host = $"localhost:{Number(port)}", tls, userName = "relay", password = new { file = _folder.Write("secret", password) } };

    private Task<RelayHost> RelayAsync(object route, object? delivery = null, string? trusted = null) => RelayHost.StartAsync(_folder, new
    {
        hostName = "relay.example.test",
        queuePath = _folder.At("queue"),
        listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "None" } },
        localDomains = new[] { new { name = "example.test", mailboxPath = _folder.At("mail") } },
        routes = new[] { route },
        retry = new { firstDelay = "00:00:01", maxDelay = "00:00:02" },
        delivery = delivery ?? new { },
    }, [new("SSL_CERT_FILE", trusted ?? _peer.At("authority.pem")), new("SSL_CERT_DIR", _folder.Location)]);
}
