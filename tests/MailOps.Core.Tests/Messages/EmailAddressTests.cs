using System.Text.Json;
using MailOps.Messages;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Messages;

public sealed class EmailAddressTests
{
    [Fact]
    public void All_addresses_of_the_conformance_data_are_judged_by_the_grammar_of_an_envelope()
    {
        using var data = JsonDocument.Parse(File.ReadAllText(Conformance.Files("address", "isemail.json").Single()));
        var cases = data.RootElement.GetProperty("cases").EnumerateArray().ToList();
        Assert.Equal(164, cases.Count);
        var wrong = new List<string>();
        foreach (var one in cases)
        {
            var (id, text, category) = (one.GetProperty("id").GetInt32(), one.GetProperty("address").GetString()!, one.GetProperty("category").GetString());
            var valid = category is "ISEMAIL_VALID_CATEGORY" or "ISEMAIL_DNSWARN" or "ISEMAIL_RFC5321";
            if (EmailAddress.TryParse(text, out var address) != valid) wrong.Add($"{id} '{text}' {category}: {!valid}");
            else if (valid && address!.ToString() != text) wrong.Add($"{id} '{text}' became '{address}'");
        }
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("a@[IPv6:[::1]:25]")]
    [InlineData("a@[IPv6:fe80::1%1]")]
    [InlineData("a\u0000b@x.test")]
    [InlineData("a@x.test\r")]
    [InlineData("\"a\nb\"@x.test")]
    [InlineData("\"a\\\u00e4\"@x.test")]
    public void What_no_envelope_can_hold_is_no_address(string text) => Assert.False(EmailAddress.TryParse(text, out _));

    // Bidi controls and what else is not seen would show another address than the one that mail goes to; half a character cannot travel.
    [Theory]
    [InlineData("tset.x\u202e@y.test")]
    [InlineData("\"a\u202eb\"@x.test")]
    [InlineData("a@\u2066x.test")]
    [InlineData("ä\u200fb@x.test")]
    [InlineData("a\u00adb@x.test")]
    [InlineData("\ufeffa@x.test")]
    [InlineData("a\u2028b@x.test")]
    [InlineData("a\U000E0041b@x.test")]
    [InlineData("a\u200db@x.test")]
    [InlineData("\u200cä@x.test")]
    public void What_turns_or_hides_is_in_no_address(string text)
    {
        Assert.False(EmailAddress.TryParse(text, out _));
        var parsed = Assert.Throws<MailOpsException>(() => EmailAddress.Parse(text));
        var listed = Assert.Throws<MailOpsException>(() => Mailbox.ParseList($"Jo <{text}>"));
        Assert.Equal((ErrorCode.InvalidAddress, ErrorCode.InvalidAddress), (parsed.Code, listed.Code));
        Assert.DoesNotContain(parsed.Message + listed.Message, c => c is '\u202e' or '\u2066' or '\u200f' or '\u00ad' or '\ufeff' or '\u2028' or '\u200d' or '\u200c' || char.IsSurrogate(c));
    }

    // An attribute cannot hold these.
    [Fact]
    public void Half_a_character_is_in_no_address()
    {
        Assert.False(EmailAddress.TryParse("a" + '\ud83d' + "b@x.test", out _));
        Assert.False(EmailAddress.TryParse("a" + '\udd11' + "b@x.test", out _));
    }

    [Theory]
    [InlineData("نامه\u200cای@x.test")]
    [InlineData("क्\u200dष@x.test")]
    [InlineData("\U0001F511@x.test")]
    [InlineData("jürgen@bücher.test")]
    public void Letters_of_all_scripts_are_in_addresses(string text) => Assert.True(EmailAddress.TryParse(text, out _));
}
