using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.NextHops;

/// <summary>How far a Postfix is trusted, by zones that unbound validates and by what a route demands: a downgrade delivers nothing.</summary>
public sealed class TrustTests : IDisposable
{
    private const string Known = "known@far.test", Host = "mx.far.test";
    private readonly TestFolder _folder = new();
    private readonly TestFolder _peer = new();
    private readonly int _port = Ports.Free();

    [Theory]
    [InlineData(Host, 30)]
    [InlineData("elsewhere.test", 30)]   // of DANE-EE neither name nor date counts (RFC 7672 section 3.1.1)
    [InlineData(Host, -1)]
    public async Task The_key_of_a_signed_record_is_delivered_to_over_proven_TLS(string name, int days)
    {
        var authority = new TestAuthority(_peer, name, days);
        await DeliversAsync(authority, $"3 1 1 {authority.KeySum}", proven: true);
    }

    [Theory]
    [InlineData(Host)]
    [InlineData("far.test")]   // the recipients' domain, of a signed MX record
    public async Task An_authority_of_a_signed_record_vouches_for_the_names_of_the_zone(string name)
    {
        var authority = new TestAuthority(_peer, name);
        await DeliversAsync(authority, $"2 0 1 {authority.RootSum}", proven: true);
    }

    [Theory]
    [InlineData("elsewhere.test", 30, "is for none of the names mx.far.test, far.test")]
    [InlineData(Host, -1, "NotTimeValid")]
    public async Task An_authority_of_a_signed_record_vouches_for_no_other_name_and_no_longer_than_it_says(string name, int days, string words)
    {
        var authority = new TestAuthority(_peer, name, days);
        await NothingAsync(Tls(authority), [await ZoneAsync($"2 0 1 {authority.RootSum}")], words);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(2)]
    public async Task Another_certificate_gets_nothing(int usage) =>
        await NothingAsync(Tls(new TestAuthority(_peer, Host)), [await ZoneAsync($"{Number(usage)} 0 1 {Convert.ToHexString(new byte[32])}")], "matches none of the TLSA records of mx.far.test (DANE)");

    [Fact]
    public async Task A_STARTTLS_that_was_taken_away_gets_nothing() =>
        await NothingAsync([], [await ZoneAsync($"3 1 1 {new TestAuthority(_peer, Host).KeySum}")], "the server does not offer STARTTLS");

    [Theory]
    [InlineData("TLSA\t3 1 1 ", "TLSA\t3 1 0 ", "no answer that can be trusted for TLSA")]
    [InlineData("MX\t10 ", "MX\t11 ", "no answer for the domain far.test")]
    [InlineData("mx.far.test.\t300\tIN\tA\t127.0.0.1", "mx.far.test.\t300\tIN\tA\t127.0.0.2", "no answer for the domain far.test")]
    public async Task A_zone_that_was_tampered_with_gets_nothing(string text, string other, string words)
    {
        var authority = new TestAuthority(_peer, Host);
        await NothingAsync(Tls(authority), [(await ZoneAsync($"3 1 1 {authority.KeySum}")).Forged(text, other)], words, asked: false);
    }

    [Fact]
    public async Task Signatures_that_were_taken_away_get_nothing()
    {
        var authority = new TestAuthority(_peer, Host);
        var zone = await ZoneAsync($"3 1 1 {authority.KeySum}");
        await NothingAsync(Tls(authority), [SignedZone.Plain(_peer, "far.test", Records($"3 1 1 {authority.KeySum}", _port)) with { Anchor = zone.Anchor }], "no answer for the domain far.test", asked: false);
    }

    [Fact]
    public async Task In_a_zone_that_is_not_signed_records_count_for_nothing_and_TLS_is_an_opportunity()
    {
        var zone = SignedZone.Plain(_peer, "far.test", Records($"3 1 1 {Convert.ToHexString(new byte[32])}", _port));
        await DeliversAsync(new TestAuthority(_peer, Host), zone, proven: false);
    }

    [Theory]
    [InlineData("localhost", 30, true)]
    [InlineData("elsewhere.test", 30, false)]
    [InlineData("localhost", -1, false)]
    public async Task A_route_that_requires_TLS_takes_the_right_name_today(string name, int days, bool delivered) =>
        await RoutedAsync(new TestAuthority(_peer, name, days), port => new { kind = "SmartHost", host = $"localhost:{Number(port)}", tls = "StartTls" }, delivered);

