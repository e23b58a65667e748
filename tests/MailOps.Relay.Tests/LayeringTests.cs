using System.Text.RegularExpressions;

namespace MailOps.Relay.Tests;

/// <summary>Server, Policy, Queue, Delivery and Trace meet only at the seams in Mail; SmtpRelay.cs is the one place where they come together.</summary>
public sealed partial class LayeringTests
{
    private static readonly string[] Parts = ["Server", "Policy", "Queue", "Delivery", "Trace"];

    [Fact]
    public void The_parts_of_the_relay_do_not_know_each_other()
    {
        var relay = Path.Combine(Repository.Root, "src", "MailOps.Relay");
        var crossings =
            from part in Parts
            from file in Directory.EnumerateFiles(Path.Combine(relay, part), "*.cs", SearchOption.AllDirectories)
            from Match use in Use().Matches(File.ReadAllText(file))
            where use.Groups["part"].Value != part && Parts.Contains(use.Groups["part"].Value)
            select $"{Path.GetRelativePath(relay, file)} uses {use.Groups["part"].Value}";
        Assert.Empty(crossings);
    }

    [GeneratedRegex(@"^using (?:static )?MailOps\.Relay\.(?<part>\w+)", RegexOptions.Multiline)]
    private static partial Regex Use();
}
