using System.Text;
using MailOps.Relay.Server.Pickup;

namespace MailOps.Relay.Tests.Server.Pickup;

public sealed class PickupHeaderTests
{
    [Theory]
    [InlineData("From: A <a@x.test>\nTo: b@y.test, \"C, c\" <c@y.test>\nCc: d@y.test\nBcc: e@y.test\n", "a@x.test", "b@y.test c@y.test d@y.test e@y.test")]
    [InlineData("From: a@x.test, b@x.test\r\nSender: s@x.test\r\nTo: group: b@y.test, c@y.test;\r\n", "s@x.test", "b@y.test c@y.test")]
    [InlineData("From: a@x.test\nTo: undisclosed-recipients:;\nBcc: b@y.test,\n  c@y.test\n", "a@x.test", "b@y.test c@y.test")]
    [InlineData("From: a@x.test\nTo: b@y.test\nTo: b@Y.test\n", "a@x.test", "b@y.test")]
    [InlineData("X-Sender: <s@x.test>\nX-Receiver: <r@y.test>\nX-Receiver: q@y.test\nFrom: a@x.test\nTo: b@y.test\n", "s@x.test", "r@y.test q@y.test")]
    [InlineData("x-sender: <>\nX-RECEIVER: <r@y.test>\nTo: b@y.test\n", null, "r@y.test")]
    [InlineData("X-Sender: s@x.test\nTo: b@y.test\n", "s@x.test", "b@y.test")]
    [InlineData("From: a@x.test\nX-Receiver: <evil@y.test>\nX-Sender: <evil@x.test>\nTo: b@y.test\n", "a@x.test", "b@y.test")]
    [InlineData("Resent-From: r@x.test\nResent-To: s@y.test\nFrom: a@x.test\nTo: b@y.test\n", "r@x.test", "s@y.test")]
    public void The_envelope_is_that_of_the_first_fields_or_of_the_header(string text, string? sender, string recipients)
    {
        var header = Read(text);
        Assert.Equal((sender, recipients), (header.Sender?.ToString(), string.Join(' ', header.Recipients)));
    }

    [Fact]
    public void Neither_Bcc_nor_the_envelope_goes_along_and_the_rest_as_it_is()
    {
        var header = Read("X-Sender: <s@x.test>\nX-Receiver: <r@y.test>\nSubject:  folded\n\t line \nBcc: e@y.test,\n f@y.test\nX-Receiver: <old@y.test>\nResent-Bcc: g@y.test\nFrom: a@x.test\n");
        Assert.Equal("Subject:  folded\r\n\t line \r\nX-Receiver: <old@y.test>\r\nFrom: a@x.test\r\n", Encoding.UTF8.GetString(header.Kept));
    }

    [Theory]
    [InlineData("To: b@y.test\n", "No field names a sender.")]
    [InlineData("From: a@x.test\n", "No field names a recipient.")]
    [InlineData("From: a@x.test\nTo: \n", "No field names a recipient.")]
    [InlineData("", "It has no header.")]
    [InlineData("\nFrom: a@x.test\n", "It has no header.")]
    [InlineData("Hello,\nthis is no mail\n", "This line of the header is no field: 'Hello,'.")]
    [InlineData("From: a@x.test\nTo: b@y.test\rBcc: c@y.test\n", "The header has a CR that ends no line.")]
    [InlineData("X-Sender: a@x.test\nX-Receiver: <>\n", "An X-Receiver field names nobody.")]
    [InlineData("From: a@x.test\nTo: not an address\n", "'not an address' is not an e-mail address.")]
    public void What_is_no_message_says_why(string text, string reason) => Assert.Equal(reason, Assert.Throws<FormatException>(() => Read(text)).Message);

    [Theory]
    [InlineData("From: a@x.test\nTo: b@y.test\nSubject: plain\n", false)]
    [InlineData("From: a@x.test\nTo: b@y.test\nSubject: ö\n", true)]
    [InlineData("From: a@x.test\nTo: ö@y.test\n", true)]
    public void A_header_beyond_ASCII_needs_SMTPUTF8(string text, bool expected) => Assert.Equal(expected, Read(text).NeedsUtf8);

    private static PickupHeader Read(string text) => PickupHeader.Read(Encoding.UTF8.GetBytes(text));
}
