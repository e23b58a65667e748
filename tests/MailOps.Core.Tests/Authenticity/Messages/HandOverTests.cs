using System.Net;
using System.Text;
using MailOps.Authenticity;
using MailOps.Core.Tests.Dns;

namespace MailOps.Core.Tests.Authenticity.Messages;

public sealed class HandOverTests
{
    private readonly ZoneInspector _zone = new();

    public HandOverTests()
    {
        _zone.Add("TXT", "sender.test", "v=spf1 ip4:192.0.2.7 -all");
        _zone.Add("A", "mx2.here.test", IPAddress.Parse("203.0.113.2"));
    }

    private const string Outside = "Received: from out.sender.test (out.sender.test [192.0.2.7]) by mx1.here.test with ESMTPS; Sun, 1 Mar 2026 10:00:00 +0000\r\n";
    private const string Lmtp = "Received: from mx1.here.test by store.here.test with LMTP; Sun, 1 Mar 2026 10:00:01 +0000\r\n";
    private const string Scanner = "Received: from localhost (localhost [127.0.0.1]) by mx1.here.test with ESMTP; Sun, 1 Mar 2026 10:00:01 +0000\r\n";
    private const string Private = "Received: from mx1.here.test (mx1.here.test [10.1.2.3]) by store.here.test with ESMTPS; Sun, 1 Mar 2026 10:00:01 +0000\r\n";
    private const string Second = "Received: from mx2.here.test (mx2.here.test [203.0.113.2]) by store.here.test with ESMTPS; Sun, 1 Mar 2026 10:00:02 +0000\r\n";
    private const string Forged = "Received: from mx2.here.test (evil.test [198.51.100.66]) by mx1.here.test with ESMTP; Sun, 1 Mar 2026 10:00:03 +0000\r\n";
    private const string Nameless = "Received: from out.sender.test by mx1.here.test with ESMTPS; Sun, 1 Mar 2026 10:00:00 +0000\r\n";

    // The hops, the topmost first; what is one's own; the client, or what the reason says.
    [Theory]
    [InlineData(Outside, "", "192.0.2.7")]
    [InlineData(Lmtp + Scanner + Outside, "", "192.0.2.7")]
    [InlineData(Private + Outside, "", "192.0.2.7")]
    [InlineData("Received: by store.here.test (Postfix, from userid 5); Sun, 1 Mar 2026 10:00:01 +0000\r\n" + Outside, "", "192.0.2.7")]
    [InlineData(Second + Outside, "", "may have come from a server of the same house (mx2.here.test)")]
    [InlineData(Second + Outside, "net 203.0.113.0/24", "192.0.2.7")]
    [InlineData(Second + Outside, "net 203.0.113.2", "192.0.2.7")]
    [InlineData(Second + Outside, "server store.here.test mx2.here.test mx1.here.test", "192.0.2.7")]
    [InlineData(Second + Outside, "server 203.0.113.2", "192.0.2.7")]
    [InlineData(Second + Outside, "server store.here.test mx2.here.test", "mx1.here.test is none of your servers'")]
    [InlineData(Outside, "server elsewhere.test", "mx1.here.test is none of your servers'")]
    // A stranger who says that he is mx2: his address counts, and what he has written below does not.
    [InlineData(Forged + Outside, "server mx1.here.test mx2.here.test", "198.51.100.66")]
    [InlineData(Forged + Outside, "net 203.0.113.0/24", "198.51.100.66")]
    [InlineData(Nameless, "", "does not tell the client's address")]
    [InlineData("", "", "the message has no Received field")]
    [InlineData(Private, "", "never came from outside")]
    public async Task The_client_is_that_of_the_first_hop_from_outside_or_not_known(string hops, string own, string expected)
    {
        var words = own.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var options = new AuthenticityOptions { At = DateTimeOffset.UnixEpoch, TrustedServers = own.StartsWith("server", StringComparison.Ordinal) ? words[1..] : [], TrustedNetworks = own.StartsWith("net", StringComparison.Ordinal) ? words[1..] : [] };
        var spf = (await CheckAsync($"Return-Path: <a@sender.test>\r\n{hops}From: a@sender.test\r\n\r\nHello\r\n", options)).Spf;

        if (IPAddress.TryParse(expected, out var client))
        {
            Assert.Equal((client, true, expected == "192.0.2.7" ? SpfResult.Pass : SpfResult.Fail), (spf.IPAddress, spf.IsEvaluated, spf.Result));
            Assert.Equal(expected == "192.0.2.7" ? "out.sender.test" : "mx2.here.test", spf.Helo);
            Assert.Equal("the Received field of mx1.here.test", spf.Source);
            return;
        }
        Assert.Equal((null, false, SpfResult.None), (spf.IPAddress, spf.IsEvaluated, spf.Result));
        Assert.Contains(expected, spf.Reason, StringComparison.Ordinal);
        Assert.Contains("-IPAddress", spf.Advice!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_that_is_not_known_is_not_guessed_and_an_empty_one_is_that_of_the_HELO_name()
    {
        var options = new AuthenticityOptions { At = DateTimeOffset.UnixEpoch };
        var unknown = (await CheckAsync(Outside + "From: a@sender.test\r\n\r\nHello\r\n", options)).Spf;
        Assert.Equal((SpfResult.None, false), (unknown.Result, unknown.IsEvaluated));
        Assert.Contains("no Return-Path", unknown.Reason, StringComparison.Ordinal);

        _zone.Add("TXT", "out.sender.test", "v=spf1 a:out.sender.test ~all");
        _zone.Add("A", "out.sender.test", IPAddress.Parse("192.0.2.7"));
        var report = (await CheckAsync("Return-Path: <>\r\n" + Outside + "From: a@sender.test\r\n\r\nHello\r\n", options)).Spf;
        Assert.Equal((SpfResult.Pass, "out.sender.test"), (report.Result, report.Domain));

        var given = (await CheckAsync("Return-Path: <x@other.test>\r\n" + Outside + "From: a@sender.test\r\n\r\nHello\r\n", options with { EnvelopeFrom = "a@sender.test" })).Spf;
        Assert.Equal((SpfResult.Pass, "a@sender.test"), (given.Result, given.EnvelopeFrom));
    }

    [Theory]
    [InlineData("192.0.2.0/33")]
    [InlineData("10")]
    [InlineData("net.test")]
    [InlineData("192.0.2.0/24/1")]
    public void What_is_no_network_is_refused(string network) =>
        Assert.Equal(ErrorCode.InvalidAddress, Assert.Throws<MailOpsException>(() => new MessageAuthenticator(_zone, new AuthenticityOptions { At = DateTimeOffset.UnixEpoch, TrustedNetworks = [network] })).Code);

    private async Task<MessageAuthenticity> CheckAsync(string message, AuthenticityOptions options) =>
        Assert.IsType<MessageAuthenticity>(await new MessageAuthenticator(_zone, options).CheckAsync(Encoding.ASCII.GetBytes(message), TestContext.Current.CancellationToken));
}
