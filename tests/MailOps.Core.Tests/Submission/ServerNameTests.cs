using MailOps.Submission;

namespace MailOps.Core.Tests.Submission;

public sealed class ServerNameTests
{
    [Theory]
    [InlineData(" Mail.Example.TEST ", "mail.example.test")]
    [InlineData("bücher.test", "xn--bcher-kva.test")]
    [InlineData("relay", "relay")]
    [InlineData("mx1", "mx1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("[::1]", "::1")]
    [InlineData("fe80::1%1", "fe80::1%1")]
    public void A_name_or_an_address_is_taken(string text, string expected) => Assert.Equal(expected, ServerName.Read(text));

    [Theory]
    [InlineData("587")]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("127.1")]
    [InlineData("010.0.0.1")]
    [InlineData("12345678901")]
    [InlineData("0x7f000001")]
    [InlineData("mail.example.465")]
    [InlineData("1.2.3.4.5")]
    [InlineData("a b")]
    [InlineData("")]
    public void A_number_in_the_wrong_place_is_none(string text) => Assert.Equal(ErrorCode.InvalidDomain, Assert.Throws<MailOpsException>(() => ServerName.Read(text)).Code);
}
