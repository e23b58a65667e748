using System.Text;
using MailOps.Relay.Server;
using MailOps.Relay.Server.Limits;

namespace MailOps.Relay.Tests.Server.Limits;

public sealed class LineLengthTests
{
    [Theory]
    [InlineData(998, false)]
    [InlineData(999, true)]
    [InlineData(5000, true)]
    public void A_line_is_measured_without_its_end_in_any_cut_of_the_bytes(int length, bool exceeded)
    {
        var bytes = Encoding.ASCII.GetBytes("short\r\n\r\n" + new string('x', length) + "\r\nshort\r\n");
        foreach (var piece in new[] { 1, 7, 998, 999, bytes.Length })
        {
            var lines = new LineLength(998);
            for (var i = 0; i < bytes.Length; i += piece) lines.Count(bytes.AsSpan(i, Math.Min(piece, bytes.Length - i)));
            Assert.Equal(exceeded, lines.Exceeded);
        }
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("A: b\r\n\r\n", 8)]
    [InlineData("A: b\r\n\r\nbody\r\n\r\nbody", 8)]
    [InlineData("A: b\r\nB: c", 10)]
    [InlineData("Received: x\r\nA: b\r\n\r\nbody", 21)]
    [InlineData("\r\nbody", 2)]
    [InlineData("A: b\r\n\tfolded\r\n more\r\n\r\nbody", 24)]
    [InlineData("no header\r\nbut: text\r\n", 11)]
    [InlineData("rec\r\nbut: text\r\n", 5)]
    public void The_header_is_measured_up_to_the_empty_line_in_any_cut_of_the_bytes(string message, int size)
    {
        var bytes = Encoding.ASCII.GetBytes(message);
        foreach (var piece in new[] { 1, 3, 1000 })
        {
            var header = new HopCounter();
            for (var i = 0; i < bytes.Length; i += piece) header.Count(bytes.AsSpan(i, Math.Min(piece, bytes.Length - i)));
            Assert.Equal(size, header.HeaderSize);
        }
    }
}
