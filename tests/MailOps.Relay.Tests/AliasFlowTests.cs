using System.Globalization;
using MailOps.Relay.Tests.Fakes;
using MailOps.Relay.Tests.Server;

namespace MailOps.Relay.Tests;

/// <summary>Aliases, rewriting and rewritten senders in a whole relay, whose mail for others goes to a server of ours.</summary>
public sealed class AliasFlowTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-aliasflow-").FullName;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_an_alias_passes_on_has_a_sender_of_ours_and_a_bounce_to_it_reaches_the_sender()
    {
        await using var far = new FakeMailServer();
        await using var relay = await StartAsync(far);
        var replies = await TalkAsync(relay, "MAIL FROM:<ada@origin.test>", "RCPT TO:<sales@ours.test> NOTIFY=SUCCESS,FAILURE", "RCPT TO:<bob@ours.test>", "DATA", "Subject: x\r\n\r\n.");
        Assert.All(replies, reply => Assert.True(reply[0] is '2' or '3', reply));
        await relay.WaitUntilEmptyAsync(Ended);
        var mail = far.Mail.Single(m => m.From.Contains("SRS0=", StringComparison.Ordinal));
        Assert.Matches("^<SRS0=.{6}=..=origin\\.test=ada@ours\\.test>", mail.From);
        Assert.Equal(["<partner@far.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;sales@ours.test"], mail.To);
        Assert.Equal(["ada", "bob"], Directory.GetDirectories(Path.Combine(_folder, "mail", "ours.test")).Select(Path.GetFileName).Order());
        var events = relay.GetTrackingLog(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).ToList();
        Assert.Equal("sales@ours.test", events.Single(e => e.EventId == "EXPAND").SourceContext);
        Assert.Equal(events.Single(e => e.EventId == "RECEIVE").InternalMessageId, events.Single(e => e.EventId == "TRANSFER").Reference);

        var bounceTo = mail.From[..(mail.From.IndexOf('>', StringComparison.Ordinal) + 1)];
        replies = await TalkAsync(relay, "MAIL FROM:<>", $"RCPT TO:{bounceTo}", $"RCPT TO:{bounceTo.Replace("=ada@", "=eve@", StringComparison.Ordinal)}", "DATA", "Subject: bounce\r\n\r\n.");
        Assert.Equal(["250", "250", "550", "354", "250"], replies.Select(reply => reply[..3]));
        Assert.StartsWith("550 5.1.1 This rewritten address", replies[2], StringComparison.Ordinal);
        await relay.WaitUntilEmptyAsync(Ended);
        var bounce = far.Mail.Single(m => m.Text.Contains("Subject: bounce", StringComparison.Ordinal));
        Assert.Equal(("<>", "<ada@origin.test>"), (bounce.From.Split(' ')[0], bounce.To.Single().Split(' ')[0]));
    }

    [Fact]
    public async Task A_report_on_what_was_passed_on_reaches_the_sender_and_a_report_on_a_report_nobody()
    {
        await using var far = new FakeMailServer { On = line => line.StartsWith("RCPT TO:<partner@", StringComparison.Ordinal) ? "550 5.1.1 Gone" : null };
        await using var relay = await StartAsync(far);
        await TalkAsync(relay, "MAIL FROM:<ada@origin.test>", "RCPT TO:<fwd@ours.test>", "DATA", "Subject: x\r\n\r\n.");
        await relay.WaitUntilEmptyAsync(Ended);
        var report = Assert.Single(far.Mail);
        Assert.Equal("<ada@origin.test>", report.To.Single().Split(' ')[0]);
        Assert.Contains("Original-Recipient: rfc822;fwd@ours.test", report.Text, StringComparison.Ordinal);
        // Of a sender that is none of ours, for all its form: nobody can be told, and it ends there.
        await TalkAsync(relay, "MAIL FROM:<SRS0=abcdef=AA=x.test=y@ours.test>", "RCPT TO:<partner@far.test>", "DATA", "Subject: y\r\n\r\n.");
        await relay.WaitUntilEmptyAsync(Ended);
        Assert.Single(far.Mail);
        Assert.Contains(relay.GetTrackingLog(DateTimeOffset.MinValue, DateTimeOffset.MaxValue), e => e is { EventId: "DROP", Source: "DSN" });
    }

    [Theory]
    [InlineData("MAIL FROM:<>", "<>")]
    [InlineData("MAIL FROM:<bob@ours.test>", "<bob@ours.test>")]
    public async Task A_sender_of_ours_and_the_null_sender_stay(string mailFrom, string expected)
    {
        await using var far = new FakeMailServer();
        await using var relay = await StartAsync(far);
        await TalkAsync(relay, mailFrom, "RCPT TO:<fwd@ours.test>", "DATA", "Subject: x\r\n\r\n.");
        await relay.WaitUntilEmptyAsync(Ended);
        Assert.Equal(expected, far.Mail.Single().From.Split(' ')[0]);
    }

    [Fact]
    public async Task A_large_message_for_both_kinds_of_recipients_arrives_whole_at_both()
    {
        await using var far = new FakeMailServer();
        await using var relay = await StartAsync(far);
        var body = string.Concat(Enumerable.Range(0, 20_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"line {i} of a long one\r\n")));
        await TalkAsync(relay, "MAIL FROM:<ada@origin.test>", "RCPT TO:<sales@ours.test>", "DATA", "Subject: x\r\n\r\n" + body + ".");
        await relay.WaitUntilEmptyAsync(Ended);
        Assert.EndsWith(body, Assert.Single(far.Mail).Text, StringComparison.Ordinal);
        var stored = Directory.GetFiles(Path.Combine(_folder, "mail", "ours.test", "ada", "new")).Single();
        Assert.EndsWith(body, await File.ReadAllTextAsync(stored, Ended), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strangers_may_write_to_aliases_and_to_nobody_else_elsewhere()
    {
        await using var far = new FakeMailServer();
        await using var relay = await StartAsync(far, options => options with { RelayNetworks = [], Routes = [new() { Domain = "closed.test", Kind = RouteKind.Refuse }, .. options.Routes] });
        var replies = await TalkAsync(relay, "MAIL FROM:<ada@origin.test>", "RCPT TO:<partner@far.test>", "RCPT TO:<fwd@ours.test>", "RCPT TO:<loop@ours.test>", "RCPT TO:<x%far.test@old.test>", "RCPT TO:<nobody@ours.test>", "RCPT TO:<bob@old.test>", "RCPT TO:<shut@ours.test>");
        Assert.Equal(["250", "550", "250", "550", "550", "550", "250", "550"], replies.Select(reply => reply[..3]));
        Assert.Equal(["5.7.1", "5.4.6", "5.7.1", "5.1.1", "5.7.1"], replies.Where(reply => reply[0] == '5').Select(reply => reply.Split(' ')[1]));
    }

    [Fact]
    public async Task Envelope_addresses_are_rewritten_before_anything_else_and_the_header_is_not()
    {
        await using var far = new FakeMailServer();
        await using var relay = await StartAsync(far, options => options with
        {
            Rewrite =
            [
                new() { From = "*.internal.test", To = "@public.test", Recipients = false },
                new() { From = "old@far.test", To = "new@far.test", Senders = false },
            ],
        });
        await TalkAsync(relay, "MAIL FROM:<ada@host.internal.test>", "RCPT TO:<old@far.test>", "RCPT TO:<x@host.internal.test>", "DATA", "From: ada@host.internal.test\r\n\r\n.");
        await relay.WaitUntilEmptyAsync(Ended);
        var mail = Assert.Single(far.Mail);
        Assert.Equal("<ada@public.test>", mail.From.Split(' ')[0]);
        Assert.Equal(["<new@far.test> ORCPT=rfc822;old@far.test", "<x@host.internal.test>"], mail.To);
        Assert.Contains("\r\nFrom: ada@host.internal.test\r\n", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_is_made_once_and_for_the_owner_alone()
    {
        await using var far = new FakeMailServer();
        var path = Path.Combine(_folder, "queue", "srs.secret");
        string made;
        await using (await StartAsync(far)) made = await File.ReadAllTextAsync(path, Ended);
        Assert.Equal(65, made.Length);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        await using (await StartAsync(far)) Assert.Equal(made, await File.ReadAllTextAsync(path, Ended));
    }

    private static async Task<IReadOnlyList<string>> TalkAsync(SmtpRelay relay, params string[] lines)
    {
        await using var client = await TestClient.ConnectAsync(relay.GetStatus().Port);
        Assert.StartsWith("220", await client.ReadReplyAsync(), StringComparison.Ordinal);
        await client.AskAsync("EHLO client.test");
        var replies = new List<string>();
        foreach (var line in lines) replies.Add(await client.AskAsync(line));
        return replies;
    }

    private Task<SmtpRelay> StartAsync(FakeMailServer far, Func<SmtpRelayOptions, SmtpRelayOptions>? with = null)
    {
        var options = new SmtpRelayOptions
        {
            QueuePath = Path.Combine(_folder, "queue"),
            HostName = "relay.test",
            Listeners = [new ListenerOptions { Endpoint = "127.0.0.1:0", Tls = TlsMode.None }],
            LocalDomains = [new() { Name = "ours.test", MailboxPath = Path.Combine(_folder, "mail"), Mailboxes = ["ada", "bob"] }],
            Aliases =
            [
                new() { Address = "sales@ours.test", To = ["ada@ours.test", "partner@far.test"] },
                new() { Address = "fwd@ours.test", To = ["partner@far.test"] },
                new() { Address = "shut@ours.test", To = ["x@closed.test"] },
                new() { Address = "loop@ours.test", To = ["pool@ours.test"] },
                new() { Address = "pool@ours.test", To = ["loop@ours.test"] },
                new() { Address = "@old.test", To = ["@ours.test"] },
            ],
            Routes = [new() { Kind = RouteKind.SmartHost, Host = $"127.0.0.1:{far.Port}", Tls = TlsMode.None }],
        };
        return SmtpRelay.StartAsync(with is null ? options : with(options), Ended);
    }
}
