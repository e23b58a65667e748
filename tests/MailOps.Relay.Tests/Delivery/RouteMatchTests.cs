using System.Net;
using MailOps.Messages;
using MailOps.Relay.Configuration;
using MailOps.Relay.Delivery;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Delivery;

public sealed class RouteMatchTests
{
    private static readonly RouteOptions Elsewhere = new() { Kind = RouteKind.SmartHost, Host = "else.test" };

    [Theory]
    [InlineData("boss@example.test", "boss@example.test", true)]
    [InlineData("Boss@EXAMPLE.test", "boss@example.test", true)]
    [InlineData("@example.test", "any@example.test", true)]
    [InlineData("@example.test", "any@sub.example.test", false)]
    [InlineData("*.example.test", "any@deep.sub.example.test", true)]
    [InlineData("*.example.test", "any@example.test", false)]
    [InlineData("@bücher.test", "any@xn--bcher-kva.test", true)]
    [InlineData("*", "any@x.test", true)]
    [InlineData("*", null, false)]
    [InlineData("<>", null, true)]
    [InlineData("<>", "any@x.test", false)]
    [InlineData("boss@example.test", null, false)]
    public void A_route_is_for_senders(string pattern, string? sender, bool expected) =>
        Assert.Equal(expected, Takes(new RouteOptions { Senders = ["x@never.test", pattern] }, new MailSender(sender is null ? null : EmailAddress.Parse(sender))));

    [Theory]
    [InlineData("to@there.test", true)]
    [InlineData("TO@THERE.test", true)]
    [InlineData("other@there.test", false)]
    [InlineData("any@sub.there.test", true)]
    public void A_route_is_for_recipients(string recipient, bool expected) =>
        Assert.Equal(expected, Takes(new RouteOptions { Recipients = ["to@there.test", "*.there.test"] }, new MailSender(null), recipient));

    [Theory]
    [InlineData("one.test", true)]
    [InlineData("deep.two.test", true)]
    [InlineData("two.test", false)]
    public void A_route_is_for_several_domains(string domain, bool expected) =>
        Assert.Equal(expected, Takes(new RouteOptions { Domains = ["one.test", "*.two.test"] }, null, "a@" + domain));

    [Theory]
    [InlineData("127.0.0.1:587", "127.0.0.1:587", true)]
    [InlineData("127.0.0.1:587", "127.0.0.1:25", false)]
    [InlineData("127.0.0.1:0", "127.0.0.1:40123", true)]
    [InlineData("127.0.0.1:0", "127.0.0.2:40123", false)]
    [InlineData("[::1]:25", "[::1]:25", true)]
    [InlineData("127.0.0.1:587", null, false)]
    public void A_route_is_for_a_listener_and_what_the_relay_makes_came_by_none(string listed, string? listener, bool expected) =>
        Assert.Equal(expected, Takes(new RouteOptions { Listeners = [listed] }, new MailSender(null) { Origin = listener is null ? null : new MailOrigin(IPAddress.Loopback, "", "") { Listener = listener } }));

    [Theory]
    [InlineData("app", "app", true)]
    [InlineData("app", "App", false)]
    [InlineData("*", "anybody", true)]
    [InlineData("*", null, false)]
    public void A_route_is_for_users(string listed, string? user, bool expected) =>
        Assert.Equal(expected, Takes(new RouteOptions { Users = [listed] }, new MailSender(null) { Origin = new MailOrigin(IPAddress.Loopback, "", "") { UserName = user } }));

    [Fact]
    public void Everything_that_a_route_names_must_fit_and_the_first_that_fits_wins()
    {
        var both = new RouteOptions { Senders = ["@a.test"], Recipients = ["@there.test"] };
        Assert.True(Takes(both, new MailSender(EmailAddress.Parse("x@a.test")), "y@there.test"));
        Assert.False(Takes(both, new MailSender(EmailAddress.Parse("x@a.test")), "y@other.test"));
        Assert.False(Takes(both, new MailSender(EmailAddress.Parse("x@b.test")), "y@there.test"));
    }

