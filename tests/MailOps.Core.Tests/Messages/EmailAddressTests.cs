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
}
