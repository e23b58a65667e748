using MailOps.Relay.Configuration;
using MailOps.Relay.Delivery;
using MailOps.Relay.Delivery.Pace;
using MailOps.Relay.Disk;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Delivery.Pace;

/// <summary>Which queues share a site, and what of sites is on disk.</summary>
public sealed class SiteTableTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mailops-sites-");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly RecordingTrace _trace = new();
    private readonly Zone _zone = new()
    {
        Mx =
        {
            ["a.test"] = [(10, "mx1.big.test"), (20, "mx2.big.test")],
            ["b.test"] = [(10, "MX2.big.test"), (10, "mx1.big.test")],
            ["c.test"] = [(10, "mx1.big.test")],
            ["d.test"] = [(10, "mx1.apart.test")],
            ["e.test"] = [(10, "mx2.apart.test")],
        },
    };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("a.test", "b.test", true)]     // the same servers, whatever their order is
    [InlineData("a.test", "c.test", false)]    // one of them only
    [InlineData("d.test", "e.test", false)]    // a profile whose servers have each their own limits
    [InlineData("x.test", "y.test", false)]    // nobody knows their servers
    public async Task Domains_with_the_same_servers_share_their_limits(string one, string other, bool same)
    {
        await using var table = Table(new DeliveryOptions { UseProviderProfiles = false, Profiles = [new() { Name = "apart", Hosts = ["*.apart.test"], Joined = false }] });
        Assert.Equal(same, await SiteAsync(one) == await SiteAsync(other));

        async Task<Site> SiteAsync(string domain) => (await table.OfAsync(new NextHop(RouteKind.Mx, domain) { Port = 25 }, Ended)).Site!;
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "b", false)]
    [InlineData("a", null, false)]
    public async Task A_smart_host_counts_by_account(string? one, string? other, bool same)
    {
        await using var table = Table(new DeliveryOptions { UseProviderProfiles = false, Profiles = [new() { Name = "big", Hosts = ["*.big.test"] }] });
        Assert.Equal(same, await SiteAsync("mx1.big.test", one) == await SiteAsync("mx1.big.test", other));
        Assert.Equal(same, await SiteAsync("small.test", one) == await SiteAsync("small.test", other));

        async Task<Site> SiteAsync(string host, string? user)
        {
            var way = new RouteWay(new RouteOptions { Kind = RouteKind.SmartHost, Host = host, UserName = user });
            return (await table.OfAsync(new NextHop(RouteKind.SmartHost, host + ":25") { Server = new HostPort(host, 25), Way = way }, Ended)).Site!;
        }
    }

    [Fact]
    public async Task What_was_remembered_of_a_site_to_which_nothing_has_gone_since_the_start_stays_remembered()
    {
        Assert.True(File().Write([new SavedSite { Name = "quiet", NextMessage = 5 }]));
        await Table(new DeliveryOptions()).DisposeAsync();
        Assert.Equal("quiet", Assert.Single(File().Read()).Name);
    }

    [Fact]
    public async Task What_the_disk_did_not_take_is_written_when_it_does()
    {
        var way = Directory.CreateDirectory(Path.Combine(_folder.FullName, "pace.new"));   // in the way
        await using var table = Table(new DeliveryOptions { Pace = new PaceOptions { RecipientsPerDay = 10 } });
        var (site, _) = await table.OfAsync(new NextHop(RouteKind.Mx, "a.test") { Port = 25 }, Ended);
        Assert.True(site!.TryEnter(new Quiet(), 3, opens: true).Enters);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await Poll.UntilAsync(() => _trace.Faults.Count == 1);
        way.Delete();
        await Poll.UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            return System.IO.File.Exists(Path.Combine(_folder.FullName, "pace"));
        });
        Assert.Equal(3, Assert.Single(File().Read()).Day.Single().Count);
    }

    private PaceFile File() => new(new LocalDisk(), _folder.FullName, _trace);

    private SiteTable Table(DeliveryOptions options) =>
        new(options, _zone, (profiles, changed) => new SiteContext(_clock, _trace, profiles, changed), File());

    private sealed class Quiet : ISiteMember
    {
        public int Idle => 0;

        public bool Call() => false;

        public Task CloseIdleAsync() => Task.CompletedTask;
    }
}
