using System.Net;
using System.Net.Sockets;
using MailOps.Relay.Delivery.Smtp;

namespace MailOps.Relay.Tests.Delivery.Smtp;

public sealed class SourceAddressTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_server_sees_the_source_address()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var host = new SmtpHost("127.0.0.1", listener.LocalEndpoint) { Source = IPAddress.Parse("127.0.0.77") };
        await using var stream = await host.ConnectAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Ended);
        using var accepted = await listener.AcceptSocketAsync(Ended);
        Assert.Equal("127.0.0.77", ((IPEndPoint)accepted.RemoteEndPoint!).Address.ToString());
    }

    [Fact]
    public async Task A_source_address_that_this_machine_has_not_is_told_and_no_other_is_taken()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var host = new SmtpHost("127.0.0.1", listener.LocalEndpoint) { Source = IPAddress.Parse("192.0.2.1") };
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => host.ConnectAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Ended).AsTask());
        Assert.Equal("4.4.1", failure.Reply.EnhancedCode);
        Assert.Contains("the source address 192.0.2.1 of the route cannot be used on this machine", failure.Reply.Text, StringComparison.Ordinal);
        Assert.False(listener.Pending());
    }
}
