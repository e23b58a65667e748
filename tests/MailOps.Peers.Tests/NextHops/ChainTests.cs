using System.Globalization;
using System.Text;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.NextHops;

/// <summary>
/// Relay A, a Postfix and relay B, all on port 25 of a network of the test's own. A finds Postfix by a signed zone, which unbound validates, and proves it (DANE); Postfix passes mail
/// on to whoever has the domain; what comes back goes the same way.
/// </summary>
public sealed class ChainTests : IDisposable
{
    // A body that a relay is easily tempted to change: dots, blanks at the end, a folded field, 8-bit text, a tab, no line end but CRLF.
    private static readonly string[] Messages =
    [
        "From: <one@a.test>\r\nTo: <known@b.test>\r\nSubject: Dots\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@a.test>\r\n\r\n.a dot\r\n..two dots\r\n.\r\n\r\nThe end  \r\n",
        "From: <one@a.test>\r\nTo: <known@b.test>\r\nSubject: Folded\r\n\tand with  two blanks\r\nX-Empty:\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <2@a.test>\r\n\r\n\r\n\r\nblank lines before and after\r\n\r\n\r\n",
        "From: <one@a.test>\r\nTo: <known@b.test>\r\nSubject: Bytes\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <3@a.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\u00fc\u00dfe \u00ff\r\nFrom here\r\n",
    ];

    private static readonly string[] Mailboxes = ["known", "one", "two", "three", "four"], ListTo = ["unknown@far.test"];
    private readonly TestFolder _a = new(), _b = new(), _peer = new();

    [Fact]
    public Task Mail_goes_from_A_through_Postfix_to_B_unchanged_and_bounces_come_back_and_can_be_read() => Network.RunAsync([], async () =>
    {
        var authority = new TestAuthority(_peer, "mx.b.test");
        var signed = await SignedZone.SignAsync(_peer, "b.test", "@ MX 10 mx", "mx A 127.0.0.1", $"_25._tcp.mx TLSA 3 1 1 {authority.KeySum}");
        await using var unbound = await Unbound.StartAsync(_peer, signed, Zone("a.test"), Zone("far.test"));
        await using var postfix = await Postfix.StartAsync(_peer, ["known@far.test"], 25,
            "relay_domains = a.test, b.test", "transport_maps = inline:{ a.test=relay:[127.0.0.2]:25, b.test=relay:[127.0.0.3]:25 }", "smtp_tls_security_level = may", "smtp_tls_loglevel = 1",
            $"smtpd_tls_chain_files = {authority.KeyFile}, {authority.ChainFile}", "smtpd_tls_security_level = may", "smtpd_tls_loglevel = 1");
        await using var b = await RelayAsync(_b, "b.test", "127.0.0.3", unbound, new { kind = "Mx" });
        await using var a = await RelayAsync(_a, "a.test", "127.0.0.2", unbound, new { kind = "Mx", domain = "b.test", dane = "Required" }, new { kind = "Mx" });
        string Told() => $"{postfix.Log}\nA: {a.Output}\n{TrackingLog.Text(_a)}\nB: {b.Output}\n{TrackingLog.Text(_b)}";

        await SendAsync(a, "one@a.test", "known@b.test", Messages);
        await Until.TrueAsync(() => Maildir.Messages(_b.At("mail/b.test/known")).Count == Messages.Length, Told);
        foreach (var message in Messages)
        {
            var id = message.Split("\r\n").Single(line => line.StartsWith("Message-ID:", StringComparison.Ordinal));
            var stored = Assert.Single(Maildir.Messages(_b.At("mail/b.test/known")), stored => Encoding.Latin1.GetString(stored).Contains(id, StringComparison.Ordinal));
            ContentTests.AssertUnchanged(id, Encoding.Latin1.GetBytes(message), stored, "Return-Path:", "Delivered-To:", "Received:", "Received:", "Received:");
        }

        // Postfix makes a bounce of what B refuses, A of what Postfix refuses, and B of what it has taken and Postfix refuses: that one, for a sender rewritten (SRS), comes back through all of them.
        await SendAsync(a, "two@a.test", "unknown@b.test", Messages[..1]);
        await SendAsync(a, "three@a.test", "unknown@far.test", Messages[..1]);
        await SendAsync(a, "four@a.test", "list@b.test", Messages[..1]);
        Assert.Equal(
            [
                "unknown@b.test|Failed|5.1.1|NoSuchUser|True|peer.example.test",
                "unknown@far.test|Failed|5.1.1|NoSuchUser|True|relay.a.test",
                "unknown@far.test|Failed|5.1.1|NoSuchUser|True|relay.b.test",
            ],
            await ReadAsync([await BounceAsync("two", Told), await BounceAsync("three", Told), await BounceAsync("four", Told)]));
        Assert.Contains("TLS connection established from", postfix.Log, StringComparison.Ordinal);
        Assert.Contains("TLS connection established to 127.0.0.3", postfix.Log, StringComparison.Ordinal);
        await a.StopAsync();
        await b.StopAsync();
    });

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _peer.Dispose();
    }

    private SignedZone Zone(string name) => SignedZone.Plain(_peer, name, "@ MX 10 mx", "mx A 127.0.0.1");

    private static async Task SendAsync(RelayHost relay, string from, string to, string[] messages)
    {
        await using var client = await WireClient.GreetAsync(relay.Port);
        foreach (var message in messages)
            Assert.StartsWith("250 2.", await client.SubmitAsync(from, to, Encoding.Latin1.GetBytes(message), " BODY=8BITMIME"), StringComparison.Ordinal);
    }

    private async Task<byte[]> BounceAsync(string sender, Func<string> told) => await Maildir.FirstAsync(_a.At($"mail/a.test/{sender}"), told);

    // The module's own reader, as a script uses it.
    private async Task<string[]> ReadAsync(byte[][] bounces)
    {
        var files = bounces.Select((bounce, index) =>
        {
            var file = _a.At($"bounce{index.ToString(CultureInfo.InvariantCulture)}.eml");
            File.WriteAllBytes(file, bounce);
            return $"'{file}'";
        });
        var script = _a.Write("read.ps1", $$"""
            foreach ($report in ConvertFrom-DeliveryStatus -LiteralPath {{string.Join(", ", files)}}) {
                "$($report.Recipient)|$($report.Action)|$($report.Status)|$($report.Class)|$($report.IsAddressInvalid)|$($report.ReportingMta)"
            }
            """);
        var (exitCode, output) = await ChildProcess.RunAsync("dotnet", [Installed.Host(), "run", script]);
        Assert.True(exitCode == 0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static Task<RelayHost> RelayAsync(TestFolder folder, string domain, string address, Unbound unbound, params object[] routes) => RelayHost.StartAsync(folder, new
    {
        hostName = $"relay.{domain}",
        queuePath = folder.At("queue"),
        listeners = new object[] { new { endpoint = "127.0.0.1:0", tls = "None" }, new { endpoint = $"{address}:25", tls = "StartTls" } },
        localDomains = new[] { new { name = domain, mailboxPath = folder.At("mail"), mailboxes = Mailboxes } },
        aliases = new[] { new { address = $"list@{domain}", to = ListTo } },
        routes,
        retry = new { firstDelay = "00:00:01", maxDelay = "00:00:02" },
        delivery = new { dnsServers = new[] { $"127.0.0.1:{unbound.Port.ToString(CultureInfo.InvariantCulture)}" } },
    });
}
