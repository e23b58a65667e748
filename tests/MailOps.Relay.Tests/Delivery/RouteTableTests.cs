using MailOps.Messages;
using MailOps.Relay.Delivery;

namespace MailOps.Relay.Tests.Delivery;

public sealed class RouteTableTests
{
    private static readonly SmtpRelayOptions Options = new()
    {
        QueuePath = "",
        LocalDomains = [new() { Name = "Local.test", MailboxPath = "/mail" }, new() { Name = "bücher.test", Lmtp = "unix:/run/lmtp" }],
        Routes =
        [
            new() { Domain = "local.test", Kind = RouteKind.SmartHost, Host = "never.test" },
            new() { Domain = "partner.test", Kind = RouteKind.SmartHost, Host = "mx.partner.test:587", Tls = TlsMode.StartTls },
            new() { Domain = "*.partner.test", Kind = RouteKind.Lmtp, Host = "127.0.0.1" },
            new() { Domain = "*.test", Kind = RouteKind.Mx, Port = 2525, Tls = TlsMode.None },
            new() { Domain = "archive.invalid", Kind = RouteKind.Maildir, MailboxPath = "/archive" },
        ],
    };

    private static readonly SmtpRelayOptions Named = Options with
    {
        Routes =
        [
            new() { Name = "Partner", Domain = "partner.test", Kind = RouteKind.SmartHost, Host = "mx.partner.test:587", Tls = TlsMode.StartTls, UserName = "relay", Password = new() { File = "password" } },
            new() { Name = "byname", Domain = "never.invalid", Kind = RouteKind.Mx },
        ],
    };

    [Theory]
    [InlineData(587, "password", null, true)]
    [InlineData(465, "password", null, false)]
    [InlineData(587, "another", null, false)]
    [InlineData(587, "password", 5, false)]
    public void Two_routes_that_say_the_same_of_the_way_share_one_queue(int port, string password, int? firstDelay, bool same)
    {
        RouteOptions Route(string domain, int port, string password, int? firstDelay = null) =>
            new() { Retry = firstDelay is { } minutes ? new() { FirstDelay = TimeSpan.FromMinutes(minutes) } : null, Name = domain[..3], Domain = domain, Kind = RouteKind.SmartHost, Host = "hub.test", Port = port, UserName = "relay", Password = new() { File = password } };
        var table = new RouteTable(new SmtpRelayOptions { QueuePath = "", Routes = [Route("one.test", 587, "password"), Route("two.test", port, password, firstDelay)] });

        Assert.Equal(same, table.Of(EmailAddress.Parse("a@one.test")) == table.Of(EmailAddress.Parse("a@two.test")));
    }

    [Theory]
    [InlineData("a@LOCAL.test", RouteKind.Maildir, "local.test")]
    [InlineData("a@bücher.test", RouteKind.Lmtp, "unix:/run/lmtp")]
    [InlineData("a@xn--bcher-kva.test", RouteKind.Lmtp, "unix:/run/lmtp")]
    [InlineData("a@BÜCHER.Test", RouteKind.Lmtp, "unix:/run/lmtp")]
    [InlineData("a@bu\u0308cher.test", RouteKind.Lmtp, "unix:/run/lmtp")]
    [InlineData("a@PARTNER.TEST", RouteKind.SmartHost, "mx.partner.test:587")]
    [InlineData("a@Partner.test", RouteKind.SmartHost, "mx.partner.test:587")]
    [InlineData("a@deep.sub.partner.test", RouteKind.Lmtp, "127.0.0.1:24")]
    [InlineData("a@other.test", RouteKind.Mx, "other.test")]
    [InlineData("a@straße.invalid", RouteKind.Mx, "xn--strae-oqa.invalid")]
    [InlineData("a@archive.invalid", RouteKind.Maildir, "archive.invalid")]
    [InlineData("a@[192.0.2.1]", RouteKind.Mx, "[192.0.2.1]")]
    public void A_local_domain_comes_first_then_the_first_route_that_matches_then_the_mail_exchangers(string recipient, RouteKind kind, string name)
    {
        var hop = new RouteTable(Options).Of(EmailAddress.Parse(recipient));

        Assert.Equal((kind, name), (hop.Kind, hop.Name));
    }

