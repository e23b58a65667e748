using System.Net;
using System.Text;
using MailOps.Relay.Server.Transcripts;

namespace MailOps.Relay.Tests.Server.Transcripts;

/// <summary>What was said, as text that cannot do anything.</summary>
public sealed class ProtocolLineTests
{
    [Theory]
    [InlineData("MAIL FROM:<a@example.test>", "MAIL FROM:<a@example.test>")]
    [InlineData("tab\tbell\u0007escape\u001b[31m", @"tab\u0009bell\u0007escape\u001B[31m")]
    [InlineData(@"back\slash \u0007", @"back\\slash \\u0007")]
    [InlineData("grüße@例え.test ı", "grüße@例え.test ı")]
    [InlineData("right\u202Eleft zero\u200Bwidth line\u2028next\u0085", @"right\u202Eleft zero\u200Bwidth line\u2028next\u0085")]
    [InlineData("no\u00A0break \uE000 \U000E0001", @"no\u00A0break \uE000 \uE0001")]
    public void Characters_that_do_something_become_their_numbers(string said, string shown) => Assert.Equal(shown, ProtocolLine.Readable(Encoding.UTF8.GetBytes(said)));

    [Theory]
    [InlineData("ab\xE4", @"ab\xE4")]
    [InlineData("\xC3", @"\xC3")]
    [InlineData("\xED\xA0\x80", @"\xED\xA0\x80")]                 // a surrogate
    [InlineData("\xC0\xAF", @"\xC0\xAF")]                         // a slash, overlong
    public void Bytes_that_are_not_UTF8_become_their_numbers(string said, string shown) => Assert.Equal(shown, ProtocolLine.Readable(Encoding.Latin1.GetBytes(said)));

    [Fact]
    public void A_long_line_is_cut_and_its_length_told()
    {
        Assert.Equal(new string('x', 1024), ProtocolLine.Readable(Encoding.ASCII.GetBytes(new string('x', 1024))));
        Assert.Equal(new string('x', 1024) + "… (4094 bytes)", ProtocolLine.Readable(Encoding.ASCII.GetBytes(new string('x', 4094))));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"x\"", "\"say \"\"x\"\"\"")]
    public void A_field_is_quoted_where_it_has_to_be(string data, string field) => Assert.EndsWith(
        ",1.2.3.4:25,s,7,1.2.3.4:25,5.6.7.8,<," + field, ProtocolLine.Of(DateTimeOffset.UnixEpoch, "1.2.3.4:25", "s", 7, "1.2.3.4:25", "5.6.7.8", '<', data), StringComparison.Ordinal);

    [Theory]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7:99")]
    [InlineData("2001:db8::1", "2001:db8::1", "[2001:db8::1]:99")]
    [InlineData("10.0.0.1", "192.0.2.7", "192.0.2.7")]            // of a proxy: its port is not the client's
    public void A_client_is_shown_with_its_port_where_that_is_known(string socket, string client, string shown) =>
        Assert.Equal(shown, ProtocolLine.EndPoint(new IPEndPoint(IPAddress.Parse(socket), 99), IPAddress.Parse(client), null));

    [Fact]
    public void Without_a_socket_a_client_is_its_address() => Assert.Equal("192.0.2.7", ProtocolLine.EndPoint(null, IPAddress.Parse("192.0.2.7"), null));
}
