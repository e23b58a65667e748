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

    [Fact]
    public async Task Domains_of_one_profile_share_its_limits_over_all_its_servers_but_not_where_another_answers_too()
    {
        _zone.Mx["foreign.test"] = [(10, "mx1.apart.test"), (20, "mx.foreign.test")];
        await using var table = Table(new DeliveryOptions { UseProviderProfiles = false, Profiles = [new() { Name = "apart", Hosts = ["*.apart.test"] }] });
        var site = await SiteAsync("d.test");
        Assert.Same(site, await SiteAsync("e.test"));
        Assert.NotSame(site, await SiteAsync("foreign.test"));
        Assert.Equal("apart", (await SiteAsync("foreign.test")).Profile!.Options.Name);

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
        Assert.True(File().Write(() => [new SavedSite { Name = "quiet", DownUntil = _clock.GetUtcNow().AddMinutes(1) }]));
        await Table(new DeliveryOptions()).DisposeAsync();
        Assert.Equal("quiet", Assert.Single(File().Read()).Name);
    }

    [Fact]
    public async Task What_says_nothing_any_more_is_forgotten_at_the_next_save_and_at_the_next_start()
    {
        var now = _clock.GetUtcNow();
        var change = new SavedChange(new PaceReplyOptions { Pattern = "slow", Suspend = true }, now.AddHours(2), "421 slow");
        SavedSite[] sites =
        [
            new() { Name = "message", NextMessage = now.AddMinutes(30).UtcTicks },
            new() { Name = "connection", NextConnection = now.AddMinutes(90).UtcTicks },
            new() { Name = "change", Changes = [change] },
            new() { Name = "down", DownUntil = now.AddHours(3), Failures = 7 },
            new() { Name = "day", Day = [new DayStep(now.UtcTicks, 5)] },
        ];
        Assert.True(File().Write(() => sites));
        await using (var table = Table(new DeliveryOptions { Pace = new PaceOptions { RecipientsPerDay = 1000 } }))
        {
            var (site, _) = await table.OfAsync(new NextHop(RouteKind.Mx, "a.test") { Port = 25 }, Ended);
            _clock.Advance(TimeSpan.FromMinutes(100));
            Assert.True(site!.TryEnter(new Quiet(), 1, opens: true).Enters);
            await Poll.UntilAsync(() =>
            {
                _clock.Advance(TimeSpan.FromSeconds(5));
                return File().Read().Select(saved => saved.Name).Order(StringComparer.Ordinal).SequenceEqual(["change", "day", "down", site.Name.Key]);
            });
        }
        _clock.Advance(TimeSpan.FromHours(25));
        Assert.NotEmpty(File().Read());
        await Table(new DeliveryOptions()).DisposeAsync();
        Assert.Empty(File().Read());
    }

    [Fact]
    public async Task A_profile_mail_exchangers_a_host_and_a_user_of_one_name_share_nothing()
    {
        _zone.Mx["big"] = [(10, "big")];
        var profile = new PaceProfileOptions { Name = "big", Hosts = ["*.big.test"] };
        await using var table = Table(new DeliveryOptions { UseProviderProfiles = false, Profiles = [profile] });
        Site[] sites =
        [
            await SiteAsync(new NextHop(RouteKind.Mx, "a.test") { Port = 25 }),
            await SiteAsync(new NextHop(RouteKind.Mx, "big") { Port = 25 }),
            await SiteAsync(Host("big", null)),
            await SiteAsync(Host("mx1.big.test", null)),
            await SiteAsync(Host("mx2.big.test", "mx1.big.test:25")),
        ];
        Assert.Equal(["profile:big", "mx:big", "host:big:25", "profile:big/host:mx1.big.test:25", "profile:big/user:mx1.big.test:25"], sites.Select(site => site.Name.Key));
        Assert.Equal(["big", "big", "big:25", "big/mx1.big.test:25", "big/mx1.big.test:25"], sites.Select(site => site.Name.Words));
        Assert.Equal(5, sites.Distinct().Count());

        async Task<Site> SiteAsync(NextHop hop) => (await table.OfAsync(hop, Ended)).Site!;

        static NextHop Host(string host, string? user) => new(RouteKind.SmartHost, host + ":25")
        {
            Server = new HostPort(host, 25),
            Way = new RouteWay(new RouteOptions { Kind = RouteKind.SmartHost, Host = host, UserName = user }),
        };
    }

    [Fact]
    public async Task What_was_saved_under_a_name_without_its_kind_is_nobodys()
    {
        Assert.True(File().Write(() => [new SavedSite { Name = "mx1.big.test,mx2.big.test", DownUntil = _clock.GetUtcNow().AddHours(1) }]));
        await using var table = Table(new DeliveryOptions { UseProviderProfiles = false });
        var (site, _) = await table.OfAsync(new NextHop(RouteKind.Mx, "a.test") { Port = 25 }, Ended);
        Assert.True(site!.TryEnter(new Quiet(), 3, opens: true).Enters);
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
