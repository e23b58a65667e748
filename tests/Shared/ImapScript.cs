using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MailOps.Tests.Shared;

/// <summary>What a simple IMAP server says, for <see cref="TalkingServer"/>: an INBOX with the messages of a test, whose UIDs are 1, 2 and so on.</summary>
internal sealed partial class ImapScript(params string[] messages)
{
    public const string Greeting = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n";

    public string? Answer(string line)
    {
        var words = line.Split(' ');
        return (words.Length > 2 && words[1] == "UID" ? words[2] : words.ElementAtOrDefault(1)) switch
        {
            "AUTHENTICATE" => "% OK [CAPABILITY IMAP4rev1 UIDPLUS] in\r\n",
            "LIST" when line.Contains("nowhere", StringComparison.Ordinal) => "% OK\r\n",
            "LIST" => "* LIST (\\HasNoChildren) \"/\" INBOX\r\n% OK\r\n",
            "SELECT" or "EXAMINE" => string.Create(CultureInfo.InvariantCulture, $"* {messages.Length} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n% OK [{(words[1] == "SELECT" ? "READ-WRITE" : "READ-ONLY")}] ok\r\n"),
            "SEARCH" => $"* SEARCH {string.Join(' ', Enumerable.Range(1, messages.Length))}\r\n% OK\r\n",
            "FETCH" => Fetch(words[3], line.Contains("BODY.PEEK[]", StringComparison.Ordinal)),
            "LOGOUT" => "* BYE\r\n% OK\r\n",
            _ => "% OK\r\n",
        };
    }

    private string Fetch(string set, bool whole)
    {
        var said = new StringBuilder();
        foreach (var range in set.Split(','))
        {
            var ends = range.Split(':').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
            for (var uid = Math.Min(ends[0], ends[^1]); uid <= Math.Min(messages.Length, Math.Max(ends[0], ends[^1])); uid++)
            {
                var text = whole ? messages[uid - 1] : HeaderEnd().Split(messages[uid - 1])[0] + "\r\n\r\n";
                said.Append(CultureInfo.InvariantCulture, $"* {uid} FETCH (UID {uid} FLAGS () RFC822.SIZE {messages[uid - 1].Length} INTERNALDATE \"0{uid}-Mar-2026 10:00:00 +0000\" BODY[{(whole ? "" : "HEADER")}] {{{text.Length}}}\r\n{text})\r\n");
            }
        }
        return said + "% OK\r\n";
    }

    [GeneratedRegex("\r\n\r\n")]
    private static partial Regex HeaderEnd();
}
