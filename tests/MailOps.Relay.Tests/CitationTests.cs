using System.Text.RegularExpressions;

namespace MailOps.Relay.Tests;

/// <summary>RFC sections are cited in one form, and every RFC cited stands in the table of docs/rfc.md.</summary>
public sealed partial class CitationTests
{
    private static IEnumerable<(string File, int Line, string Text)> Lines =>
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
        where !file.Contains("obj", StringComparison.Ordinal)
        from line in File.ReadLines(file).Select((text, index) => (text, index))
        select (Path.GetRelativePath(Repository.Root, file), line.index + 1, line.text);

    [Fact]
    public void Citations_have_the_one_form()
    {
        var malformed = Lines.Where(l => Loose().Matches(l.Text).Any(m => !Strict().IsMatch(l.Text[m.Index..]))).Select(l => $"{l.File}:{l.Line}: {l.Text.Trim()}");
        Assert.Empty(malformed);
    }

    [Fact]
    public void Every_RFC_cited_is_in_the_table_and_every_RFC_of_the_table_is_cited()
    {
        var cited = Lines.SelectMany(l => Number().Matches(l.Text).Select(m => m.Groups[1].Value)).Distinct().Order(StringComparer.Ordinal);
        var listed = File.ReadLines(Path.Combine(Repository.Root, "docs", "rfc.md")).Where(l => l.StartsWith("| ", StringComparison.Ordinal))
            .Select(l => l.Split('|')[1].Trim()).Where(n => n.All(char.IsAsciiDigit)).Order(StringComparer.Ordinal);
        Assert.Equal(cited, listed);
    }

    [GeneratedRegex(@"(?<![\w/.])(?:RFC[ -]?|[Rr]fc )\d{3,5}|§")]
    private static partial Regex Loose();

    [GeneratedRegex(@"\ARFC \d{3,5}\b(?! (?:§|sec\.|Section|sect\b|s\.))(?!, section)(?: section \d+(?:\.\d+)*)?")]
    private static partial Regex Strict();

    [GeneratedRegex(@"\bRFC (\d{3,5})\b")]
    private static partial Regex Number();
}
