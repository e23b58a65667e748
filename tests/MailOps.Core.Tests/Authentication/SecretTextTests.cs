using System.Text;
using MailOps.Authentication;

namespace MailOps.Core.Tests.Authentication;

/// <summary>A secret is found in all forms in which servers repeat it, and nothing else is taken for one.</summary>
public sealed class SecretTextTests
{
    private const string Secret = "S3cret Pä%ss+w/\U0001F511rd?";
    private const string Percent = "S3cret%20P%C3%A4%25ss%2Bw%2F%F0%9F%94%91rd%3F";

    [Theory]
    [InlineData("no " + Secret + " here", "no ******** here")]
    [InlineData(Secret + Secret, "****************")]
    [InlineData("password=" + Percent + "&x=1", "password=********&x=1")]
    [InlineData("p=S3cret+P%c3%a4%25ss%2bw/%f0%9f%94%91rd?.", "p=********.")]                          // as forms have it, in small digits, and only what must be
    [InlineData("%53%33%63%72%65%74%20%50%C3%A4%25%73%73%2B%77%2F%F0%9F%94%91%72%64%3F", "********")]   // all of it
    [InlineData("S3cret P\nä%ss+w/\U0001F511rd?", "********\n")]
    [InlineData("S3cret \r\n535-5.7.8 Pä%ss+w/ \n535 5.7.8  \U0001F511r\nd? no", "********\n\n\n no")]
    [InlineData("wrong: S3cret%20P%C3%\nA4%25ss", "wrong: S3cret%20P%C3%\nA4%25ss")]                  // only a part of it
    [InlineData("S3cret Pä%ss+w/\U0001F511rd", "S3cret Pä%ss+w/\U0001F511rd")]
    [InlineData("s3cret pä%ss+w/\U0001F511rd?", "s3cret pä%ss+w/\U0001F511rd?")]
    [InlineData("%", "%")]
    [InlineData("", "")]
    [InlineData("S3cret P%C3", "S3cret P%C3")]
    public void It_is_found_as_it_is_percent_encoded_and_broken_over_lines(string text, string clean) => Assert.Equal(clean, SecretText.Without(text, SecretText.Forms(Secret)));

    [Theory]
    [InlineData("535 S3cret", "535 ********")]
    [InlineData("535 S3cret%20P%C3%A4\n", "535 ********\n")]
    [InlineData("535 S3c", "535 S3c")]
    [InlineData("S3cret or", "S3cret or")]
    public void Of_a_text_that_was_cut_off_the_beginning_of_a_secret_at_its_end_is_taken_out(string text, string clean) => Assert.Equal(clean, SecretText.Without(text, SecretText.Forms(Secret), isCut: true));

    // user:password of a header, a JSON document, an answer of SASL: whatever stands around, by a thousand texts.
    [Fact]
    public void It_is_found_in_base64_wherever_it_stands_there()
    {
        var random = new Random(17);
        for (var i = 0; i < 1000; i++)
        {
            var secret = new string([.. Enumerable.Range(0, random.Next(6, 40)).Select(_ => (char)random.Next('!', '~' + 1))]);
            var all = new byte[random.Next(0, 20)].Concat(Encoding.UTF8.GetBytes(secret)).Concat(new byte[random.Next(0, 20)]).ToArray();
            var text = Convert.ToBase64String(all, i % 3 == 0 ? Base64FormattingOptions.InsertLineBreaks : Base64FormattingOptions.None);
            if (i % 3 == 1) text = text.TrimEnd('=').Replace('+', '-').Replace('/', '_');
            if (i % 5 == 0) text = Uri.EscapeDataString(text);

            var clean = SecretText.Without("said " + text, SecretText.Forms(secret));

            Assert.True(clean.Contains(SecretText.Mark, StringComparison.Ordinal), $"{secret} in {text}");
            // What is left has at most the two letters on each side that have bits of their neighbours.
            Assert.True(text.Length - (clean.Length - "said ".Length - SecretText.Mark.Length) >= (4 * secret.Length / 3) - 4, $"{secret} in {text} is {clean}");
        }
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("")]
    public void What_is_too_short_for_a_secret_is_not_looked_for(string secret) => Assert.Equal("abc is YWJj", SecretText.Without("abc is YWJj", SecretText.Forms(secret)));
}
