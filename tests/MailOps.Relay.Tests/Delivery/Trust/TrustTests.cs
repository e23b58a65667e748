using System.Security.Cryptography;
using MailOps.Dns;
using MailOps.Messages;
using MailOps.Policies;
using MailOps.Relay.Configuration;
using MailOps.Relay.Delivery;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Delivery.Smtp.Authentication;
using MailOps.Relay.Delivery.Trust;
using MailOps.Relay.Delivery.Trust.Reports;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Delivery.Smtp;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using Certificates = MailOps.Tests.Shared.Certificates;

namespace MailOps.Relay.Tests.Delivery.Trust;

/// <summary>How far a server is trusted, in conversations: what is delivered, and what never is.</summary>
public sealed class TrustTests : ITlsResults, IMtaStsPolicies
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<TlsResult> _results = [];
    private readonly BrokenTls _broken;
    private MtaStsAnswer _policy = MtaStsAnswer.None;

    public TrustTests() => _broken = new BrokenTls(TimeSpan.FromDays(3), _clock);

    void ITlsResults.Count(TlsResult result) => _results.Add(result);

    ValueTask<MtaStsAnswer> IMtaStsPolicies.FindAsync(string domain, CancellationToken cancellationToken) => ValueTask.FromResult(_policy);

    [Theory]
    [InlineData("mx.test", 30)]
    [InlineData("elsewhere.test", 30)]
    [InlineData("mx.test", -1)]
    public async Task A_server_with_the_key_of_its_record_gets_the_message_over_TLS(string name, int days)
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned(name, -20, days) };

        Assert.Equal(DeliveryStatus.Delivered, (await SendAsync(Mx(server), Zone(server, Of(server)))).Status);
        Assert.Equal(["EHLO", "STARTTLS", "EHLO"], server.Commands.Take(3).Select(c => c.Split(' ')[0]));
        Assert.Equal((TlsPolicyType.Tlsa, null, "mx.test"), Result(Assert.Single(_results)));
    }

    [Fact]
    public async Task Another_key_gets_nothing_and_no_plain_text_either()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("mx.test") };

        var outcome = await SendAsync(Mx(server), Zone(server, Chain.Tlsa(3, 1, 1, Chain.Root())));

        Assert.Equal($"Deferred: 451 4.7.5 mx.test [127.0.0.1]:{server.Port}: the server's certificate matches none of the TLSA records of mx.test (DANE); failed while negotiating TLS", Conversation.Text(outcome));
        Untouched(server, connections: 1);
        Assert.Equal((TlsPolicyType.Tlsa, TlsResultType.TlsaInvalid, "mx.test"), Result(Assert.Single(_results)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]   // none of the records can be used: TLS is required all the same
    public async Task A_server_whose_STARTTLS_was_taken_away_gets_nothing(byte usage)
    {
        await using var server = new FakeMailServer();

        var outcome = await SendAsync(Mx(server), Zone(server, Chain.Tlsa(usage, 1, 1, Chain.Root())));

        Assert.Equal((DeliveryStatus.Deferred, "4.7.4"), (outcome.Status, outcome.Reply.EnhancedCode));
        Untouched(server, connections: 1);
        Assert.Equal((TlsPolicyType.Tlsa, TlsResultType.StartTlsNotSupported, "mx.test"), Result(Assert.Single(_results)));
    }

    [Fact]
    public async Task Records_that_cannot_be_used_ask_for_TLS_with_anybody()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("elsewhere.test") };

        Assert.Equal(DeliveryStatus.Delivered, (await SendAsync(Mx(server), Zone(server, Chain.Tlsa(1, 1, 1, Chain.Root())))).Status);
        Assert.Contains("STARTTLS", server.Commands);
        Assert.Equal((TlsPolicyType.Tlsa, TlsResultType.TlsaInvalid, "mx.test"), Result(Assert.Single(_results)));
    }

    [Fact]
    public async Task Where_the_DNS_does_not_say_whether_there_are_records_the_server_is_not_asked()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("mx.test") };
        var zone = Zone(server, Of(server));
        zone.Fail.Add($"TLSA _{server.Port}._tcp.mx.test");

        var outcome = await SendAsync(Mx(server), zone);

        Assert.Equal((DeliveryStatus.Deferred, "4.7.5"), (outcome.Status, outcome.Reply.EnhancedCode));
        Assert.Contains("no answer that can be trusted for TLSA", outcome.Reply.Text, StringComparison.Ordinal);
        Untouched(server, connections: 0);
        Assert.Equal((TlsPolicyType.Tlsa, TlsResultType.DnssecInvalid, "mx.test"), Result(Assert.Single(_results)));
    }

    [Theory]
    [InlineData("none")]       // nothing is signed
    [InlineData("tlsa")]       // the records alone would be, which proves nothing of the addresses
    [InlineData("mx.test")]    // all is signed, and there are no records
    [InlineData("addresses")]  // all is signed but the records, as below a delegation without keys
    [InlineData("alias")]      // the records would be, and not that the server is an alias
    public async Task Without_proven_records_TLS_is_an_opportunity(string secure)
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("mx.test") };
        var zone = Zone(server, Chain.Tlsa(3, 1, 1, Chain.Root()));
        zone.Secure.Clear();
        if (secure == "mx.test") zone.Tlsa.Clear();
        var question = $"_{server.Port}._tcp.mx.test";
        zone.Secure.Add(secure switch { "tlsa" or "alias" => question, "addresses" => "*", _ => secure });
        if (secure == "addresses") zone.Unproven.Add(question);
        if (secure == "alias")
        {
            zone.Aliases["mx.test"] = "real.test";
            zone.Addresses["real.test"] = ["127.0.0.1"];
        }

        Assert.Equal(DeliveryStatus.Delivered, (await SendAsync(Mx(server), zone)).Status);
        Assert.Equal((TlsPolicyType.NoPolicyFound, null, "mx.test"), Result(Assert.Single(_results)));
    }

    [Fact]
    public async Task The_next_server_gets_it_where_the_first_is_not_who_it_says()
    {
        await using var false1 = new FakeMailServer("127.0.0.2") { Certificate = Certificates.SelfSigned("first.test") };
        await using var good = new FakeMailServer("127.0.0.3", false1.Port) { Certificate = Certificates.SelfSigned("second.test") };
        var zone = new Zone
        {
            Mx = { ["example.test"] = [(10, "first.test"), (20, "second.test")] },
            Addresses = { ["first.test"] = ["127.0.0.2"], ["second.test"] = ["127.0.0.3"] },
            Tlsa = { [$"_{good.Port}._tcp.first.test"] = [Of(good)], [$"_{good.Port}._tcp.second.test"] = [Of(good)] },
            Secure = { "*" },
        };

        Assert.Equal(DeliveryStatus.Delivered, (await SendAsync(Mx(good), zone)).Status);
        Untouched(false1, connections: 1);
        Assert.Single(good.Mail);
    }

    [Theory]
    [InlineData("real.test", true)]     // by the name at the end
    [InlineData("mx.test", true)]       // by its own, where that one has none
    [InlineData("mx.test", false)]      // or is not signed
    public async Task An_alias_is_looked_up_by_both_its_names(string records, bool targetSecure)
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("any.test") };
        var zone = new Zone
        {
            Mx = { ["example.test"] = [(10, "mx.test")] },
            Aliases = { ["mx.test"] = "real.test" },
            Addresses = { ["real.test"] = ["127.0.0.1"] },
            Tlsa = { [$"_{server.Port}._tcp.{records}"] = [Chain.Tlsa(3, 1, 1, Chain.Root())] },
            Secure = { "example.test", "mx.test" },
        };
        if (targetSecure) zone.Secure.Add("real.test");

        var outcome = await SendAsync(Mx(server), zone);

        Assert.Contains($"TLSA records of {records} (DANE)", outcome.Reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DaneMode.Required, true, true)]
    [InlineData(DaneMode.Required, false, false)]
    [InlineData(DaneMode.Auto, false, true)]
    [InlineData(DaneMode.Off, false, true)]
    public async Task A_route_requires_it_or_does_without(DaneMode dane, bool has, bool delivered)
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("any.test") };
        var zone = Zone(server, dane == DaneMode.Off ? Chain.Tlsa(3, 1, 1, Chain.Root()) : Of(server));
        if (!has && dane != DaneMode.Off) zone.Tlsa.Clear();
        var hop = new NextHop(RouteKind.SmartHost, "mx.test") { Server = new HostPort("mx.test", server.Port), Way = new RouteWay(new RouteOptions { Dane = dane }) };

        Assert.Equal(delivered ? DeliveryStatus.Delivered : DeliveryStatus.Deferred, (await SendAsync(hop, zone)).Status);
        Assert.Equal(delivered ? 1 : 0, server.Connections);
        Assert.Empty(_results);   // no domain asks for a report on a server that the administrator has named
    }

    [Theory]
    [InlineData("certificate", true)]
    [InlineData("key", true)]
    [InlineData("another", false)]
    [InlineData("no TLS", false)]
    public async Task A_route_demands_a_certificate_that_is_known(string what, bool delivered)
    {
        var certificate = Certificates.SelfSigned("elsewhere.test", -20, -1);
        await using var server = new FakeMailServer { Certificate = what == "no TLS" ? null : certificate };
        var pin = what == "key" ? SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()) : what == "another" ? new byte[32] : SHA256.HashData(certificate.RawData);
        var way = new RouteWay(new RouteOptions { CertificateThumbprints = [BitConverter.ToString(pin).Replace('-', ':').ToLowerInvariant()] });

        var outcome = await SendAsync(new NextHop(RouteKind.SmartHost, "smart") { Server = new HostPort("127.0.0.1", server.Port), Way = way });

        Assert.Equal(delivered ? DeliveryStatus.Delivered : DeliveryStatus.Deferred, outcome.Status);
        if (!delivered) Untouched(server, connections: 1);
    }

    [Fact]
    public async Task A_server_whose_TLS_is_broken_is_spared_it_for_three_days()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.WithoutKey(Certificates.SelfSigned("127.0.0.1")) };
        var hop = Mx(server);

        for (var i = 0; i < 3; i++) Assert.Equal(DeliveryStatus.Delivered, (await SendAsync(hop, Zone(server))).Status);
        Assert.Equal((4, 1), (server.Connections, server.Commands.Count(c => c == "STARTTLS")));
        Assert.Equal([TlsResultType.ValidationFailure, TlsResultType.StartTlsNotSupported, TlsResultType.StartTlsNotSupported], _results.Select(r => r.Failure));
        Assert.Equal(DeliveryStatus.Deferred, (await SendAsync(hop with { Way = new RouteWay(new RouteOptions { Tls = TlsMode.StartTls }) }, Zone(server))).Status);
        Assert.Equal(2, server.Commands.Count(c => c == "STARTTLS"));

        _clock.Advance(TimeSpan.FromDays(3));
        server.Certificate = Certificates.SelfSigned("127.0.0.1");
        await SendAsync(hop, Zone(server));
        await SendAsync(hop, Zone(server));
        Assert.Equal(4, server.Commands.Count(c => c == "STARTTLS"));
    }

    [Theory]
    [InlineData(true, "2.0.0")]
    [InlineData(false, "5.7.10")]   // the key is right, but whose server that is only an unsigned MX record says
    public async Task A_server_that_the_DNS_proves_is_good_for_REQUIRETLS(bool isSigned, string status)
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("any.test") };
        server.Extensions = [.. server.Extensions, "REQUIRETLS"];
        var zone = Zone(server, Of(server));
        if (!isSigned) zone.Secure.Remove("example.test");

        Assert.Equal(status, (await SendAsync(Mx(server) with { RequireTls = true }, zone)).Reply.EnhancedCode);
        Assert.Equal(isSigned ? 1 : 0, server.Mail.Count);
    }

    [Theory]
    [InlineData(true, "4.7.5")]
    [InlineData(false, "5.7.10")]
    public async Task A_message_with_REQUIRETLS_waits_while_it_is_not_known_whether_the_domain_has_a_policy(bool isUnknown, string status)
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("mx.test") };
        var zone = Zone(server);
        zone.Secure.Clear();
        _policy = MtaStsAnswer.None with { IsUnknown = isUnknown, Detail = isUnknown ? "the DNS gave no answer for its record" : null };

        var outcome = await SendAsync(Mx(server) with { RequireTls = true }, zone);

        Assert.Equal((isUnknown ? DeliveryStatus.Deferred : DeliveryStatus.Failed, status), (outcome.Status, outcome.Reply.EnhancedCode));
        if (isUnknown) Assert.Contains("the DNS gave no answer for its record", outcome.Reply.Text, StringComparison.Ordinal);
        Untouched(server, connections: 0);
    }

    [Theory]
    [InlineData("localhost", "trusted", MtaStsMode.Enforce, true, null)]
    [InlineData("other.test", "trusted", MtaStsMode.Enforce, false, TlsResultType.CertificateHostMismatch)]
    [InlineData("localhost", "own", MtaStsMode.Enforce, false, TlsResultType.CertificateNotTrusted)]
    [InlineData("localhost", "other", MtaStsMode.Enforce, false, TlsResultType.CertificateHostMismatch)]
    [InlineData("localhost", "none", MtaStsMode.Enforce, false, TlsResultType.StartTlsNotSupported)]
    [InlineData("localhost", "trusted", MtaStsMode.Testing, true, null)]
    [InlineData("other.test", "trusted", MtaStsMode.Testing, true, TlsResultType.CertificateHostMismatch)]
    [InlineData("localhost", "own", MtaStsMode.Testing, true, TlsResultType.CertificateNotTrusted)]
    [InlineData("localhost", "none", MtaStsMode.Testing, true, TlsResultType.StartTlsNotSupported)]
    public async Task The_domain_s_policy_is_obeyed_or_only_told_of(string pattern, string certificate, MtaStsMode mode, bool delivered, object? failure)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux can this process trust a certificate without changing the user's store.");
        await using var server = new FakeMailServer
        {
            Certificate = certificate switch { "trusted" => TrustedCertificate.ForLocalhost, "own" => Certificates.SelfSigned("localhost"), "other" => TrustedCertificate.ForLoopback, _ => null },
        };
        _policy = new MtaStsAnswer(new MtaStsPolicy(mode, [pattern], TimeSpan.FromDays(1), ["version: STSv1"]));
        var zone = new Zone { Mx = { ["example.test"] = [(10, "localhost")] }, Addresses = { ["localhost"] = ["127.0.0.1"] } };

        var outcome = await SendAsync(Mx(server), zone);

        Assert.Equal(delivered ? DeliveryStatus.Delivered : DeliveryStatus.Deferred, outcome.Status);
        Assert.Equal(delivered ? 1 : 0, server.Mail.Count);
        Assert.Equal((TlsPolicyType.Sts, (TlsResultType?)failure, "localhost"), Result(Assert.Single(_results)));
    }

    [Fact]
    public async Task A_policy_that_cannot_be_had_is_told_and_keeps_nothing()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("mx.test") };
        _policy = new MtaStsAnswer(null, TlsResultType.StsPolicyFetchError, "timed out");

        Assert.Equal(DeliveryStatus.Delivered, (await SendAsync(Mx(server), Zone(server))).Status);
        Assert.Equal([(TlsPolicyType.Sts, TlsResultType.StsPolicyFetchError, null), (TlsPolicyType.NoPolicyFound, null, "mx.test")], _results.Select(Result));
    }

    private static (TlsPolicyType Type, TlsResultType? Failure, string? Host) Result(TlsResult result)
    {
        Assert.Equal("example.test", result.PolicyDomain);
        return (result.Policy.Type, result.Failure, result.MxHost);
    }

    private static TlsaRecord Of(FakeMailServer server) => Chain.Tlsa(3, 1, 1, server.Certificate!);

    private static Zone Zone(FakeMailServer server, params TlsaRecord[] records)
    {
        var zone = new Zone { Mx = { ["example.test"] = [(10, "mx.test")] }, Addresses = { ["mx.test"] = ["127.0.0.1"] }, Secure = { "example.test", "mx.test" } };
        if (records.Length > 0) zone.Tlsa[$"_{server.Port}._tcp.mx.test"] = records;
        return zone;
    }

    private static NextHop Mx(FakeMailServer server) => new(RouteKind.Mx, "example.test") { Port = server.Port };

    private static void Untouched(FakeMailServer server, int connections)
    {
        Assert.Equal(connections, server.Connections);
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("MAIL", StringComparison.Ordinal));
    }

    private async Task<DeliveryOutcome> SendAsync(NextHop hop, Zone? dns = null)
    {
        var ended = TestContext.Current.CancellationToken;
        using var credentials = new CredentialStore(new RecordingTrace(), TimeProvider.System);
        var context = new DeliveryContext("relay.test", new OwnEndPoints([]), dns ?? new Zone(), new DeliveryOptions(), new RecordingTrace(), TimeProvider.System, ended) { Tls = new TlsServices(this, this), BrokenTls = _broken, Credentials = credentials };
        await using var target = new SmtpTarget(hop, context);
        var begun = await target.BeginAsync(new MailSender(EmailAddress.Parse("a@origin.test")), ended);
        if (begun.Transaction is not { } transaction) return DeliveryOutcome.From(begun.Reply);
        await using (transaction)
        {
            await transaction.AddRecipientAsync(new MailRecipient(EmailAddress.Parse("b@example.test")), ended);
            return Assert.Single(await transaction.CommitAsync(new MemoryContent("x\r\n"u8.ToArray()), ended));
        }
    }
}
