using System.Text.RegularExpressions;

namespace MailOps.Reports;

/// <summary>What a report says to people, cut where the returned message begins.</summary>
internal sealed class NoticeText
{
    private const int MaxLines = 3000;
    private const int MaxLine = 2000;
    private const int MaxSectionLines = 120;

    private static readonly string[] Cuts =
    [
        "copy of the message", "copy of your message", "copy of the original message", "original message follows", "message headers follow", "unsent message follows",
        "header of the original message", "original mail as follows", "original message headers", "below this line is", "message details:", "returned message follows",
        "en-têtes de message d'origine", "headers of the original", "original mail info", "undelivered message",
    ];

    private static readonly Regex Divider = new(
        @"^\s*(?:[-=*_]{2,}\s*(?:original|returned|undelivered|forwarded|your|unsent)\s+(?:e-?)?m(?:essage|ail)|original message:|reporting-mta\s*:|received:\s?from\s|content-description: undelivered)",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    private static readonly Regex LineStart = new(
        @"^[\s*>\-•·""'<(\[]*(?:(?:recipients?(?:\s+address)?|addressed to|address|original-recipient|[\w.+\-]{1,64}:\d{3,})\s*:\s*)?[<""'\[]*(?:mailto:)?(?<address>" + AddressText.Pattern + ")",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    // Lines that name somebody else.
    private static readonly Regex Others = new(
        @"^\s*(?:>>> mail from|mail from|from|to|cc|sender|reply-to|return-path|message-id|x-[\w-]+|subject|date|received|errors-to|references|in-reply-to)\s*:"
        + @"|contact|assistance|support|questions|send mail to|\bsent by\b|generated from|mts-id",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    private readonly Dictionary<string, int> _first = new(StringComparer.OrdinalIgnoreCase);

    private NoticeText(List<string> lines, string rest)
    {
        Lines = lines;
        Rest = rest;
        Beginning = string.Join("\n", lines.Take(MaxSectionLines));
        Anchors = [.. FindAnchors(lines)];
        for (var i = Anchors.Count - 1; i >= 0; i--) _first[Anchors[i].Address] = i;
    }

    /// <summary>The lines before the returned message.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>The first of these lines.</summary>
    public string Beginning { get; }

    /// <summary>The lines that begin with an address.</summary>
    public IReadOnlyList<(int Line, string Address)> Anchors { get; }

    /// <summary>What follows: the returned message, or its header.</summary>
    public string Rest { get; }

    public static NoticeText Of(ReportContent report)
    {
        var lines = report.Texts.SelectMany(text => text.Split('\n')).Take(MaxLines).Select(line => line.Length > MaxLine ? line.Substring(0, MaxLine) : line).ToList();
        if (lines.Count(line => line.StartsWith(">", StringComparison.Ordinal)) > lines.Count / 2) lines = [.. lines.Select(line => line.TrimStart('>', ' '))];
        var cut = lines.FindIndex(IsCut);
        return cut < 0 ? new NoticeText(lines, "") : new NoticeText(lines.GetRange(0, cut), string.Join("\n", lines.Skip(cut + 1)));
    }

    /// <summary>The lines from the one that begins with an address to the next that begins with another; null where none begins with it.</summary>
    public string? Section(string address)
    {
        if (!_first.TryGetValue(address, out var at)) return null;
        var next = at + 1;
        while (next < Anchors.Count && AddressText.Same(Anchors[next].Address, address)) next++;
        var start = Anchors[at].Line;
        var end = next < Anchors.Count ? Anchors[next].Line : Lines.Count;
        return string.Join("\n", Lines.Skip(start).Take(Math.Min(end - start, MaxSectionLines)));
    }

    /// <summary>Whether a line names somebody who is not the recipient.</summary>
    public static bool IsAboutOthers(string line) => Others.IsMatch(line);

    private static IEnumerable<(int Line, string Address)> FindAnchors(List<string> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].IndexOf('@') < 0 || IsAboutOthers(lines[i]) || (i > 0 && lines[i - 1].TrimEnd().EndsWith("sent by", StringComparison.OrdinalIgnoreCase))) continue;
            if (LineStart.Match(lines[i]) is { Success: true } match) yield return (i, match.Groups["address"].Value);
        }
    }

    private static bool IsCut(string line)
    {
        if (line.Length > 200 || line.Has("was received at")) return false;
        return Divider.IsMatch(line) || Array.Exists(Cuts, phrase => line.Has(phrase));
    }
}