    [Theory]
    [InlineData("other.test", "other.test:25", RouteKind.SmartHost, "other.test:25")]
    [InlineData("Other.test:26", "Other.test:26", RouteKind.SmartHost, "Other.test:26")]
    [InlineData("[2001:db8::1]:25", "[2001:db8::1]:25", RouteKind.SmartHost, "[2001:db8::1]:25")]
    [InlineData("PARTNER", "route:Partner", RouteKind.SmartHost, "mx.partner.test:587")]
    [InlineData("byname", "route:byname", RouteKind.Mx, "local.test")]
    public void A_redirect_is_a_server_or_the_route_of_that_name(string target, string kept, RouteKind kind, string name)
    {
        var routes = new RouteTable(Named);
        Assert.Equal(kept, routes.RedirectTo(target));
        var hop = routes.Of(EmailAddress.Parse("a@local.test"), kept, null);
        Assert.Equal((kind, name), (hop.Kind, hop.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no such thing")]
    [InlineData("host:0")]
    [InlineData("host:99999")]
    [InlineData("unix:/run/lmtp")]
    public void What_is_neither_a_server_nor_a_route_is_no_target(string target) => Assert.Null(new RouteTable(Named).RedirectTo(target));

    [Fact]
    public void A_server_that_a_route_names_is_reached_as_the_route_says_and_another_without_its_credential()
    {
        var routes = new RouteTable(Named);
        Assert.Equal((TlsMode.StartTls, "relay"), (routes.Of(EmailAddress.Parse("a@x.test"), "mx.partner.test:587", null).Tls, routes.Of(EmailAddress.Parse("a@x.test"), "MX.partner.test:587", null).Credential?.UserName));
        Assert.Equal((TlsMode.Auto, null), (routes.Of(EmailAddress.Parse("a@x.test"), "mx.partner.test:25", null).Tls, routes.Of(EmailAddress.Parse("a@x.test"), "mx.partner.test:25", null).Credential?.UserName));
    }

    [Fact]
    public void A_redirect_to_a_route_that_is_gone_counts_no_more_and_never_becomes_a_server_of_that_name()
    {
        var hop = new RouteTable(Options).Of(EmailAddress.Parse("a@other.test"), "route:gone.test", null);
        Assert.Equal((RouteKind.Mx, "other.test"), (hop.Kind, hop.Name));
    }

    [Fact]
    public void Two_next_hops_are_one_when_all_about_them_is_the_same()
    {
        var routes = new RouteTable(Options);

        Assert.Equal(routes.Of(EmailAddress.Parse("a@other.test")), routes.Of(EmailAddress.Parse("b@OTHER.test")));
        Assert.NotEqual(routes.Of(EmailAddress.Parse("a@other.test")), routes.Of(EmailAddress.Parse("a@another.test")));
        Assert.NotEqual(routes.Of(EmailAddress.Parse("a@x.invalid")), new RouteTable(Options with { Delivery = new() { MxPort = 26 } }).Of(EmailAddress.Parse("a@x.invalid")));
    }

    [Fact]
    public void An_address_literal_names_its_server_and_a_smart_host_for_all_takes_it_too()
    {
        var direct = new RouteTable(new SmtpRelayOptions { QueuePath = "" }).Of(EmailAddress.Parse("a@[IPv6:2001:db8::1]"));
        Assert.Equal("[2001:db8::1]:25", direct.Server!.ToString());

        var smart = new RouteTable(new SmtpRelayOptions { QueuePath = "", Routes = [new() { Kind = RouteKind.SmartHost, Host = "smart.test" }] }).Of(EmailAddress.Parse("a@[192.0.2.1]"));
        Assert.Equal("smart.test:25", smart.Name);
    }

    [Fact]
    public void A_password_is_for_named_servers_only()
    {
        var route = new RouteOptions { Kind = RouteKind.Mx, Tls = TlsMode.StartTls, UserName = "relayuser", Password = new SecretReference { EnvironmentVariable = "X" } };
        var hop = new RouteTable(new SmtpRelayOptions { QueuePath = "", Routes = [route] }).Of(EmailAddress.Parse("a@b.test"));

        Assert.Equal((TlsMode.StartTls, null), (hop.Tls, hop.Credential));
    }

    [Fact]
    public void The_name_of_a_next_hop_does_not_tell_who_authenticates()
    {
        var route = new RouteOptions { Kind = RouteKind.SmartHost, Host = "smart.test", UserName = "relayuser", Password = new SecretReference { EnvironmentVariable = "X" } };
        var hop = new RouteTable(new SmtpRelayOptions { QueuePath = "", Routes = [route] }).Of(EmailAddress.Parse("a@b.test"));

        Assert.DoesNotContain("relayuser", hop.ToString(), StringComparison.Ordinal);
    }
}
