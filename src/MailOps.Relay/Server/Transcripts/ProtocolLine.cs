using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;

namespace MailOps.Relay.Server.Transcripts;

/// <summary>How lines of the protocol log are written: those of Exchange's receive protocol log, comma-separated values that LogParser, Import-Csv and a person read.</summary>
internal static class ProtocolLine
{
    /// <summary>Characters of what was said that are shown; what is longer is cut, and its length told.</summary>
    public const int MaxLength = 1024;

    /// <summary>What begins a file.</summary>
    public static string FileHeader(DateTimeOffset now) => string.Create(
        CultureInfo.InvariantCulture,
        $"#Software: MailOps\r\n#Version: 1.0\r\n#Log-type: SMTP Receive Protocol Log\r\n#Date: {Time(now)}\r\n#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data\r\n");

    /// <summary>One event of a session.</summary>
    public static string Of(DateTimeOffset now, string listener, string session, int number, string local, string remote, char kind, string data) =>
        string.Create(CultureInfo.InvariantCulture, $"{Time(now)},{listener},{session},{number},{local},{remote},{kind},{Field(data)}");

    /// <summary>That lines are missing.</summary>
    public static string Missing(DateTimeOffset now, long count) => string.Create(CultureInfo.InvariantCulture, $"{Time(now)},,,,,,*,{count} lines could not be written and are missing");

    /// <summary>
    /// What was said, as text that cannot do anything: control characters, invisible ones among them, and bytes that are not UTF-8 become their numbers. A backslash doubles, so that
    /// nothing can pass for them.
    /// </summary>
    public static string Readable(ReadOnlySpan<byte> said)
    {
        var text = new StringBuilder();
        for (var rest = said; !rest.IsEmpty;)
        {
            if (text.Length >= MaxLength) return text.Append(CultureInfo.InvariantCulture, $"… ({said.Length} bytes)").ToString();
            var status = Rune.DecodeFromUtf8(rest, out var rune, out var taken);
            if (status != OperationStatus.Done) Hex(text, rest[..taken]);
            else if (rune.Value == '\\') text.Append(@"\\");
            else if (IsVisible(rune)) text.Append(rune.ToString());
            else text.Append(CultureInfo.InvariantCulture, $@"\u{rune.Value:X4}");
            rest = rest[taken..];
        }
        return text.ToString();
    }

    /// <summary>An address and port, IPv6 in brackets; an address alone where the port is not known.</summary>
    /// <param name="endPoint">The other end of the socket.</param>
    /// <param name="client">The client, who is somebody else where a proxy speaks for it.</param>
    /// <param name="conveyed">The client's port, as the proxy told it.</param>
    public static string EndPoint(EndPoint? endPoint, IPAddress client, int? conveyed) => conveyed is { } told ? new IPEndPoint(client, told).ToString()
        : endPoint is IPEndPoint { Address: var address, Port: var port } && (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).Equals(client) ? new IPEndPoint(client, port).ToString()
        : client.ToString();

    private static void Hex(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes) text.Append(CultureInfo.InvariantCulture, $@"\x{b:X2}");
    }

    private static bool IsVisible(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    // RFC 4180 section 2.
    private static string Field(string data) => data.AsSpan().ContainsAny(',', '"') ? '"' + data.Replace("\"", "\"\"", StringComparison.Ordinal) + '"' : data;
}
