using MailOps.Authenticity.Spf;

namespace MailOps.Core.Tests.Authenticity.Spf;

/// <summary>The grammar of RFC 7208 section 12, and where in the text a fault is told.</summary>
public sealed class SpfParserTests
{
    [Theory]
    [InlineData("v=spf1", true)]
    [InlineData("V=SPF1 -all", true)]
    [InlineData("v=spf1 ", true)]
    [InlineData("v=spf10", false)]
    [InlineData("v=spf1\t-all", false)]
    [InlineData(" v=spf1 -all", false)]
    [InlineData("v=spf1-all", false)]
    [InlineData("v=spf2.0/pra -all", false)]
    [InlineData("", false)]
    public void A_record_begins_with_its_version(string text, bool expected) => Assert.Equal(expected, SpfRecord.IsOne(text));

    [Theory]
    [InlineData("v=spf1")]
    [InlineData("v=spf1   a   -all  ")]
    [InlineData("v=spf1 A MX:example.com/24//64 ~ALL")]
    [InlineData("v=spf1 a/0 a//0 a/32//128 mx/1 a:example.com//1")]
    [InlineData("v=spf1 ip4:0.0.0.0/0 ip4:255.255.255.255 ip6:::/0 ip6:2001:DB8::1/128 ip6:::ffff:192.0.2.1 ip6:1:2:3:4:5:6:7:8 ip6:1:2:3:4:5:6:7::")]
    [InlineData("v=spf1 include:_spf.example.com. exists:%{ir}.%{l1r+-}._spf.%{d} ptr ptr:example.com ?all")]
    [InlineData("v=spf1 redirect=%{d2} exp=exp.%{d}.example.xn--p1ai moo=%{c}%%%_%- moo= x.y-z_1=2")]
    [InlineData("v=spf1 a:museum.a-b a:x.3com a:foo-.1-2 a:%{d99999999999r.-+,/_=} a:.com a:a/b.com")]
    [InlineData("v=spf1 -all ip:192.0.2.1 mx")]
    [InlineData("v=spf1 a:%{H}.example.com a:%{d/}/24 a:x%%")]
    public void What_the_grammar_has_is_taken(string text) => Assert.Empty(SpfParser.Parse(text).Faults.Select(fault => $"{fault.Column} {fault.Reason}"));

    [Theory]
    [InlineData("v=spf1 moo -all", 8)]
    [InlineData("v=spf1 ip:192.0.2.1 -all", 8)]
    [InlineData("v=spf1 -all moo", 13)]
    [InlineData("v=spf1 -all a:", 15)]
    [InlineData("v=spf1 -moo:x", 9)]
    [InlineData("v=spf1 all.", 8)]
    [InlineData("v=spf1 all/8", 11)]
    [InlineData("v=spf1 all:x.com", 11)]
    [InlineData("v=spf1 --all", 9)]
    [InlineData("v=spf1 +redirect=example.com", 8)]
    [InlineData("v=spf1 include", 15)]
    [InlineData("v=spf1 include:", 16)]
    [InlineData("v=spf1 include/24", 15)]
    [InlineData("v=spf1 include:example", 16)]
    [InlineData("v=spf1 include:example.com/24", 24)]
    [InlineData("v=spf1 include:192.0.2.1", 24)]
    [InlineData("v=spf1 include:example.c_m", 24)]
    [InlineData("v=spf1 include:example.-", 24)]
    [InlineData("v=spf1 include:example..", 24)]
    [InlineData("v=spf1 exists", 14)]
    [InlineData("v=spf1 ptr:", 12)]
    [InlineData("v=spf1 ptr/0", 11)]
    [InlineData("v=spf1 a:", 10)]
    [InlineData("v=spf1 a/", 9)]
    [InlineData("v=spf1 a/33", 10)]
    [InlineData("v=spf1 a/024", 10)]
    [InlineData("v=spf1 a//129", 11)]
    [InlineData("v=spf1 a//64/24", 9)]
    [InlineData("v=spf1 a:example.com/", 18)]
    [InlineData("v=spf1 a:%{d}x/24", 14)]
    [InlineData("v=spf1 ip4", 11)]
    [InlineData("v=spf1 ip4:", 11)]
    [InlineData("v=spf1 ip4:1.2.3", 12)]
    [InlineData("v=spf1 ip4:1.2.3.256", 12)]
    [InlineData("v=spf1 ip4:01.2.3.4", 12)]
    [InlineData("v=spf1 ip4:1.2.3.4/", 20)]
    [InlineData("v=spf1 ip4:1.2.3.4/33", 20)]
    [InlineData("v=spf1 ip4:1.2.3.4//32", 20)]
    [InlineData("v=spf1 ip4:1.2.3.4:25", 12)]
    [InlineData("v=spf1 ip4:::1", 12)]
    [InlineData("v=spf1 ip6:1.2.3.4", 12)]
    [InlineData("v=spf1 ip6:::1%eth0", 12)]
    [InlineData("v=spf1 ip6:[::1]", 12)]
    [InlineData("v=spf1 ip6:1::2::3", 12)]
    [InlineData("v=spf1 ip6:::1/129", 16)]
    [InlineData("v=spf1 redirect=", 17)]
    [InlineData("v=spf1 exp=", 12)]
    [InlineData("v=spf1 redirect=a.com redirect=b.com", 23)]
    [InlineData("v=spf1 exp=a.com EXP=b.com", 18)]
    [InlineData("v=spf1 1x=y", 8)]
    [InlineData("v=spf1 =y", 8)]
    [InlineData("v=spf1 a:%{z}.com", 12)]
    [InlineData("v=spf1 a:%{}.com", 12)]
    [InlineData("v=spf1 a:%{d0}.com", 13)]
    [InlineData("v=spf1 a:%{dx}.com", 13)]
    [InlineData("v=spf1 a:%{d", 10)]
    [InlineData("v=spf1 a:%d.com", 10)]
    [InlineData("v=spf1 a:x.com%", 15)]
    [InlineData("v=spf1 a:%{c}.com", 12)]
    [InlineData("v=spf1 exp=%{t}.com", 14)]
    [InlineData("v=spf1 moo=%{z}", 14)]
    [InlineData("v=spf1 a\tmx", 9)]
    [InlineData("v=spf1 a:bücher.com", 11)]
    [InlineData("v=spf1 –all", 8)]
    public void A_fault_is_told_at_its_place(string text, int column)
    {
        var fault = Assert.Single(SpfParser.Parse(text).Faults);
        Assert.Equal(column, fault.Column);
        Assert.NotEmpty(fault.Reason);
    }

    [Fact]
    public void All_faults_are_told_at_once() =>
        Assert.Equal([8, 19, 35], SpfParser.Parse("v=spf1 ip:1.2.3 a:example a:x.com/33 -all").Faults.Select(fault => fault.Column));
}
