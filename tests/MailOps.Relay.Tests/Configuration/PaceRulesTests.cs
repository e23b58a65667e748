using MailOps.Relay.Configuration;

namespace MailOps.Relay.Tests.Configuration;

public sealed class PaceRulesTests
{
    [Fact]
    public void What_cannot_be_is_told_with_its_key()
    {
        var text = """
            {
              "queuePath": "q",
              "routes": [ { "kind": "SmartHost", "host": "smtp.office365.com:587", "pace": { "profile": "microsoft365-submision", "messagesPerMinute": -1, "maxConnections": 0, "maxRecipientsPerMessage": 101, "connectionIdle": "00:06:00" } } ],
              "delivery": {
                "profiles": [ { "name": "a b", "hosts": [ "*.*" ], "replies": [ { "pattern": "(?<!x)y", "messagesPerMinute": 1 } ] } ],
                "replies": [ { "pattern": "(", "suspend": true }, { "pattern": "x" }, { "pattern": "x", "suspend": true, "after": 0, "duration": "31.00:00:00" } ]
              }
            }
            """;
        var fault = Assert.Throws<MailOpsException>(() => RelayConfiguration.Read(text, "relay.json")).Message;
        foreach (var key in (string[])
            [
                "routes[0].pace.profile", "routes[0].pace.messagesPerMinute", "routes[0].pace.maxConnections", "routes[0].pace.maxRecipientsPerMessage", "routes[0].pace.connectionIdle",
                "delivery.profiles[0].name", "delivery.profiles[0].hosts[0]", "delivery.profiles[0].replies[0].pattern", "delivery.replies[0].pattern", "delivery.replies[1] changes nothing",
                "delivery.replies[2].after", "delivery.replies[2].duration", "microsoft365-submission",
            ])
            Assert.Contains(key, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_may_be_switched_off_raised_and_replaced()
    {
        var options = RelayConfiguration.Read(
            """
            {
              "queuePath": "q",
              "routes": [ { "domain": "a.test", "pace": { "profile": "mine", "messagesPerMinute": 0 } }, { "pace": { "profile": "google", "maxConnections": 20 } } ],
              "delivery": { "pace": { "messagesPerMinute": 600 }, "profiles": [ { "name": "mine", "hosts": [ "*.mine.test" ], "domains": [ "mine.test" ], "joined": false } ], "replies": [ { "pattern": "slow", "profile": "google" } ] }
            }
            """,
            "relay.json");
        Assert.Equal(("google", 20, 600), (options.Routes[1].Pace!.Profile, options.Routes[1].Pace!.MaxConnections, options.Delivery.Pace!.MessagesPerMinute));
        Assert.Throws<MailOpsException>(() => RelayConfiguration.Read("""{ "queuePath": "q", "delivery": { "useProviderProfiles": false, "pace": { "profile": "google" } } }""", "relay.json"));
    }
}
