using System.Globalization;
using MailOps.Messages;

namespace MailOps.Core.Tests.Messages;

public sealed class MailboxTests
{
    [Theory]
    [InlineData("a@x.test", "a@x.test")]
    [InlineData(" a@x.test , b@y.test ", "a@x.test|b@y.test")]
    [InlineData("a@x.test, \"B, C\" <b@y.test>", "a@x.test|\"B, C\" <b@y.test>")]
    [InlineData("Jo Doe <jo@x.test>", "\"Jo Doe\" <jo@x.test>")]
    [InlineData("team: a@x.test, b@x.test;", "a@x.test|b@x.test")]
    [InlineData("Jürgen <juergen@x.test>", "\"Jürgen\" <juergen@x.test>")]
    [InlineData("a@bücher.test", "a@xn--bcher-kva.test")]
    [InlineData("jürgen@bücher.test", "jürgen@xn--bcher-kva.test")]
    [InlineData("\"a b\"@x.test", "\"a b\"@x.test")]
    [InlineData("a@[192.0.2.1]", "a@[192.0.2.1]")]
    [InlineData("  ", "")]
    public void Lists_are_read_as_people_write_them(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', Mailbox.ParseList(text).Select(m => m.ToString())));

    [Theory]
    [InlineData("nobody")]
    [InlineData("a@")]
    [InlineData("@x.test")]
    [InlineData("a@x.test b@y.test")]
    [InlineData("a@x.test; b@y.test")]
    [InlineData("a@-x.test")]
    [InlineData("<a@x.test")]
    [InlineData("a@x.test\r\nRCPT TO:<b@y.test>")]
    [InlineData("team:;")]
    public void What_is_no_list_is_refused_with_advice(string text)
    {
        var error = Assert.Throws<MailOpsException>(() => Mailbox.ParseList(text));

        Assert.Equal(ErrorCode.InvalidAddress, error.Code);
        Assert.Contains(text.Contains(';') ? "commas" : "user@example.com", error.Hint);
    }

    [Fact]
    public void Domains_are_read_alike_in_turkish()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
        try
        {
            Assert.Equal("I@INFO.test", Mailbox.Parse("I@INFO.test").Address.ToString());
            Assert.Equal("i@xn--bcher-kva.test", Mailbox.Parse("i@BÜCHER.test").Address.ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
