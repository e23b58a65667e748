using System.Text;
using MailOps.Relay.Server.Proxy;

namespace MailOps.Relay.Tests.Server.Proxy;

public sealed class ProxyHeaderTests
{
    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\r\n", "192.0.2.1:56324")]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535")]   // the longest of TCP4
    [InlineData("PROXY TCP6 2001:db8::1 2001:db8::2 56324 25\r\n", "[2001:db8::1]:56324")]
    [InlineData("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", "[::ffff:192.0.2.1]:1")]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff:f...f:ffff what ever 65535 65535\r\n", null)]
    public void A_header_of_version_1_names_the_client(string line, string? client) => Assert.Equal(client, ProxyHeader.ReadText(Encoding.ASCII.GetBytes(line))?.ToString());

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324 25 26\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1  198.51.100.2 56324 25\r\n")]
    [InlineData("PROXY TCP4 2001:db8::1 2001:db8::2 56324 25\r\n")]
    [InlineData("PROXY TCP6 192.0.2.1 198.51.100.2 56324 25\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100 56324 25\r\n")]
    [InlineData("PROXY TCP4 0x7f.0.0.1 198.51.100.2 56324 25\r\n")]
    [InlineData("PROXY TCP6 fe80::1%eth0 ::1 56324 25\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 65536 25\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 -1 25\r\n")]
    [InlineData("PROXY UDP4 192.0.2.1 198.51.100.2 1 25\r\n")]
    [InlineData("proxy TCP4 192.0.2.1 198.51.100.2 1 25\r\n")]
    [InlineData("PROXY UNKNOWNS\r\n")]
    public void What_is_no_header_of_version_1_is_a_fault(string line) => Assert.Throws<FormatException>(() => ProxyHeader.ReadText(Encoding.ASCII.GetBytes(line)));

    [Theory]
    [InlineData("21 11 000C", "C0000201 C6336402 DC04 0019", "192.0.2.1:56324")]
    [InlineData("21 11 0013", "C0000201 C6336402 DC04 0019 04 0004 00000000", "192.0.2.1:56324")]   // with a NOOP among the TLVs
    [InlineData("21 21 0024", "20010DB8000000000000000000000001 20010DB8000000000000000000000002 DC04 0019", "[2001:db8::1]:56324")]
    [InlineData("20 00 0000", "", null)]
    [InlineData("20 11 000C", "C0000201 C6336402 DC04 0019", null)]   // LOCAL: what else is there does not count
    public void A_header_of_version_2_names_the_client(string fields, string rest, string? client)
    {
        var (header, following) = (Fixed(fields), Hex(rest));
        Assert.Equal(following.Length, ProxyHeader.RestLength(header));
        Assert.Equal(client, ProxyHeader.ReadBinary(header, following)?.ToString());
    }

    [Theory]
    [InlineData("11 11 000C", "C0000201 C6336402 DC04 0019")]   // version 1 in binary
    [InlineData("22 11 000C", "C0000201 C6336402 DC04 0019")]   // no such command
    [InlineData("21 11 000B", "C0000201 C6336402 DC04 00")]
    [InlineData("21 21 000C", "C0000201 C6336402 DC04 0019")]
    [InlineData("21 12 000C", "C0000201 C6336402 DC04 0019")]   // UDP
    [InlineData("21 31 0000", "")]                              // a Unix socket
    [InlineData("21 00 0000", "")]                              // proxied, but for whom?
    [InlineData("21 11 1001", "")]                              // more than there may be
    public void What_is_no_header_of_version_2_is_a_fault(string fields, string rest) => Assert.Throws<FormatException>(() =>
    {
        var header = Fixed(fields);
        _ = ProxyHeader.RestLength(header);
        _ = ProxyHeader.ReadBinary(header, Hex(rest));
    });

    private static byte[] Fixed(string fields) => [.. "\r\n\r\n\0\r\nQUIT\n"u8, .. Hex(fields)];

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
