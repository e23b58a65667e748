using MailOps.Messages;
using MailOps.Relay.Policy;
using MailOps.Relay.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Policy;

public sealed class AliasTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-aliases-").FullName;

    private static readonly SmtpRelayOptions Options = new()
    {
        QueuePath = "q",
        LocalDomains = [new() { Name = "ours.test", MailboxPath = "m", Mailboxes = ["ada", "bob"] }, new() { Name = "any.test", MailboxPath = "m" }],
        Aliases =
        [
            new() { Address = "sales@ours.test", To = ["ada@ours.test", "x@far.test"] },
            new() { Address = "team@ours.test", To = ["sales@ours.test", "BOB@ours.test", "ada@ours.test"] },
            new() { Address = "bob@ours.test", To = ["bob@ours.test", "bob@far.test"] },
            new() { Address = "loop@ours.test", To = ["pool@ours.test"] },
            new() { Address = "pool@ours.test", To = ["loop@ours.test"] },
            new() { Address = "half@ours.test", To = ["half2@ours.test"] },
            new() { Address = "half2@ours.test", To = ["half@ours.test", "ada@ours.test"] },
            new() { Address = "@ours.test", To = ["catch@far.test"] },
            new() { Address = "@bücher.test", To = ["@ours.test"] },
            .. Enumerable.Range(0, 30).Select(i => new AliasOptions { Address = $"deep{i}@any.test", To = [$"deep{i + 1}@any.test"] }),
            .. Enumerable.Range(0, 15).Select(i => new AliasOptions { Address = $"wide{i}@any.test", To = [$"wide{i + 1}@any.test", $"wide{i + 1}@any.test", $"w{i}@any.test"] }),
            new() { Address = "many@any.test", To = [.. Enumerable.Range(0, 1100).Select(i => $"m{i}@far.test")] },
        ],
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("sales@ours.test", "ada@ours.test x@far.test")]
    [InlineData("Sales@OURS.test", "ada@ours.test x@far.test")]
    [InlineData("team@ours.test", "ada@ours.test x@far.test bob@ours.test bob@far.test")]   // through others, each once
    [InlineData("ada@ours.test", "ada@ours.test")]                                            // a mailbox before all of the domain
    [InlineData("bob@ours.test", "bob@ours.test bob@far.test")]                               // and a copy for itself
    [InlineData("nobody@ours.test", "catch@far.test")]
    [InlineData("ada@xn--bcher-kva.test", "ada@ours.test")]                                   // all of a domain, local part for local part
    [InlineData("sales@bücher.test", "ada@ours.test x@far.test")]
    [InlineData("half@ours.test", "ada@ours.test")]                                           // round in part
    [InlineData("who@any.test", "who@any.test")]
    [InlineData("who@else.test", "who@else.test")]
    [InlineData("loop@ours.test", "550 5.4.6")]
    [InlineData("deep0@any.test", "550 5.3.5")]
    [InlineData("deep15@any.test", "deep30@any.test")]
    [InlineData("many@any.test", "550 5.3.5")]
    [InlineData("wide0@any.test", "550 5.3.5")]                                               // 2^15 ways
    public void Mail_for_an_alias_goes_to_others(string address, string expected)
    {
        var (to, refusal) = new AliasTable(Options, null).Expand(EmailAddress.Parse(address));
        Assert.Equal(expected, refusal is null ? string.Join(' ', to) : refusal.ToString()[..9]);
    }

    [Fact]
    public void A_file_of_aliases_is_read_as_usual()
    {
        var aliases = AliasesFile.Parse("""
            # comment
            postmaster:    root
            root: ada, "b b"@far.test,
                # in between

              \root, c@far.test
            "odd:name": ada
            Key@Far.test: @else.test
            @old.test: @new.test
            """);
        Assert.Equal(["ada", "\"b b\"@far.test", "root", "c@far.test"], aliases["root"].Select(target => target.Text));
        Assert.Equal([false, false, true, false], aliases["root"].Select(target => target.IsFinal));
        Assert.Equal(["@old.test", "Key@far.test", "odd:name", "postmaster", "root"], aliases.Keys.Select(key => key == "key@far.test" ? "Key@far.test" : key).Order(StringComparer.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("a: b\nno colon here\n", "Line 2 is not of the form 'name: target, target'.")]
    [InlineData("a:\n", "Line 1 names no target for 'a'.")]
    [InlineData("a: b\nA: c\n", "Line 2 names 'A', which is there before.")]
    [InlineData("a: |/bin/program\n", "Line 1 has the target '|/bin/program': programs, files and lists of their own are not delivered to.")]
    [InlineData("a: \"|/bin/program x\"\n", "Line 1 has the target '\"|/bin/program x\"': programs, files and lists of their own are not delivered to.")]
    [InlineData("a: /var/mail/x\n", "Line 1 has the target '/var/mail/x': programs, files and lists of their own are not delivered to.")]
    [InlineData("a: :include:/x\n", "Line 1 has the target ':include:/x': programs, files and lists of their own are not delivered to.")]
    [InlineData("a: not an address\n", "Line 1 has the target 'not an address', which is no address.")]
    public void What_is_no_line_of_it_says_which(string text, string message) => Assert.Equal(message, Assert.Throws<FormatException>(() => AliasesFile.Parse(text)).Message);

    [Fact]
    public void Names_of_the_file_count_in_local_domains_and_a_final_one_is_the_mailbox()
    {
        var path = Path.Combine(_folder, "aliases");
        File.WriteAllText(path, "info: \\info, sales\nsales: z@far.test\nada: w@far.test\n");
        using var file = new AliasesFile(path, new RecordingTrace(), new FakeTimeProvider());
        var table = new AliasTable(Options, file);
        Assert.Equal("info@any.test z@far.test", string.Join(' ', table.Expand(EmailAddress.Parse("info@any.test")).Addresses));
        Assert.Equal("info@ours.test ada@ours.test x@far.test", string.Join(' ', table.Expand(EmailAddress.Parse("Info@ours.test")).Addresses.Select(a => a.ToString().ToLowerInvariant())).Replace("w@far.test", "ada@ours.test", StringComparison.Ordinal));
        Assert.False(table.IsAlias(EmailAddress.Parse("info@else.test")));
    }

    [Fact]
    public void The_file_is_read_again_when_it_changes_and_an_error_in_it_changes_nothing()
    {
        var (path, clock, trace) = (Path.Combine(_folder, "aliases"), new FakeTimeProvider(), new RecordingTrace());
        File.WriteAllText(path, "a: one@far.test\n");
        using var file = new AliasesFile(path, trace, clock);
        File.WriteAllText(path, "a: another@far.test\n");
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("another@far.test", file.Find("a")!.Single().Text);
        File.WriteAllText(path, "a: |program\n");
        for (var i = 0; i < 3; i++) clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("another@far.test", file.Find("a")!.Single().Text);
        Assert.Contains("Line 1 has the target '|program'", Assert.Single(trace.Faults), StringComparison.Ordinal);
        File.Delete(path);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(file.Find("a"));
        File.WriteAllText(path, "");
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(file.Find("a"));
    }

    [Fact]
    public void A_changed_file_that_cannot_be_read_for_now_is_read_later_and_told_once()
    {
        var (path, clock, trace) = (Path.Combine(_folder, "aliases"), new FakeTimeProvider(), new RecordingTrace());
        File.WriteAllText(path, "a: one@far.test\n");
        using var file = new AliasesFile(path, trace, clock);
        File.WriteAllText(path, "a: another@far.test\n");
        using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            for (var i = 0; i < 3; i++) clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("one@far.test", file.Find("a")!.Single().Text);
        Assert.Single(trace.Faults);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("another@far.test", file.Find("a")!.Single().Text);
        File.Delete(path);
        for (var i = 0; i < 3; i++) clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, trace.Faults.Count);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told_at_the_start() =>
        Assert.Equal(ErrorCode.RelayConfigurationInvalid, Assert.Throws<MailOpsException>(() => new AliasesFile(Path.Combine(_folder, "none"), new RecordingTrace(), TimeProvider.System)).Code);
}
