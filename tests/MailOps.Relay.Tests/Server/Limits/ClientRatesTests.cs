using System.Net;
using MailOps.Relay.Server.Limits;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Limits;

public sealed class ClientRatesTests
{
    private static readonly IPAddress A = IPAddress.Parse("192.0.2.1"), B = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_client_has_a_minutes_share_at_once_and_gets_it_back_evenly()
    {
        var rates = new ClientRates(_clock);
        Assert.Equal([true, true, true, false], Count(rates, A, 3, 4));
        Assert.Equal([true], Count(rates, B, 3, 1));
        _clock.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal([false], Count(rates, A, 3, 1));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([true, false], Count(rates, A, 3, 2));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal([true, true, true, false], Count(rates, A, 3, 4));
    }

    [Fact]
    public void Sessions_messages_and_recipients_are_counted_each_for_itself()
    {
        var rates = new ClientRates(_clock);
        foreach (var rate in Enum.GetValues<Rate>())
        {
            Assert.True(rates.TryCount(A, rate, 1));
            Assert.False(rates.TryCount(A, rate, 1));
        }
    }

    [Fact]
    public void An_IPv6_client_is_its_network_and_this_machine_is_not_counted()
    {
        var rates = new ClientRates(_clock);
        Assert.True(rates.TryCount(IPAddress.Parse("2001:db8::1"), Rate.Sessions, 1));
        Assert.False(rates.TryCount(IPAddress.Parse("2001:db8::2"), Rate.Sessions, 1));
        Assert.True(rates.TryCount(IPAddress.Parse("2001:db8:0:1::1"), Rate.Sessions, 1));
        Assert.Equal([true, true, true], Count(rates, IPAddress.Loopback, 1, 3));
        Assert.Equal([true, true, true], Count(rates, A, 0, 3));
    }

    [Fact]
    public void A_flood_of_clients_is_counted_up_to_a_number_and_forgotten_a_minute_later()
    {
        var rates = new ClientRates(_clock);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < ClientRates.MaxClients; i++) Assert.True(rates.TryCount(Client(i), Rate.Sessions, 1));
        Assert.False(rates.TryCount(Client(0), Rate.Sessions, 1));
        for (var i = 0; i < 3; i++) Assert.True(rates.TryCount(Client(ClientRates.MaxClients + 7), Rate.Sessions, 1));   // one too many: uncounted
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(rates.TryCount(Client(ClientRates.MaxClients + 7), Rate.Sessions, 1));
        Assert.False(rates.TryCount(Client(ClientRates.MaxClients + 7), Rate.Sessions, 1));
    }

    [Fact]
    public void A_flood_beyond_that_number_costs_no_more_than_one_look_at_all_of_them_a_second()
    {
        var rates = new ClientRates(_clock);
        for (var i = 0; i < ClientRates.MaxClients; i++) rates.TryCount(Client(i), Rate.Sessions, 1);
        var before = rates.Sweeps;
        for (var second = 0; second < 3; second++)
        {
            for (var i = 0; i < 500; i++) Assert.True(rates.TryCount(Client(ClientRates.MaxClients + i), Rate.Sessions, 1));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.InRange(rates.Sweeps - before, 1, 3);
    }

    private static IPAddress Client(int number) => new([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]);

    private static bool[] Count(ClientRates rates, IPAddress client, int limit, int times) =>
        [.. Enumerable.Range(0, times).Select(_ => rates.TryCount(client, Rate.Messages, limit))];
}
