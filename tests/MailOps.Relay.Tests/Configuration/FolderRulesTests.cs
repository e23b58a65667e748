using MailOps.Relay.Configuration;

namespace MailOps.Relay.Tests.Configuration;

public sealed class FolderRulesTests
{
    [Theory]
    [InlineData("a", "a", "test: pickup.path and routes[0].dropPath are one folder: what is dropped there would be sent again. Give each a folder of its own.")]
    [InlineData("a", "./b/../a/", "test: pickup.path and routes[0].dropPath are one folder")]
    [InlineData("q", "a", "test: pickup.path and queuePath are one folder")]
    [InlineData("a", "q", "test: routes[0].dropPath and queuePath are one folder")]
    [InlineData("a", "ab", null)]
    [InlineData("q/in", "q/out", null)]
    public void Folders_that_files_would_go_round_in_are_refused(string pickup, string drop, string? fault)
    {
        if (fault is null) Assert.Empty(OptionsValidator.Warnings(Read(pickup, drop)));
        else Assert.Contains(fault, Assert.Throws<MailOpsException>(() => Read(pickup, drop)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_symbolic_link_is_the_folder_it_leads_to()
    {
        var folder = Directory.CreateTempSubdirectory("mailops-links-");
        try
        {
            folder.CreateSubdirectory("real");
            Directory.CreateSymbolicLink(Path.Join(folder.FullName, "link"), "real");
            Directory.CreateSymbolicLink(Path.Join(folder.FullName, "one"), Path.Join("two", "x"));
            Directory.CreateSymbolicLink(Path.Join(folder.FullName, "two"), Path.Join("one", "y"));
            Folders_that_files_would_go_round_in_are_refused($"{folder}/link/mail", $"{folder}/real/mail", "pickup.path and routes[0].dropPath are one folder");
            Folders_that_files_would_go_round_in_are_refused($"{folder}/link/mail", $"{folder}/real/other", null);
            Folders_that_files_would_go_round_in_are_refused($"{folder}/one", $"{folder}/two", null);   // a ring, which ends nowhere
            A_folder_within_the_other_is_a_warning($"{folder}/real", $"{folder}/link/b", "routes[0].dropPath is a folder within pickup.path");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("a", "a/b", "routes[0].dropPath is a folder within pickup.path")]
    [InlineData("a/b", "a", "pickup.path is a folder within routes[0].dropPath")]
    public void A_folder_within_the_other_is_a_warning(string pickup, string drop, string warning) =>
        Assert.StartsWith(warning, Assert.Single(OptionsValidator.Warnings(Read(pickup, drop))), StringComparison.Ordinal);

    private static SmtpRelayOptions Read(string pickup, string drop) => RelayConfiguration.Read(
        $$"""{ "queuePath": "q", "pickup": { "path": "{{pickup}}" }, "routes": [ { "domain": "a.test", "kind": "Drop", "dropPath": "{{drop}}" } ] }""", "test");
}
