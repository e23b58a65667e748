using MailOps.Relay.Server.Authentication;

namespace MailOps.Relay.Tests.Server.Authentication;

public sealed class SaslPrepTests
{
    [Theory]
    [InlineData("I\u00ADX", "IX")]              // the examples of RFC 4013 section 3
    [InlineData("user", "user")]
    [InlineData("USER", "USER")]
    [InlineData("\u00AA", "a")]
    [InlineData("\u2168", "IX")]
    [InlineData("\u0007", null)]
    [InlineData("\u0627\u0031", null)]
    [InlineData("a\u00A0b\u3000c", "a b c")]
    [InlineData("pa\u0308ss", "p\u00E4ss")]     // composed or not, it is the same password
    [InlineData("\u0627\u0628\u0629", "\u0627\u0628\u0629")]
    [InlineData("\u0627a\u0629", null)]
    [InlineData("\u05D0\u05D1 \u05D2", "\u05D0\u05D1 \u05D2")]
    [InlineData("tab\there", null)]
    [InlineData("\u0080", null)]
    [InlineData("\uE000", null)]
    [InlineData("\uFFFF", null)]
    [InlineData("\uD800", null)]
    [InlineData("\u202Eabc", null)]
    [InlineData("\U000E0041", null)]
    [InlineData("\U0001F511", "\U0001F511")]
    [InlineData("zażółć gęślą", "zażółć gęślą")]
    [InlineData("", "")]
    public void Names_and_passwords_are_prepared(string text, string? prepared) => Assert.Equal(prepared, SaslPrep.Prepare(text));
}
