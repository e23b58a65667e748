using System.Buffers;
using System.Text;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery.Smtp;

public sealed class ReplyParserTests
{
    [Theory]
    [InlineData("250 2.1.0 Ok\r\n", 250, "2.1.0", "Ok")]
    [InlineData("250\r\n", 250, null, "")]
    [InlineData("250 \r\n", 250, null, "")]
    [InlineData("250 Ok\n", 250, null, "Ok")]
    [InlineData("550-5.1.1 No\r\n550 5.1.1 such user\r\n", 550, "5.1.1", "No\nsuch user")]
    [InlineData("550-5.7.26 a\r\n550-\r\n550 b\r\n", 550, "5.7.26", "a\n\nb")]
    [InlineData("550 4.1.1 class of another reply\r\n", 550, null, "4.1.1 class of another reply")]
    [InlineData("550 5.1 not a code\r\n", 550, null, "5.1 not a code")]
    [InlineData("550 5.1.1234 not a code\r\n", 550, null, "5.1.1234 not a code")]
    [InlineData("550 5.1.1x not a code\r\n", 550, null, "5.1.1x not a code")]
    [InlineData("550 5.7.1\r\n", 550, "5.7.1", "")]
    [InlineData("220 bell\aand\ttab\r\n", 220, null, "bell and tab")]
    [InlineData("550 5.1.1 ünknown\r\n", 550, "5.1.1", "ünknown")]
    public void A_reply_is_read_however_it_arrives(string text, int code, string? enhanced, string words)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var expected = new SmtpReply(code, enhanced, words);

        Assert.True(ReplyParser.TryRead(new ReadOnlySequence<byte>([.. bytes, .. "rest"u8]), out var whole, out _));
        Assert.Equal(expected, whole);
        for (var i = 0; i < bytes.Length; i++) Assert.False(ReplyParser.TryRead(new ReadOnlySequence<byte>(bytes[..i]), out _, out _));
        Assert.True(ReplyParser.TryRead(InPieces(bytes), out var pieces, out _));
        Assert.Equal(expected, pieces);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("25\r\n")]
    [InlineData("199 x\r\n")]
    [InlineData("600 x\r\n")]
    [InlineData("2x0 x\r\n")]
    [InlineData("250x\r\n")]
    [InlineData("250-a\r\n251 b\r\n")]
    [InlineData("SSH-2.0-OpenSSH\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    public void What_is_not_a_reply_is_a_fault_of_the_server(string text) =>
        Assert.Throws<FormatException>(() => ReplyParser.TryRead(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)), out _, out _));

    [Theory]
    [InlineData("250-x\r\n")]
    [InlineData("xxxxxxxx")]
    public void A_reply_without_an_end_is_not_gathered_for_ever(string piece)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, ReplyParser.MaxReply / piece.Length + 1)));

        Assert.Throws<FormatException>(() => ReplyParser.TryRead(new ReadOnlySequence<byte>(bytes), out _, out _));
    }

    [Fact]
    public void Recorded_replies_of_real_servers_are_read()
    {
        var files = Conformance.Files("transcripts/smtp", "*.txt");
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var buffer = new ReadOnlySequence<byte>(File.ReadAllBytes(file));
            while (!buffer.IsEmpty)
            {
                Assert.True(ReplyParser.TryRead(buffer, out var reply, out var end), file);
                Assert.InRange(reply!.Code, 200, 599);
                buffer = buffer.Slice(end);
            }
        }
        Assert.Equal(["LOGIN", "PLAIN"], Capabilities("comcast-ehlo.txt").AuthMechanisms);
        Assert.Equal((36700160L, true, true, false), (Capabilities("comcast-ehlo.txt").MaxSize, Capabilities("comcast-ehlo.txt").StartTls, Capabilities("comcast-ehlo.txt").EightBitMime, Capabilities("comcast-ehlo.txt").Pipelining));
        Assert.True(Capabilities("comcast-ehlo+pipelining.txt").Pipelining);
        Assert.True(Capabilities("comcast-ehlo+smtputf8.txt").SmtpUtf8);
        Assert.True(Capabilities("comcast-ehlo+dsn.txt").Dsn);
        Assert.True(Capabilities("comcast-ehlo+binarymime.txt").BinaryMime);

        SmtpCapabilities Capabilities(string name)
        {
            Assert.True(ReplyParser.TryRead(new ReadOnlySequence<byte>(File.ReadAllBytes(files.Single(f => Path.GetFileName(f) == name))), out var reply, out _));
            return SmtpCapabilities.Parse(reply!);
        }
    }

    private static ReadOnlySequence<byte> InPieces(byte[] bytes)
    {
        var first = new Piece(bytes.AsMemory(0, 1), 0);
        var last = first;
        for (var i = 1; i < bytes.Length; i++) last = last.Append(bytes.AsMemory(i, 1));
        return new ReadOnlySequence<byte>(first, 0, last, 1);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
