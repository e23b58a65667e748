using MailOps.Relay.Configuration;

namespace MailOps.Relay.Tests.Configuration;

public sealed class RouteReachTests
{
    private const string Hub = "\"kind\": \"SmartHost\", \"host\": \"hub.test\"";

    [Theory]
    [InlineData($$"""{ {{Hub}} }, { "domain": "a.test" }""", "routes[1] takes no mail: routes[0] is for all of it and comes first.")]   // the catch-all in front
    [InlineData("""{ "domain": "a.test" }, { "domain": "A.test", "kind": "Refuse" }""", "routes[1] takes no mail: routes[0] is for all of it and comes first.")]
    [InlineData("""{ "domain": "*.a.test" }, { "domain": "b.test" }, { "domains": [ "x.a.test", "*.y.a.test", "b.test" ] }""", "routes[2] takes no mail: routes[0] and routes[1] are for all of it and come first.")]
    [InlineData("""{ "senders": [ "@a.test" ] }, { "senders": [ "b@a.test" ], "users": [ "u" ] }""", "routes[1] takes no mail")]
    [InlineData("""{ "senders": [ "*", "<>" ] }, { "domain": "b.test" }""", "routes[1] takes no mail")]
    [InlineData("""{ "users": [ "*" ] }, { "users": [ "u" ] }""", "routes[1] takes no mail")]
    [InlineData("""{ "recipients": [ "@a.test" ] }, { "domain": "a.test" }""", "routes[1] takes no mail")]
    [InlineData("""{ "domain": "a.test" }, { "recipients": [ "b@a.test" ] }""", "routes[1] takes no mail")]
    [InlineData("""{ "listeners": [ "127.0.0.1:25" ] }, { "listeners": [ "127.0.0.1:25" ], "domain": "b.test" }""", "routes[1] takes no mail")]
    [InlineData("""{ "kind": "Hold" }, { "kind": "Hold", "domain": "b.test" }""", "routes[1] takes no mail")]
    [InlineData("""{ "domain": "LOCAL.test" }""", "routes[0] takes no mail: the local domain 'local.test' is for all of it and comes first.")]
    [InlineData("""{ "recipients": [ "a@local.test" ] }""", "routes[0] takes no mail: the local domain 'local.test' is for all of it and comes first.")]
    [InlineData("""{ "domain": "a.test", "recipients": [ "x@b.test" ] }""", "routes[0] takes no mail: its recipients are in none of its domains.")]
    [InlineData("""{ "domain": "*.a.test" }, { "domain": "a.test" }""", null)]
    [InlineData("""{ "domain": "a.test" }, { "domain": "*.a.test" }""", null)]
    [InlineData($$"""{ "domain": "a.test" }, { {{Hub}} }""", null)]
    [InlineData("""{ "senders": [ "*" ] }, { "domain": "b.test" }""", null)]   // the null sender is left
    [InlineData("""{ "senders": [ "b@a.test" ] }, { "senders": [ "@a.test" ] }""", null)]
    [InlineData("""{ "users": [ "u" ] }, { "users": [ "*" ] }""", null)]
    [InlineData("""{ "listeners": [ "127.0.0.1:25" ] }, { }""", null)]
    [InlineData("""{ "kind": "Hold" }, { "domain": "b.test" }""", null)]   // what is released goes there
    [InlineData("""{ "domain": "*.test", "recipients": [ "a@b.test" ] }, { "domain": "b.test" }""", null)]
    [InlineData("""{ "domain": "*" }, { "name": "standby", "domain": "b.test" }""", null)]   // messages can be moved to it
    public void A_route_that_no_mail_can_come_to_is_refused(string routes, string? fault)
    {
        if (fault is null) Assert.NotEmpty(Read(routes).Routes);
        else Assert.Contains(fault, Assert.Throws<MailOpsException>(() => Read(routes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_refusal_says_what_to_do() => Assert.Equal(
        "relay.json: routes[1] takes no mail: routes[0] is for all of it and comes first. Put it before, or take it out; a route that messages are only moved to (Move-SmtpRelayMessage) needs a name.",
        Assert.Throws<MailOpsException>(() => Read("""{ }, { "domain": "a.test" }""")).Message);

    [Theory]
    [InlineData("""{ }, { "name": "standby", "domain": "b.test" }""", "Route 'standby' (routes[1]) takes no mail by itself, since routes[0] is for all of it and comes first; messages can only be moved to it.")]
    [InlineData("""{ "name": "in", "domain": "local.test" }""", "Route 'in' (routes[0]) takes no mail by itself, since the local domain 'local.test' is for all of it and comes first; messages can only be moved to it.")]
    [InlineData("""{ "domain": "a.test" }, { "domains": [ "b.test", "a.test", "local.test" ] }""", "Nothing of routes[1] counts for 'a.test' and 'local.test': routes[0] and the local domain 'local.test' come first.")]
    [InlineData("""{ "domain": "a.test" }""", null)]
    public void What_may_be_meant_is_a_warning(string routes, string? warning) => Assert.Equal(warning is null ? [] : [warning], OptionsValidator.Warnings(Read(routes)));

    private static SmtpRelayOptions Read(string routes) => RelayConfiguration.Read(
        $$"""{ "queuePath": "q", "listeners": [ { "endpoint": "127.0.0.1:25" } ], "localDomains": [ { "name": "local.test", "mailboxPath": "m" } ], "routes": [ {{routes}} ] }""", "relay.json");
}
