using System.Net;
using MailOps.Relay.Server.Authentication;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Authentication;

public sealed class FailedLoginsTests
{
    private static readonly IPAddress Stranger = IPAddress.Parse("192.0.2.7");
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Each_failure_waits_longer_and_the_tenth_blocks_for_a_stated_time()
    {
        var failures = new FailedLogins(new AuthenticationOptions(), _clock);
        for (var i = 1; i <= 10; i++)
        {
            Assert.False(failures.IsBlocked(Stranger));
            Assert.Equal(i, failures.Add(Stranger, out var blocked).TotalSeconds);
            Assert.Equal(i == 10 ? _clock.GetUtcNow() + TimeSpan.FromMinutes(15) : null, blocked);
        }
        Assert.True(failures.IsBlocked(Stranger));
        Assert.Equal(("192.0.2.7", _clock.GetUtcNow() + TimeSpan.FromMinutes(15), 10), Assert.Single(failures.Blocked()));
        Assert.Equal(10, failures.Add(Stranger, out var again).TotalSeconds);
        Assert.Null(again);                                       // a block is not told twice, nor made longer by those who wait for its end
        _clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        Assert.True(failures.IsBlocked(Stranger));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(failures.IsBlocked(Stranger));
        Assert.Empty(failures.Blocked());
        Assert.Equal(1, failures.Add(Stranger, out _).TotalSeconds);
    }

    [Fact]
    public void Failures_count_for_ten_minutes_only()
    {
        var failures = new FailedLogins(new AuthenticationOptions(), _clock);
        for (var i = 0; i < 30; i++)
        {
            failures.Add(Stranger, out var blocked);
            Assert.Null(blocked);
            _clock.Advance(TimeSpan.FromSeconds(70));
        }
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", true)]        // one /64
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    public void A_client_is_an_IPv4_address_or_a_64_of_IPv6(string guesser, string other, bool blocked)
    {
        var failures = new FailedLogins(new AuthenticationOptions(), _clock);
        for (var i = 0; i < 10; i++) failures.Add(IPAddress.Parse(guesser), out _);
        Assert.Equal(blocked, failures.IsBlocked(IPAddress.Parse(other)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("198.51.100.9")]
    [InlineData("::ffff:198.51.100.9")]
    public void This_machine_and_listed_networks_are_slowed_and_never_blocked(string address)
    {
        var failures = new FailedLogins(new AuthenticationOptions { NeverBlock = ["198.51.100.0/24"] }, _clock);
        TimeSpan wait = default;
        for (var i = 0; i < 50; i++)
        {
            wait = failures.Add(IPAddress.Parse(address), out var blocked);
            Assert.Null(blocked);
        }
        Assert.False(failures.IsBlocked(IPAddress.Parse(address)));
        Assert.Equal(10, wait.TotalSeconds);
    }

    [Fact]
    public void Zero_blocks_nobody()
    {
        var failures = new FailedLogins(new AuthenticationOptions { MaxFailures = 0 }, _clock);
        for (var i = 0; i < 50; i++) failures.Add(Stranger, out _);
        Assert.False(failures.IsBlocked(Stranger));
    }

    [Fact]
    public void A_block_can_be_ended_by_the_name_it_is_shown_with()
    {
        var failures = new FailedLogins(new AuthenticationOptions(), _clock);
        for (var i = 0; i < 10; i++) failures.Add(IPAddress.Parse("2001:db8::1"), out _);
        Assert.False(failures.Unblock("192.0.2.7"));
        var shown = Assert.Single(failures.Blocked()).Network;
        Assert.Equal("2001:db8::/64", shown);
        Assert.True(failures.Unblock(shown));
        Assert.False(failures.IsBlocked(IPAddress.Parse("2001:db8::1")));
        Assert.False(failures.Unblock(shown));
        Assert.Equal(1, failures.Add(IPAddress.Parse("2001:db8::1"), out _).TotalSeconds);
    }

    [Fact]
    public void A_stranger_with_many_addresses_fills_no_memory_and_lifts_no_block()
    {
        var failures = new FailedLogins(new AuthenticationOptions(), _clock);
        for (var i = 0; i < 10; i++) failures.Add(Stranger, out _);
        for (var i = 0; i < 3 * FailedLogins.MaxClients; i++) failures.Add(new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]), out _);
        Assert.Equal(FailedLogins.MaxClients, failures.Count);
        Assert.True(failures.IsBlocked(Stranger));
    }
}
