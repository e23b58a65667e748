using System.Net;
using System.Net.Sockets;
using MailOps.Relay.Delivery.Smtp;

namespace MailOps.Relay.Tests.Delivery.Smtp;

public sealed class SmtpHostTests
{
    [Fact]
    public async Task A_kind_of_address_the_system_has_no_sockets_for_is_a_failure_of_that_host_only()
    {
        var host = new SmtpHost("mx.test", new Unsupported());

        var failure = await Assert.ThrowsAsync<SmtpFailureException>(async () => await host.ConnectAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));

        Assert.Equal((SmtpStep.Connect, "4.4.1"), (failure.Step, failure.Reply.EnhancedCode));
    }

    // As IPv6 is where it is switched off.
    private sealed class Unsupported() : IPEndPoint(IPAddress.Loopback, 25)
    {
        public override AddressFamily AddressFamily => AddressFamily.Ecma;
    }
}
