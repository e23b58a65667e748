using System.Text;

namespace MailOps.Relay.Tests.Server.Fuzzing;

/// <summary>Over what the bytes go.</summary>
internal enum FuzzWire
{
    /// <summary>The session's own bytes.</summary>
    Plain,
    /// <summary>A TLS handshake is due.</summary>
    Handshake,
    /// <summary>Inside TLS, after a handshake.</summary>
    Tls,
    /// <summary>In the place of TLS records, after a handshake.</summary>
    Records,
    /// <summary>A header of the PROXY protocol is due.</summary>
    Proxy,
}

/// <summary>Where a session is when the odd bytes come.</summary>
/// <param name="Name">What it is called where it fails.</param>
/// <param name="Before">What was said to get there, in Latin-1.</param>
/// <param name="Wire">Over what.</param>
internal sealed record FuzzState(string Name, string Before, FuzzWire Wire = FuzzWire.Plain)
{
    private const string Transaction = "EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\n";

    /// <summary>Every state there is.</summary>
    public static IReadOnlyList<FuzzState> All { get; } =
    [
        new("greeted", ""), new("after EHLO", "EHLO x\r\n"), new("after HELO and MAIL", "HELO x\r\nMAIL FROM:<a@example.test>\r\n"), new("after RCPT", Transaction),
        new("in MAIL", "EHLO x\r\nMAIL FROM:<a@example.test> "), new("in RCPT", "EHLO x\r\nMAIL FROM:<a@example.test> SMTPUTF8\r\nRCPT TO:<b@example.test> "),
        new("in DATA", Transaction + "DATA\r\n"), new("in DATA, after a line", Transaction + "DATA\r\nSubject: x\r\n"),
        new("in BDAT", Transaction + "BDAT 5\r\nab\r\nx"), new("in a chunk", Transaction + "BDAT 900\r\n"),
        new("in BDAT, binary", "EHLO x\r\nMAIL FROM:<a@example.test> BODY=BINARYMIME\r\nRCPT TO:<b@example.test>\r\nBDAT 3\r\n\n\r\0"),
        new("after a message", Transaction + "DATA\r\n.\r\n"), new("in AUTH", "EHLO x\r\nAUTH "),
        new("in PLAIN", "EHLO x\r\nAUTH PLAIN\r\n"), new("in LOGIN", "EHLO x\r\nAUTH LOGIN\r\n"), new("in LOGIN, named", "EHLO x\r\nAUTH LOGIN\r\ncHJpbnRlcg==\r\n"),
        new("in SCRAM-SHA-256", "EHLO x\r\nAUTH SCRAM-SHA-256\r\n"), new("in SCRAM-SHA-256, challenged", "EHLO x\r\nAUTH SCRAM-SHA-256 " + Base64("n,,n=printer,r=fyko+d2lbbFgONRv9qkxdawL") + "\r\n"),
        new("in SCRAM-SHA-1, challenged", "EHLO x\r\nAUTH SCRAM-SHA-1 " + Base64("n,,n=nobody,r=fyko+d2lbbFgONRv9qkxdawL") + "\r\n"),
        new("in XOAUTH2", "EHLO x\r\nAUTH XOAUTH2\r\n"), new("in XOAUTH2, refused", "EHLO x\r\nAUTH XOAUTH2 " + Base64("user=x\u0001auth=Bearer y.y.y\u0001\u0001") + "\r\n"),
        new("in OAUTHBEARER", "EHLO x\r\nAUTH OAUTHBEARER\r\n"), new("authenticated", "EHLO x\r\nAUTH PLAIN " + Base64("\0printer\0t0p secret") + "\r\n"),
        new("in XCLIENT", "EHLO x\r\nXCLIENT "), new("after XCLIENT", "EHLO x\r\nXCLIENT ADDR=192.0.2.7 HELO=y LOGIN=z\r\n"),
        new("after STARTTLS, in the same breath", "EHLO x\r\nSTARTTLS\r\n"), new("in the handshake", "EHLO x\r\nSTARTTLS\r\n", FuzzWire.Handshake),
        new("in TLS", "", FuzzWire.Tls), new("in TLS, in DATA", Transaction + "DATA\r\n", FuzzWire.Tls), new("in TLS, in EXTERNAL", "EHLO x\r\nAUTH EXTERNAL\r\n", FuzzWire.Tls),
        new("in TLS, in SCRAM-SHA-256-PLUS", "EHLO x\r\nAUTH SCRAM-SHA-256-PLUS " + Base64("p=tls-server-end-point,,n=printer,r=fyko+d2lbbFgONRv9qkxdawL") + "\r\n", FuzzWire.Tls),
        new("in TLS, records", "", FuzzWire.Records), new("in TLS, begun records", "\x17\x03\x03\0\x30", FuzzWire.Records), new("in TLS, an alert", "\x15\x03\x03\0\x02", FuzzWire.Records),
        new("in PROXY", "", FuzzWire.Proxy), new("in PROXY 1", "PROXY TCP4 ", FuzzWire.Proxy), new("after PROXY 1", "PROXY TCP4 192.0.2.7 192.0.2.1 5000 25\r\n", FuzzWire.Proxy),
        new("in PROXY 2", "\r\n\r\n\0\r\nQUIT\n", FuzzWire.Proxy), new("after PROXY 2", "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc0\0\x02\x01\x13\x88\0\x19", FuzzWire.Proxy),
    ];

    private static string Base64(string text) => Convert.ToBase64String(Encoding.Latin1.GetBytes(text));
}
