using System.Globalization;
using System.Text;

namespace MailOps.Relay.Tests.Server.Fuzzing;

/// <summary>What comes in one session.</summary>
/// <param name="State">Where the session is when the odd bytes come.</param>
/// <param name="Before">What was said to get there.</param>
/// <param name="Odd">The odd bytes.</param>
/// <param name="Piece">How large the pieces are in which they come; drawn from the same numbers.</param>
internal sealed record FuzzInput(FuzzState State, byte[] Before, byte[] Odd, Func<int> Piece);

/// <summary>Makes odd bytes: noise, words of the protocol in any order, and conversations with some bytes changed. The same seed makes the same ones.</summary>
internal sealed class SessionFuzz(int seed)
{
    private static readonly string[] Words =
    [
        "EHLO ", "HELO ", "MAIL FROM:", "RCPT TO:", "<a@example.test>", "<", ">", "\"", "\\", "@", ":", " ", "DATA", "BDAT ", "7", "99999999999", " LAST", "RSET", "NOOP", "QUIT", "AUTH ", "PLAIN ", "LOGIN ",
        "=", "*", "\r", "\n", ".", "\r\n.\r\n", "\0", "SIZE=", "ENVID=+", "NOTIFY=NEVER,", "ORCPT=utf-8;", "\xff\xfe", "\xc3\xa4", "STARTTLS", "Received:", "BODY=BINARYMIME ", "BY=5;", "BY=-1;NT ",
        "MT-PRIORITY=", "HOLDFOR=9 ", "HOLDUNTIL=", "REQUIRETLS ", "RET=FULL ", "EXPN", "VRFY x", "HELP", "SMTPUTF8 ", "xn--", "[IPv6:", "]", "SCRAM-SHA-256 ", "EXTERNAL", "XOAUTH2 ", "biws", "Yz1iaXdzLHI9", "AHByaW50ZXIAeA==",
        "dXNlcj14AWF1dGg9QmVhcmVyIA==", "XCLIENT ", "ADDR=", "ADDR=10.{n}.{n}.{n}", "LOGIN=", "HELO=", "[UNAVAILABLE]", "10.{n}.{n}.{n}", "2001:db8:{n}::{n}", "PROXY TCP4 ", "UNKNOWN", "65536", "-1", "\x20\x80", "\xe2\x80\xae", "eyJhbGciOiJub25lIn0.e30.",
    ];

    private static readonly byte[] Conversation = Encoding.Latin1.GetBytes(
        "EHLO client.example\r\nMAIL FROM:<a@example.test> SIZE=20 BODY=8BITMIME RET=HDRS ENVID=x+2By MT-PRIORITY=3\r\nRCPT TO:<b@example.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@example.test\r\n"
        + "DATA\r\nReceived: from x\r\nSubject: \xc3\xa4\r\n\r\n..\r\ntext\r\n.\r\nRSET\r\nMAIL FROM:<>\r\nRCPT TO:<\"q\\\"x\"@[192.0.2.1]>\r\nBDAT 4\r\nab\r\nBDAT 0 LAST\r\nAUTH PLAIN AHByaW50ZXIAeA==\r\n"
        + "XCLIENT ADDR=192.0.2.7 LOGIN=x\r\nVRFY b@example.test\r\nNOOP x\r\nQUIT\r\n");

    private readonly Random _random = new(seed);

    /// <summary>The next one: each state in turn, those with a handshake less often, for that is what they would measure.</summary>
    public FuzzInput Next(int round)
    {
        var state = FuzzState.All[round % FuzzState.All.Count];
        if (state.Wire is FuzzWire.Tls or FuzzWire.Records && _random.Next(16) != 0) state = FuzzState.All[_random.Next(FuzzState.All.Count / 2)];
        var odd = _random.Next(4) switch
        {
            0 => Noise(),
            1 => Changed(),
            _ => Encoding.Latin1.GetBytes(Sentence()),
        };
        var largest = _random.Next(4) == 0 ? int.MaxValue : _random.Next(1, 40);
        var isVaried = _random.Next(2) == 0;
        return new FuzzInput(state, Encoding.Latin1.GetBytes(state.Before), odd, () => isVaried ? _random.Next(1, Math.Min(largest, 1 << 16) + 1) : largest);
    }

    private string Sentence()
    {
        var text = new StringBuilder();
        for (var i = _random.Next(1, 30); i > 0; i--)
        {
            text.Append(Words[_random.Next(Words.Length)].Replace("{n}", _random.Next(256).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
            if (_random.Next(3) == 0) text.Append("\r\n");
        }
        return text.ToString();
    }

    private byte[] Noise()
    {
        var noise = new byte[_random.Next(8) == 0 ? _random.Next(1, 20_000) : _random.Next(1, 600)];
        _random.NextBytes(noise);
        return noise;
    }

    private byte[] Changed()
    {
        var bytes = Conversation[_random.Next(Conversation.Length / 2)..].ToList();
        for (var i = _random.Next(1, 8); i > 0; i--)
        {
            var (at, length) = (_random.Next(bytes.Count), _random.Next(1, 12));
            switch (_random.Next(4))
            {
                case 0: bytes[at] = (byte)_random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << _random.Next(8)); break;
                case 2: bytes.RemoveRange(at, Math.Min(length, bytes.Count - at - 1)); break;
                default: bytes.InsertRange(at, bytes.GetRange(_random.Next(Math.Max(1, bytes.Count - length)), Math.Min(length, bytes.Count))); break;
            }
        }
        return [.. bytes];
    }
}
