using MailOps.Relay.Delivery.Pace;
using MailOps.Relay.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Delivery.Pace;

/// <summary>A site alone, and queues that want to go on: who may, who is called, and what is remembered.</summary>
public sealed class SiteTests : IDisposable
{
    private static readonly PaceBounds Wide = new() { MaxConnections = 10, MaxMessagesPerConnection = 100, ConnectionIdle = TimeSpan.FromMinutes(1) };
    private static readonly HoldDown HoldDown = new(TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly List<string> _called = [];
    private readonly List<Site> _sites = [];

    public void Dispose() => _sites.ForEach(site => site.Dispose());

    [Fact]
    public void Who_waits_for_a_place_is_called_in_the_order_of_coming()
    {
        var site = Site(Wide with { MaxConnections = 1 });
        var members = "abcd".Select(name => new Member(name.ToString(), _called)).ToArray();
        Assert.True(site.TryEnter(members[0], 1, opens: true).Enters);
        foreach (var member in members[1..]) Assert.False(site.TryEnter(member, 1, opens: true).Enters);
        site.Leave(members[0]);
        foreach (var member in members[1..])
        {
            Assert.Equal(member.Name, _called[^1]);
            Assert.True(site.TryEnter(member, 1, opens: true).Enters);
            site.Leave(member);
        }
        Assert.Equal(["b", "c", "d"], _called);
    }

    [Fact]
    public void Nobody_passes_who_stands_in_the_ring_though_its_timer_is_late()
    {
        var site = Site(Wide with { MessagesPerMinute = 60 });
        var (first, second) = (new Member("first", _called), new Member("second", _called));
        Assert.True(site.TryEnter(first, 1, opens: true).Enters);
        Assert.False(site.TryEnter(second, 1, opens: true).Enters);
        _clock.AdjustTime(_clock.GetUtcNow().AddSeconds(1));   // and no timer has come
        Assert.False(site.TryEnter(first, 1, opens: true).Enters);
        site.Decline(first);   // its worker ends
        Assert.Equal("second", _called[0]);
        Assert.True(site.TryEnter(second, 1, opens: true).Enters);
    }

    [Fact]
    public void Connections_have_a_rate_and_what_goes_over_an_open_one_does_not_wait_for_it()
    {
        var site = Site(Wide with { ConnectionsPerMinute = 6 });
        var (first, second) = (new Member("first", _called), new Member("second", _called));
        Assert.True(site.TryEnter(first, 1, opens: true).Enters);
        Assert.True(site.TryEnter(first, 1, opens: false).Enters);
        var answer = site.TryEnter(second, 1, opens: true);
        Assert.False(answer.Enters);
        Assert.InRange(answer.Until!.Value, _clock.GetUtcNow().AddSeconds(9), _clock.GetUtcNow().AddSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(_called);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["second"], _called);
        Assert.True(site.TryEnter(second, 1, opens: true).Enters);
    }

    [Fact]
    public void Of_two_routes_that_lead_there_the_tighter_limits_count()
    {
        var site = Site(Wide with { MessagesPerMinute = 100 });
        site.Tighten(Wide with { MaxConnections = 2 });
        site.Tighten(Wide with { MaxConnections = 50, RecipientsPerDay = 7, RequireTls = true });
        Assert.Equal((2, 100, 7, true), (site.Bounds.MaxConnections, site.Bounds.MessagesPerMinute, site.Bounds.RecipientsPerDay, site.Bounds.RequireTls));
    }

    [Fact]
    public void A_reply_that_counts_the_second_time_counts_within_an_hour_only()
    {
        var site = Site(Wide, new PaceReplyOptions { Pattern = "slow", After = 2, MaxConnections = 1 });
        Hear();
        _clock.Advance(TimeSpan.FromMinutes(60));
        Hear();
        Assert.Equal(10, site.Bounds.MaxConnections);
        _clock.Advance(TimeSpan.FromMinutes(59));
        Hear();
        Assert.Equal(1, site.Bounds.MaxConnections);

        void Hear() => site.Heard(new SmtpReply(451, "4.7.0", "slow"));
    }

    [Fact]
    public void Failures_in_a_row_close_it_for_longer_each_time_and_one_success_or_an_administrator_opens_it()
    {
        var site = Site(Wide with { FailuresBeforeDelay = 2 });
        site.Failed(HoldDown);
        site.Reached();
        site.Failed(HoldDown);
        Assert.Null(site.State.DownUntil);
        site.Failed(HoldDown);
        Assert.Equal(_clock.GetUtcNow().AddMinutes(1), site.State.DownUntil);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(site.State.DownUntil);
        site.Failed(HoldDown);
        Assert.Equal(_clock.GetUtcNow().AddMinutes(2), site.State.DownUntil);
        Assert.False(site.TryEnter(new Member("waits", _called), 1, opens: true).Enters);

        Assert.Equal("that it could not be reached", site.Reset());
        Assert.Null(site.State.DownUntil);
        Assert.Equal(["waits"], _called);
        site.Failed(HoldDown);
        Assert.Null(site.State.DownUntil);
    }

    [Fact]
    public void What_was_sent_today_stays_counted_when_an_administrator_asks_for_another_attempt()
    {
        var site = Site(Wide with { RecipientsPerDay = 2 });
        Assert.True(site.TryEnter(new Member("a", _called), 2, opens: true).Enters);
        Assert.Null(site.Reset());
        Assert.Equal(2, site.State.RecipientsSent);
        Assert.False(site.TryEnter(new Member("b", _called), 1, opens: true).Enters);
    }

    [Fact]
    public async Task Where_all_connections_are_open_one_that_has_been_idle_longest_makes_way_for_another_queue()
    {
        var site = Site(Wide with { MaxConnections = 2 });
        var members = "abc".Select(name => new Member(name.ToString(), _called)).ToArray();
        foreach (var member in members[..2])
        {
            var answer = site.TryEnter(member, 1, opens: true);
            Assert.Equal((true, null), (answer.Enters, answer.MakesWay));
            member.Idle = 1;
            site.Leave(member);
        }
        var own = site.TryEnter(members[1], 1, opens: false);   // with the one it has
        Assert.Equal((true, null), (own.Enters, own.MakesWay));
        site.Leave(members[1]);

        var third = site.TryEnter(members[2], 1, opens: true);
        Assert.True(third.Enters);
        await third.MakesWay!;
        Assert.Equal([0, 1, 0], members.Select(member => member.Idle));
    }

    [Fact]
    public void Who_waits_for_a_connection_is_called_when_an_administrator_says_so()
    {
        var site = Site(Wide with { ConnectionsPerMinute = 1 });
        var (first, second) = (new Member("first", _called), new Member("second", _called));
        Assert.True(site.TryEnter(first, 1, opens: true).Enters);
        Assert.False(site.TryEnter(second, 1, opens: true).Enters);
        Assert.Null(site.Reset());
        Assert.Equal(["second"], _called);
        Assert.True(site.TryEnter(second, 1, opens: true).Enters);
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("connections")]
    [InlineData("recipients")]
    [InlineData("down")]
    [InlineData("reply")]
    public void What_holds_it_back_holds_it_back_after_a_restart(string what)
    {
        var bounds = what switch
        {
            "messages" => Wide with { MessagesPerMinute = 1 },
            "connections" => Wide with { MessagesPerMinute = 30_000, ConnectionsPerMinute = 1 },
            "recipients" => Wide with { RecipientsPerDay = 1 },
            "down" => Wide with { FailuresBeforeDelay = 1 },
            _ => Wide,
        };
        var reply = new PaceReplyOptions { Pattern = "slow", Suspend = true };
        var before = Site(bounds, reply);
        Assert.True(before.TryEnter(new Member("before", _called), 1, opens: true).Enters);
        if (what == "down") before.Failed(HoldDown);
        if (what == "reply") before.Heard(new SmtpReply(451, "4.7.0", "slow"));

        var after = Site(bounds, reply);
        after.Restore(before.Save()!);

        Assert.False(after.TryEnter(new Member("after", _called), 1, opens: true).Enters);
        _clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(["after"], _called);
    }

    private Site Site(PaceBounds bounds, params PaceReplyOptions[] replies)
    {
        var profiles = new Profiles(new DeliveryOptions { UseProviderProfiles = false, Replies = replies });
        var site = new Site(new SiteName("host:site", "site"), null, bounds, new SiteContext(_clock, new RecordingTrace(), profiles, () => { }));
        _sites.Add(site);
        return site;
    }

    /// <summary>A queue that always has something to send.</summary>
    private sealed class Member(string name, List<string> called) : ISiteMember
    {
        public string Name => name;

        public int Idle { get; set; }

        public bool Call()
        {
            called.Add(name);
            return true;
        }

        public Task CloseIdleAsync()
        {
            Idle--;
            return Task.CompletedTask;
        }
    }
}
