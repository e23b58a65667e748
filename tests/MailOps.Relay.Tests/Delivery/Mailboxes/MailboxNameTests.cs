using MailOps.Messages;
using MailOps.Relay.Delivery.Mailboxes;

namespace MailOps.Relay.Tests.Delivery.Mailboxes;

public sealed class MailboxNameTests
{
    [Theory]
    [InlineData("John.Doe+tag", "john.doe+tag")]
    [InlineData("müller", "müller")]
    [InlineData("MÜLLER", "müller")]
    [InlineData("INFO", "info")]
    [InlineData("Νίκος", "νίκοσ")]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("100%", "100%25")]
    [InlineData("\"..\"", "%2E%2E")]
    [InlineData("\"../../etc/passwd\"", "%2E./../etc/passwd")]
    [InlineData("\".hidden\"", "%2Ehidden")]
    [InlineData("\"dot.\"", "dot%2E")]
    [InlineData("\"with space \"", "with%20space%20")]
    [InlineData("\"a\\\\b\"", "a%5Cb")]
    [InlineData("\"a\\\"b\"", "a%22b")]
    [InlineData("\"john\"", "john")]
    [InlineData("\"\"", "%")]
    [InlineData("con", "%63on")]
    [InlineData("Nul.txt", "%6Eul.txt")]
    [InlineData("com1", "%63om1")]
    [InlineData("console", "console")]
    [InlineData("a*b?c|d", "a%2Ab%3Fc%7Cd")]
    [InlineData("\"a:b<c>d\"", "a%3Ab%3Cc%3Ed")]
    [InlineData("\ud83d\ude00", "%F0%9F%98%80")]
    public void A_local_part_has_one_safe_folder_name(string localPart, string expected)
    {
        expected = expected.Replace("/", "%2F", StringComparison.Ordinal);

        Assert.Equal(expected, MailboxName.Of(localPart));
        Assert.True(EmailAddress.TryParse(localPart + "@local.test", out _));
        Assert.Equal(expected, Path.GetFileName(expected));
    }

    [Fact]
    public void Two_local_parts_never_share_a_folder()
    {
        string[] names = ["a", "a%2Fb", "a/b", "%61", "\".\"", "\"..\"", "con", "%63on", "\" \"", "\"%20\"", "\"\"", "%"];

        Assert.Equal(names.Length, names.Select(MailboxName.Of).Distinct(StringComparer.Ordinal).Count());
    }
}
