using MailOps.Relay.Configuration;

namespace MailOps.Relay.Tests.Configuration;

public sealed class HostPortTests
{
    [Theory]
    [InlineData("mx.example.test", "mx.example.test", 25)]
    [InlineData("mx.example.test:587", "mx.example.test", 587)]
    [InlineData("192.0.2.1:2525", "192.0.2.1", 2525)]
    [InlineData("[2001:db8::1]:25", "2001:db8::1", 25)]
    [InlineData("[2001:db8::1]", "2001:db8::1", 25)]
    [InlineData("2001:db8::1", "2001:db8::1", 25)]
    public void Hosts_with_and_without_ports_are_read(string text, string host, int port)
    {
        Assert.True(HostPort.TryParse(text, 25, out var read));
        Assert.Equal((host, port), (read.Host, read.Port));
        Assert.True(HostPort.TryParse(read.ToString(), 0, out var again));
        Assert.Equal(read, again);
    }

    [Fact]
    public void A_Unix_socket_is_read()
    {
        Assert.True(HostPort.TryParse("unix:/run/lmtp", 24, out var read));
        Assert.Equal("/run/lmtp", read.UnixPath);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("unix:")]
    [InlineData(":25")]
    [InlineData("host:")]
    [InlineData("host:25x")]
    [InlineData("host:65536")]
    [InlineData("[2001:db8::1")]
    [InlineData("[2001:db8::1]x")]
    [InlineData("ho st")]
    [InlineData("host\r\n")]
    public void What_is_not_a_host_is_refused(string? text) => Assert.False(HostPort.TryParse(text, 25, out _));
}
