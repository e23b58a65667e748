using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using Certificates = MailOps.Tests.Shared.Certificates;
using Chain = MailOps.Tests.Shared.Chain;

namespace MailOps.Relay.Tests.Delivery.Trust;

/// <summary>TLS-Required: No in delivery (RFC 8689 section 4.2.2).</summary>
public sealed class TlsOptionalTests
{
    private const string Optional = "TLS-Required: No\r\nSubject: x\r\n\r\nx\r\n", Usual = "Subject: x\r\n\r\nx\r\n";
    private static readonly MailSender Sender = new(EmailAddress.Parse("sender@origin.test"));

    [Fact]
    public async Task What_the_domain_says_of_TLS_does_not_keep_it_and_keeps_the_others()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("mx.test") };
        await using var scene = await Scene(server).StartAsync();
        await scene.SendAsync(Sender, Usual, "usual@example.test");
        await scene.UntilDeferredAsync(1);
        await scene.SendAsync(Sender, Optional, "optional@example.test");
        await MailOps.Tests.Shared.Poll.UntilAsync(() => scene.Agent.Delivered == 1 && scene.Queue.Count == 1);   // it is counted before it has left

        Assert.Equal("<optional@example.test>", Assert.Single(Assert.Single(server.Mail).To));
        Assert.Equal(1, scene.Queue.Count);
    }

    [Fact]
    public async Task It_is_kept_with_the_envelope()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("mx.test"), Greeting = "421 4.3.2 Later" };
        await using var scene = await Scene(server).StartAsync();
        await scene.SendAsync(Sender, Optional, "optional@example.test");
        await scene.UntilDeferredAsync(1);
        await scene.RestartAsync(scene.Options);
        server.Greeting = "220 fake.test ESMTP";
        scene.Clock.Advance(TimeSpan.FromHours(1));
        await scene.UntilEmptyAsync();

        Assert.Single(server.Mail);
    }

    [Fact]
    public async Task What_a_route_demands_keeps_it()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("mx.test") };
        var scene = Scene(server);
        await using var _ = scene;
        scene.Options = scene.Options with { Routes = [new RouteOptions { CertificateThumbprints = [Convert.ToHexString(new byte[32])], Port = server.Port }] };
        await scene.StartAsync();
        await scene.SendAsync(Sender, Optional, "optional@example.test");
        await scene.UntilDeferredAsync(1);

        Assert.Empty(server.Mail);
    }

    [Fact]
    public async Task With_REQUIRETLS_it_has_no_meaning()
    {
        await using var server = new FakeMailServer { Certificate = Certificates.SelfSigned("mx.test") };
        await using var origin = new FakeMailServer();
        var scene = Scene(server);
        await using var _ = scene;
        scene.Options = scene.Options with { Routes = [DeliveryScene.Route("origin.test", origin)] };
        await scene.StartAsync();
        await scene.SendAsync(Sender with { RequireTls = true }, Optional, "optional@example.test");
        await scene.UntilEmptyAsync();

        Assert.Empty(server.Mail);
        Assert.Equal("5.7.10", RetryTests.Report(Assert.Single(origin.Mail))["Status"]);
    }

    private static DeliveryScene Scene(FakeMailServer server) => new()
    {
        Options = new SmtpRelayOptions { QueuePath = "", Delivery = new DeliveryOptions { MxPort = server.Port } },
        Zone = new Zone
        {
            Mx = { ["example.test"] = [(10, "mx.test")] },
            Addresses = { ["mx.test"] = ["127.0.0.1"] },
            Tlsa = { [$"_{server.Port}._tcp.mx.test"] = [Chain.Tlsa(3, 1, 1, Chain.Root())] },
            Secure = { "*" },
        },
    };
}
