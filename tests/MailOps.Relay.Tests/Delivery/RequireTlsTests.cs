using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using Certificates = MailOps.Tests.Shared.Certificates;

namespace MailOps.Relay.Tests.Delivery;

/// <summary>REQUIRETLS in delivery (RFC 8689): over proven TLS to a server that offers it too, or back to the sender.</summary>
public sealed class RequireTlsTests
{
    private static readonly MailSender Sender = new(EmailAddress.Parse("sender@origin.test")) { RequireTls = true, Return = DsnReturn.Full };

    [Fact]
    public async Task It_is_passed_on_over_proven_TLS_to_a_server_that_offers_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux can this process trust a certificate without changing the user's store.");
        await using var server = new FakeMailServer { Certificate = TrustedCertificate.ForLoopback };
        server.Extensions = [.. server.Extensions, "REQUIRETLS"];
        await using var scene = await Scene(server).StartAsync();
        await scene.SendAsync(Sender, "Subject: x\r\n\r\nx\r\n", "user@example.test");
        await scene.UntilEmptyAsync();
        Assert.EndsWith(" REQUIRETLS", Assert.Single(server.Mail).From, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, true, "5.7.10")]    // no TLS
    [InlineData(true, true, "5.7.10")]     // TLS with a certificate nobody vouches for
    public async Task Without_proven_TLS_it_comes_back_with_its_header_alone(bool tls, bool offers, string status)
    {
        await using var server = new FakeMailServer { Certificate = tls ? Certificates.SelfSigned("127.0.0.1") : null };
        if (offers) server.Extensions = [.. server.Extensions, "REQUIRETLS"];
        await ReturnsAsync(server, status);
    }

    [Fact]
    public async Task A_server_that_does_not_offer_it_gets_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux can this process trust a certificate without changing the user's store.");
        await using var server = new FakeMailServer { Certificate = TrustedCertificate.ForLoopback };
        await ReturnsAsync(server, "5.7.30");
    }

    [Fact]
    public async Task A_mail_exchanger_that_only_the_DNS_names_is_not_even_asked()
    {
        await using var server = new FakeMailServer { Certificate = TrustedCertificate.ForLoopback };
        server.Extensions = [.. server.Extensions, "REQUIRETLS"];
        await using var scene = new DeliveryScene { Zone = new Zone { Mx = { ["example.test"] = [(10, "mx.elsewhere.test")] }, Addresses = { ["mx.elsewhere.test"] = ["127.0.0.1"] } } };
        await using var origin = new FakeMailServer();
        scene.Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("origin.test", origin)], Delivery = new DeliveryOptions { MxPort = server.Port } };
        await scene.StartAsync();
        await scene.SendAsync(Sender, "Subject: x\r\n\r\nx\r\n", "user@example.test");
        await scene.UntilEmptyAsync();
        Assert.Equal((0, "5.7.10"), (server.Connections, RetryTests.Report(Assert.Single(origin.Mail))["Status"]));
    }

    [Fact]
    public async Task Other_mail_to_the_same_server_is_not_held_up_by_it()
    {
        await using var server = new FakeMailServer();
        await using var origin = new FakeMailServer();
        await using var scene = await Scene(server, origin).StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await scene.SendAsync(Sender, "Subject: x\r\n\r\nx\r\n", "user@example.test");
            await scene.SendAsync("user@example.test");
        }
        await scene.UntilEmptyAsync();
        Assert.Equal((5, 5), (server.Mail.Count, origin.Mail.Count));
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_tried_again()
    {
        await using var server = new FakeMailServer { Greeting = "421 4.3.2 Overloaded" };
        await using var scene = await Scene(server).StartAsync();
        await scene.SendAsync(Sender, "Subject: x\r\n\r\nx\r\n", "user@example.test");
        await scene.UntilDeferredAsync(1);
        Assert.Equal(1, scene.Queue.Count);
    }

    [Fact]
    public async Task A_mailbox_on_this_machine_takes_it()
    {
        var scene = new DeliveryScene();
        await using var _ = scene;
        scene.Options = new SmtpRelayOptions { QueuePath = "", LocalDomains = [new() { Name = "local.test", MailboxPath = scene.Temporary("mail") }] };
        await scene.StartAsync();
        await scene.SendAsync(Sender, "Subject: x\r\n\r\nx\r\n", "user@local.test");
        await scene.UntilEmptyAsync();
        Assert.Equal(1, scene.Agent.Delivered);
    }

    private static async Task ReturnsAsync(FakeMailServer server, string status)
    {
        await using var origin = new FakeMailServer();
        await using var scene = await Scene(server, origin).StartAsync();
        await scene.SendAsync(Sender, "Subject: x\r\n\r\nThe secret body\r\n", "user@example.test");
        await scene.UntilEmptyAsync();
        Assert.Empty(server.Mail);
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("MAIL", StringComparison.Ordinal));
        // RFC 8689 section 5: the report is delivered although its way is no safer, but holds the header only, RET=FULL or not.
        var report = Assert.Single(origin.Mail);
        Assert.Equal(("failed", status), (RetryTests.Report(report)["Action"], RetryTests.Report(report)["Status"]));
        Assert.DoesNotContain("secret", report.Text, StringComparison.Ordinal);
    }

    private static DeliveryScene Scene(FakeMailServer server, FakeMailServer? origin = null) =>
        new() { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("origin.test", origin ?? server), DeliveryScene.Route("*", server)] } };
}
