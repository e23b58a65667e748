using MailOps.Messages;

namespace MailOps.Core.Tests.Messages;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("plain \u00e4 \U0001F511", "plain \u00e4 \U0001F511")]
    [InlineData("", "")]
    [InlineData("a\u001b[2J\r\nb\u007f", @"a\u001B[2J\u000D\u000Ab\u007F")]
    [InlineData("\u202egpj.exe\u2066", @"\u202Egpj.exe\u2066")]
    [InlineData("a\u2028\u00ad", @"a\u2028\u00AD")]
    [InlineData("\U0001F511\U000E0041x", "\U0001F511" + @"\uDB40\uDC41x")]   // tags, which are not seen
    public void What_moves_a_cursor_turns_a_line_or_hides_is_written_out(string text, string shown) => Assert.Equal(shown, Printable.Escape(text));

    // An attribute cannot hold these.
    [Fact]
    public void Half_a_character_is_written_out() => Assert.Equal(@"a\uD83Db\uDD11", Printable.Escape("a" + '\ud83d' + "b" + '\udd11'));

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc…")]
    [InlineData("ab\U0001F511", 3, "ab…")]
    [InlineData("a\U0001F511b", 3, "a\U0001F511…")]
    [InlineData("", 3, "")]
    public void What_is_long_is_cut_between_characters(string text, int max, string shown) => Assert.Equal(shown, Printable.Shorten(text, max));
}