    [Theory]
    [InlineData("elsewhere.test", -1, true)]
    [InlineData("localhost", 30, false)]
    public async Task A_route_that_names_a_key_takes_it_and_no_other(string name, int days, bool known)
    {
        var authority = new TestAuthority(_peer, name, days);
        var thumbprint = known ? authority.KeySum : Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        await RoutedAsync(authority, port => new { kind = "SmartHost", host = $"localhost:{Number(port)}", certificateThumbprints = new[] { thumbprint } }, known);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _peer.Dispose();
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string[] Tls(TestAuthority authority) =>
        [$"smtpd_tls_chain_files = {authority.KeyFile}, {authority.ChainFile}", "smtpd_tls_security_level = may", "smtpd_tls_loglevel = 1"];

    private static string[] Records(string tlsa, int port) => ["@ MX 10 mx", "mx A 127.0.0.1", $"_{Number(port)}._tcp.mx TLSA {tlsa}"];

    private Task<SignedZone> ZoneAsync(string tlsa) => SignedZone.SignAsync(_peer, "far.test", Records(tlsa, _port));

    private async Task DeliversAsync(TestAuthority authority, string tlsa, bool proven) => await DeliversAsync(authority, await ZoneAsync(tlsa), proven);

    private async Task DeliversAsync(TestAuthority authority, SignedZone zone, bool proven)
    {
        await using var unbound = await Unbound.StartAsync(_peer, zone);
        await using var postfix = await Postfix.StartAsync(_peer, [Known], _port, Tls(authority));
        // Where it has to be proven, the route says so too: a server without a proof would get nothing.
        await using var relay = await RelayAsync(new { kind = "Mx", dane = proven ? "Required" : "Auto" }, Delivery(unbound));
        await SendAsync(relay);
        await Until.TrueAsync(() => postfix.Log.Contains("status=sent", StringComparison.Ordinal), () => postfix.Log + relay.Output + Tracking());
        await SendAsync(relay);   // over a connection of its own, whose TLS session may be resumed
        await Until.TrueAsync(() => postfix.Log.Split("status=sent").Length > 2, () => postfix.Log + relay.Output + Tracking());
        Assert.Equal(2, postfix.Log.Split("TLS connection established from").Length - 1);
        await relay.StopAsync();
    }

    private async Task NothingAsync(string[] tls, SignedZone[] zones, string words, bool asked = true)
    {
        await using var unbound = await Unbound.StartAsync(_peer, zones);
        await using var postfix = await Postfix.StartAsync(_peer, [Known], _port, tls);
        await using var relay = await RelayAsync(new { kind = "Mx" }, Delivery(unbound));
        await SendAsync(relay);
        await DeferredTwiceAsync(postfix, relay);
        Assert.Contains(words, Tracking(), StringComparison.Ordinal);
        Assert.Null(postfix.Message(Known));
        Assert.DoesNotContain(" mail=", postfix.Log, StringComparison.Ordinal);
        if (asked) await Until.TrueAsync(() => postfix.Log.Contains(" ehlo=", StringComparison.Ordinal), () => postfix.Log);
        else Assert.DoesNotContain(" ehlo=", postfix.Log, StringComparison.Ordinal);
    }

    private async Task RoutedAsync(TestAuthority authority, Func<int, object> route, bool delivered)
    {
        await using var postfix = await Postfix.StartAsync(_peer, [Known], _port, Tls(authority));
        await using var relay = await RelayAsync(route(_port), new { });
        await SendAsync(relay);
        if (delivered)
        {
            await Until.FoundAsync(() => postfix.Message(Known), () => postfix.Log + relay.Output + Tracking());
            return;
        }
        await DeferredTwiceAsync(postfix, relay);
        Assert.Null(postfix.Message(Known));
        Assert.DoesNotContain(" mail=", postfix.Log, StringComparison.Ordinal);
    }

    private Task DeferredTwiceAsync(Postfix postfix, RelayHost relay) =>
        Until.TrueAsync(() => Tracking().Split("\"EventId\":\"DEFER\"").Length > 2 || postfix.Message(Known) is not null, () => postfix.Log + relay.Output + Tracking());

    private object Delivery(Unbound unbound) => new { dnsServers = new[] { $"127.0.0.1:{Number(unbound.Port)}" }, mxPort = _port, connectionIdle = "00:00:00" };

    private string Tracking() => TrackingLog.Text(_folder);

    private static async Task SendAsync(RelayHost relay)
    {
        await using var client = await WireClient.GreetAsync(relay.Port);
        Assert.StartsWith("250 2.", await client.SubmitAsync("sender@example.test", Known, Encoding.ASCII.GetBytes("Subject: x\r\n\r\nx\r\n")), StringComparison.Ordinal);
    }

    private Task<RelayHost> RelayAsync(object route, object delivery) => RelayHost.StartAsync(_folder, new
    {
        hostName = "relay.example.test",
        queuePath = _folder.At("queue"),
        listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "None" } },
        routes = new[] { route },
        retry = new { firstDelay = "00:00:01", maxDelay = "00:00:02" },
        delivery,
    }, [new("SSL_CERT_FILE", _peer.At("authority.pem")), new("SSL_CERT_DIR", _folder.Location)]);
}
