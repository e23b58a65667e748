using MailOps.Relay.Configuration;

namespace MailOps.Relay.Tests.Configuration;

public sealed class AddressingRulesTests
{
    [Theory]
    [InlineData("""{ "aliases": [ { "address": "@a.test", "to": [ "@b.test", "c@d.test" ] } ], "rewrite": [ { "from": "*.a.test", "to": "@b.test" } ], "srs": { "domain": "a.test", "secrets": [ { "file": "x" } ] } }""", null)]
    [InlineData("""{ "aliases": [ { "address": "a", "to": [ "b@c.test" ] } ] }""", "aliases[0].address must be an address or @domain, not 'a'.")]
    [InlineData("""{ "aliases": [ { "address": "a@b.test", "to": [ "@c.test" ] } ] }""", "aliases[0].to[0] must be an address, or for a domain @domain, not '@c.test'.")]
    [InlineData("""{ "aliases": [ { "address": "a@b.test", "to": [] } ] }""", "aliases[0].to needs at least one address.")]
    [InlineData("""{ "aliases": [ { "address": "a@b.test", "to": [ "x@c.test" ] }, { "address": "A@B.test", "to": [ "x@c.test" ] } ] }""", "aliases names 'a@b.test' more than once.")]
    [InlineData("""{ "rewrite": [ { "from": "<>", "to": "@b.test" } ] }""", "rewrite[0].from must be an address, @domain or *.domain, not '<>'.")]
    [InlineData("""{ "rewrite": [ { "from": "@a.test", "to": "*.b.test" } ] }""", "rewrite[0].to must be an address or @domain, not '*.b.test'.")]
    [InlineData("""{ "rewrite": [ { "from": "@a.test", "to": "@b.test", "senders": false, "recipients": false } ] }""", "rewrite[0] is for neither senders nor recipients.")]
    [InlineData("""{ "srs": { "domain": "a b" } }""", "srs.domain must be a domain, not 'a b'.")]
    [InlineData("""{ "pickup": { "path": "p", "scanInterval": "00:00:00.01" } }""", "pickup.scanInterval must be between 50 milliseconds and an hour.")]
    public void What_aliases_and_rewriting_may_say(string text, string? fault)
    {
        var document = text.Insert(1, """ "queuePath": "q", """);
        if (fault is null) Assert.Single(RelayConfiguration.Read(document, "test").Aliases);
        else Assert.Equal("test: " + fault, Assert.Throws<MailOpsException>(() => RelayConfiguration.Read(document, "test")).Message);
    }
}
