using System.Text;
using MailOps.Policies;

namespace MailOps.Core.Tests.Policies;

public sealed class MtaStsTests
{
    private const string Good = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n";

    [Fact]
    public void A_policy_says_what_stands_in_it()
    {
        var policy = MtaStsPolicy.Parse(Encoding.UTF8.GetBytes(Good)).Value!;
        Assert.Equal(MtaStsMode.Enforce, policy.Mode);
        Assert.Equal(["mail.example.com", "*.example.net"], policy.Mx);
        Assert.Equal(TimeSpan.FromDays(7), policy.MaxAge);
        Assert.Equal(["version: STSv1", "mode: enforce", "mx: mail.example.com", "mx: *.example.net", "max_age: 604800"], policy.Lines);
        Assert.Equal("https://mta-sts.example.com/.well-known/mta-sts.txt", MtaStsPolicy.UriFor("example.com").ToString());
    }

    [Theory]
    [InlineData("mail.example.com", true)]
    [InlineData("MAIL.example.COM.", true)]
    [InlineData("a.mail.example.com", false)]
    [InlineData("xmail.example.com", false)]
    [InlineData("a.example.net", true)]
    [InlineData("A.EXAMPLE.net", true)]
    [InlineData("a.b.example.net", false)]
    [InlineData("example.net", false)]
    [InlineData(".example.net", false)]
    [InlineData("aexample.net", false)]
    [InlineData("*.example.net", true)]
    [InlineData("", false)]
    public void A_star_stands_for_exactly_one_label(string host, bool allowed) => Assert.Equal(allowed, MtaStsPolicy.Parse(Good).Value!.Allows(host));

    [Fact]
    public void No_policy_is_kept_for_more_than_a_year()
    {
        Assert.Equal(TimeSpan.FromSeconds(31_557_600), MtaStsPolicy.Parse("version:STSv1\nmode:none\nmax_age:9999999999").Value!.MaxAge);
        Assert.Equal(TimeSpan.FromSeconds(31_557_599), MtaStsPolicy.Parse("version:STSv1\nmode:none\nmax_age:31557599").Value!.MaxAge);
    }

    [Fact]
    public void Of_a_field_that_is_there_twice_the_first_counts()
    {
        var policy = MtaStsPolicy.Parse("version:STSv1\nmode:enforce\nmode:none\nmx:a.test\nmax_age:5\nmax_age:6").Value!;
        Assert.Equal(MtaStsMode.Enforce, policy.Mode);
        Assert.Equal(TimeSpan.FromSeconds(5), policy.MaxAge);
    }

    [Theory]
    [InlineData("version: STSv1\nmode: all\nmax_age: 1", "line 2, character 7: 'all' is no mode")]
    [InlineData("version: STSv1\nmode none\nmax_age: 1", "line 2, character 1: 'mode none' has no colon")]
    [InlineData("version: STSv1\n\nmode: none\nmax_age: 1", "line 2, character 1: the line is empty")]
    [InlineData("version: STSv1\r\nmode: none\r\nmax_age:  1x", "line 3, character 11: '1x' is no number of seconds of 1 to 10 digits")]
    [InlineData("version: STSv1\nmode: none\nmax_age: 1\rx: y", "line 3, character 10: '1\rx: y' is no number of seconds of 1 to 10 digits")]
    [InlineData("version: STSv1\nmode: none\nmax_age: 1\nx: a\tb", "line 4, character 4: the value of x has a control character")]
    [InlineData("version: STSv1\nmode: testing\nmax_age: 1", "there is no mx, which every mode but none needs")]
    public void A_fault_has_its_place(string text, string fault) => Assert.Equal(fault, MtaStsPolicy.Parse(text).Fault!.ToString());

    [Fact]
    public void What_is_no_UTF8_is_no_policy() => Assert.Equal("it is no UTF-8 text", MtaStsPolicy.Parse([.. Encoding.ASCII.GetBytes(Good), 0x78, 0x3a, 0xff]).Fault!.ToString());

    [Theory]
    [InlineData("v=STSv1; id=a b", "line 1, character 13: 'a b' is no id, which has 1 to 32 letters and digits")]
    [InlineData("v=STSv1;; id=a", "line 1, character 9: there is nothing between two semicolons")]
    [InlineData("v=STSv1; id=a; x", "line 1, character 16: 'x' has no equals sign")]
    [InlineData("v=STSv1; id=a; x=a b", "line 1, character 19: the value of x has a character that is not allowed there")]
    [InlineData(" v=STSv1; id=a", "line 1, character 1: it does not begin with v=STSv1")]
    [InlineData("v=STSv1; ID=a", "there is no id")]
    public void A_fault_of_a_record_has_its_place(string text, string fault) => Assert.Equal(fault, MtaStsRecord.Parse(text).Fault!.ToString());

    [Fact]
    public void Records_of_others_beside_it_count_for_nothing_and_two_of_it_are_none()
    {
        Assert.Equal("b7", MtaStsRecord.Choose(["v=spf1 -all", "v=STSv1; id=b7;", "v=STSv10; id=x"]).Value!.Id);
        Assert.Equal(new PolicyReading<MtaStsRecord>(null, null), MtaStsRecord.Choose(["v=spf1 -all"]));
        Assert.Equal("there are 2 records of v=STSv1, and only one can be", MtaStsRecord.Choose(["v=STSv1; id=a", "v=STSv1; id=b"]).Fault!.ToString());
    }
}
