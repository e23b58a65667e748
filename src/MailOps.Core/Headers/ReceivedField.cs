using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using MailOps.Reports;

namespace MailOps.Headers;

/// <summary>
/// One Received field taken apart: clauses of a word and what follows it (RFC 5321 section 4.4), with the comments of each, then a semicolon and the time. Servers write much that the grammar
/// does not have; what is not understood is left out and never an error.
/// </summary>
internal sealed class ReceivedField
{
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase) { "from", "by", "via", "with", "id", "for" };
    private static readonly Regex Version = new(@"\bTLS\s*v?\s*([0-9])(?:[._]([0-9]))?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    private static readonly Regex SecureProtocol = new(@"^(?:UTF8)?(?:E?SMTP|LMTP)SA?$|^HTTPS$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);   // RFC 3848, RFC 6531 section 4.3
    private static readonly char[] Around = [' ', '\t', '[', ']', '(', ')', '<', '>', ',', ';', '=', '"'];

    private readonly Dictionary<string, StringBuilder> _clauses = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, StringBuilder> _comments = new(StringComparer.OrdinalIgnoreCase);

    public ReceivedField(string value)
    {
        Text = Lines.Join(value);
        Time = Read(Text);
    }

    /// <summary>The field on one line.</summary>
    public string Text { get; }

    /// <summary>What follows the last semicolon; null where nothing does.</summary>
    public string? Time { get; }

    public string? From => Clause("from");

    public string? By => Clause("by");

    public string? With => Clause("with");

    public string? Id => Clause("id");

    public string? For => Clause("for")?.Trim('<', '>');

    /// <summary>The client's address: in the comment behind its name, where the server that saw it writes it; else as its name.</summary>
    public IPAddress? FromAddress => Address(Comment("from")) ?? Address(From);

    public string? TlsVersion => Version.Match(Text) is { Success: true } found ? $"{found.Groups[1].Value}.{(found.Groups[2].Success ? found.Groups[2].Value : "0")}" : null;

    public bool Tls => TlsVersion is not null || (With is { } with && SecureProtocol.IsMatch(with));

    private string? Clause(string word) => _clauses.TryGetValue(word, out var text) && text.Length > 0 ? text.ToString() : null;

    private string? Comment(string word) => _comments.TryGetValue(word, out var text) ? text.ToString() : null;

    private string? Read(string text)
    {
        var clause = "";
        var at = 0;
        while (at < text.Length)
        {
            switch (text[at])
            {
                case ' ':
                    at++;
                    continue;
                case '(':
                    var end = EndOfComment(text, at);
                    Add(_comments, clause, text.Substring(at, end - at));
                    at = end;
                    continue;
                case ';':
                    return text.Substring(at + 1).Trim();
            }
            var word = WordAt(text, at);
            at += word.Length;
            if (Words.Contains(word) && !_clauses.ContainsKey(word)) _clauses[clause = word] = new StringBuilder();
            else Add(_clauses, clause, word);
        }
        return null;
    }

    private static void Add(Dictionary<string, StringBuilder> texts, string clause, string word)
    {
        if (!texts.TryGetValue(clause, out var text)) texts.Add(clause, text = new StringBuilder());
        if (text.Length > 0) text.Append(' ');
        text.Append(word);
    }

    private static string WordAt(string text, int at)
    {
        var end = at;
        while (end < text.Length && text[end] is not (' ' or '(' or ';'))
        {
            if (text[end] == '"') end = Math.Max(end, text.IndexOf('"', end + 1));
            end++;
        }
        return text.Substring(at, end - at);
    }

    // Comments have comments in them; one that does not end goes on to the end.
    private static int EndOfComment(string text, int at)
    {
        var depth = 0;
        for (; at < text.Length; at++)
        {
            if (text[at] == '\\') at++;
            else if (text[at] == '(') depth++;
            else if (text[at] == ')' && --depth == 0) return at + 1;
        }
        return text.Length;
    }

    private static IPAddress? Address(string? text)
    {
        foreach (var part in (text ?? "").Split(Around, StringSplitOptions.RemoveEmptyEntries))
        {
            var bare = part.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? part.Substring(5) : part;
            // "10" and "1.2" are addresses to the parser, and version numbers to everybody else.
            if (bare.IndexOf(':') < 0 && bare.Split('.').Length != 4) continue;
            if (IPAddress.TryParse(bare, out var address)) return address;
        }
        return null;
    }
}