    [Fact]
    public void A_queue_to_which_only_some_senders_mail_comes_is_one_to_which_mail_comes()
    {
        var table = new RouteTable(new SmtpRelayOptions { QueuePath = "", Routes = [new() { Domain = "there.test", Senders = ["@a.test"] }, new() { Kind = RouteKind.Hold, Name = "rest", Senders = ["<>"] }, Elsewhere] });
        Assert.Null(table.WhyNothingComes("there.test"));
        Assert.Null(table.WhyNothingComes("hold:rest"));
        Assert.Null(table.WhyNothingComes("else.test:25"));
        Assert.Contains("'hold:rest' or 'else.test:25'", table.WhyNothingComes("other.test"), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_kind_has_a_name_by_which_its_queue_is_known()
    {
        RouteOptions[] routes =
        [
            new() { Domain = "drop.test", Kind = RouteKind.Drop, DropPath = "/spool/drop" },
            new() { Domain = "refuse.test", Kind = RouteKind.Refuse },
            new() { Domain = "hold.test", Kind = RouteKind.Hold },
            new() { Domain = "legal.test", Kind = RouteKind.Hold, Name = "legal" },
            new() { Domain = "hosts.test", Kind = RouteKind.SmartHost, Hosts = ["a.test", "b.test:26"], Port = 587 },
        ];
        var table = new RouteTable(new SmtpRelayOptions { QueuePath = "", Routes = routes });
        Assert.Equal(["drop:/spool/drop", "refuse", "hold", "hold:legal", "a.test:587,b.test:26"], routes.Select(route => table.Of(EmailAddress.Parse("a@" + route.Domain)).Name));
        Assert.Equal("route:legal", table.RedirectTo("LEGAL"));
        Assert.Equal("hold:legal", table.Of(EmailAddress.Parse("a@x.test"), "route:legal", null).Name);
        // One of several, by an administrator's word: that one only, and as the route says.
        var one = table.Of(EmailAddress.Parse("a@x.test"), "b.test:26", null);
        Assert.Equal(("b.test:26", "b.test:26"), (one.Name, string.Join(' ', one.Servers)));
        Assert.Null(table.UnknownServer("b.test:26"));
    }

    [Fact]
    public void Two_ways_to_one_server_have_queues_of_two_names_and_the_first_keeps_the_servers()
    {
        RouteOptions[] routes =
        [
            new() { Domain = "a.test", Kind = RouteKind.SmartHost, Host = "hub.test" },
            new() { Domain = "b.test", Kind = RouteKind.SmartHost, Host = "hub.test", Name = "partner", Tls = TlsMode.StartTls },
            new() { Domain = "c.test", Kind = RouteKind.SmartHost, Host = "HUB.test", Tls = TlsMode.None },
            new() { Domain = "d.test", Kind = RouteKind.SmartHost, Host = "hub.test", Tls = TlsMode.StartTls },
            new() { Domain = "e.test", Kind = RouteKind.Mx, Senders = ["@news.test"], SourceAddresses = ["127.0.0.9"] },
            new() { Domain = "f.test", Kind = RouteKind.Mx, SourceAddresses = ["127.0.0.9"] },
        ];
        var table = new RouteTable(new SmtpRelayOptions { QueuePath = "", Routes = routes });
        Assert.Equal(["hub.test:25", "hub.test:25#partner", "HUB.test:25#3", "hub.test:25#partner", "e.test", "f.test"], routes.Select(route => table.Of(EmailAddress.Parse("u@" + route.Domain)).QueueName));
        var news = table.Of(EmailAddress.Parse("u@e.test"), new MailSender(EmailAddress.Parse("n@news.test")));
        Assert.Equal(("e.test#5", "e.test", RouteKind.Mx), (news.QueueName, news.Name, news.Kind));
        Assert.Equal(news.QueueName, news.For(new MailSender(EmailAddress.Parse("n@news.test")) { RequireTls = true }).QueueName);
        Assert.All(["hub.test:25", "hub.test:25#partner", "hub.test:25#3", "e.test#5", "e.test"], name => Assert.Null(table.WhyNothingComes(name)));
        Assert.All(["hub.test:25#other", "e.test#4", "f.test#6"], name => Assert.NotNull(table.WhyNothingComes(name)));
        Assert.Equal("hub.test:25", table.Of(EmailAddress.Parse("u@x.test"), "hub.test:25", null).QueueName);
    }

    [Fact]
    public void What_an_administrator_lets_go_passes_routes_that_hold()
    {
        var table = new RouteTable(new SmtpRelayOptions { QueuePath = "", Routes = [new() { Kind = RouteKind.Hold }, Elsewhere] });
        Assert.Equal("hold", table.Of(EmailAddress.Parse("a@x.test"), null, null).Name);
        Assert.Equal("else.test:25", table.Of(EmailAddress.Parse("a@x.test"), RouteTable.Released, null).Name);
    }

    [Theory]
    [InlineData(null, "550 5.7.1 No mail is taken for this recipient")]
    [InlineData("Gone away", "550 5.7.1 Gone away")]
    [InlineData("450 Not today", "450 4.7.1 Not today")]
    [InlineData("450 4.2.1 Not today", "450 4.2.1 Not today")]
    [InlineData("5.2.1 Closed", "550 5.2.1 Closed")]
    [InlineData("450 5.2.1 Closed", null)]
    [InlineData("Zurück", null)]
    [InlineData("", null)]
    public void A_refusal_may_say_its_codes(string? text, string? expected) => Assert.Equal(expected, RouteRefusal.TryParse(text, out var reply) ? reply.ToString() : null);

    private static bool Takes(RouteOptions route, MailSender? sender, string recipient = "to@there.test") =>
        new RouteTable(new SmtpRelayOptions { QueuePath = "", Routes = [route with { Kind = RouteKind.Hold, Name = "it" }, Elsewhere] }).Of(EmailAddress.Parse(recipient), sender).Name == "hold:it";
}
