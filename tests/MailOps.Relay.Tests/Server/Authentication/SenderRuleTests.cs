using MailOps.Messages;
using MailOps.Relay.Server.Authentication;

namespace MailOps.Relay.Tests.Server.Authentication;

public sealed class SenderRuleTests
{
    [Theory]
    [InlineData("ada@example.test", "ada@example.test", true)]
    [InlineData("ada@example.test", "Ada@EXAMPLE.test", true)]
    [InlineData("ada@example.test", "bob@example.test", false)]
    [InlineData("ada@example.test", "ada@sub.example.test", false)]
    [InlineData("@example.test", "anyone@example.test", true)]
    [InlineData("@example.test", "anyone@sub.example.test", false)]
    [InlineData("@example.test", "anyone@notexample.test", false)]
    [InlineData("@bücher.example.test", "a@xn--bcher-kva.example.test", true)]
    [InlineData("@xn--bcher-kva.example.test", "a@BÜCHER.example.test", true)]
    [InlineData("ada@XN--BCHER-KVA.example.test", "ada@bu\u0308cher.example.test", true)]
    [InlineData("*", "anyone@anywhere.test", true)]
    public void A_rule_allows_its_address_or_its_domain(string rule, string sender, bool allowed)
    {
        Assert.True(SenderRule.IsValid(rule));
        Assert.Equal(allowed, SenderRule.Allows(rule, EmailAddress.Parse(sender)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("example.test")]       // a domain has its at sign, so that a name without one is no slip
    [InlineData("ada@")]
    [InlineData("ada@exa mple.test")]
    [InlineData("*@example.test x")]
    public void What_is_no_rule_is_refused(string rule) => Assert.False(SenderRule.IsValid(rule));
}
