using System.Text.RegularExpressions;

namespace MailOps.Relay.Tests;

/// <summary>The map of the sources in the README is that of the sources.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void Every_folder_of_the_core_is_on_the_map_and_no_other()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var map = readme[readme.IndexOf("| Folder of `src/MailOps.Core` |", StringComparison.Ordinal)..];
        map = map[..map.IndexOf("\n\n", StringComparison.Ordinal)];
        var there = Directory.GetDirectories(Path.Combine(Repository.Root, "src", "MailOps.Core")).Select(path => Path.GetFileName(path)).Where(name => name is not ("bin" or "obj"));

        Assert.Equal(there.Order(StringComparer.Ordinal), Row().Matches(map).Select(row => row.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_folder_that_the_map_names_within_another_is_there()
    {
        var missing = from line in File.ReadLines(Path.Combine(Repository.Root, "README.md"))
                      where line.StartsWith("| `", StringComparison.Ordinal)
                      let folder = Path.Combine(Repository.Root, "src", "MailOps.Core", Row().Match(line).Groups[1].Value)
                      where Row().IsMatch(line) && Directory.Exists(folder)
                      from Match name in Name().Matches(line[(line.IndexOf('|', 1) + 1)..])
                      where char.IsAsciiLetterUpper(name.Groups[1].Value[0]) && !Directory.Exists(Path.Combine(folder, name.Groups[1].Value))
                      select $"{folder}: {name.Groups[1].Value}";
        Assert.Empty(missing);
    }

    [GeneratedRegex("^\\| `(\\w+)` \\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Name();
}
