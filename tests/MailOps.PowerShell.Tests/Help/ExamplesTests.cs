using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Text.RegularExpressions;

namespace MailOps.PowerShell.Tests.Help;

/// <summary>Every example that a user may copy is parsed, and each call of ours in it is bound against the real parameters.</summary>
public sealed partial class ExamplesTests : IClassFixture<Engine>
{
    private readonly Engine _engine;

    public ExamplesTests(Engine engine) => _engine = engine;

    [Fact]
    public void Examples_of_the_help_bind()
    {
        var examples = _engine.Run("foreach ($name in (Get-Module MailOps).ExportedCmdlets.Keys) { (Get-Help $name -Examples).examples.example | ForEach-Object { \"$($_.code)\" } }")
            .AssertNoErrors().Output.Select(o => o.ToString()).ToArray();
        Assert.NotEmpty(examples);
        Assert.All(examples, e => Assert.NotEmpty(Bind(e)));
    }

    [Fact]
    public void The_example_of_the_about_topic_binds()
    {
        var topic = File.ReadAllText(Path.Combine(BuiltFiles.Module, "en-US/about_MailOps.help.txt"));
        var scripts = Indented().Matches(topic).Select(m => m.Value).ToArray();
        Assert.Equal(5, scripts.Length);
        Assert.All(scripts, s => Bind(s));
    }

    [Fact]
    public void Examples_of_the_documents_bind()
    {
        string[] documents = [.. Directory.EnumerateFiles(BuiltFiles.Repository, "*.md"), .. Folder("docs", "*.md")];
        var texts = documents.Select(File.ReadAllText).ToArray();
        var examples = texts.SelectMany(t => Fences().Matches(t)).Concat(texts.SelectMany(t => Spans().Matches(t)))
            .Select(m => m.Groups[1].Value.Replace(@"\|", "|", StringComparison.Ordinal))   // as a table of Markdown writes it
            .Select(e => Mention().IsMatch(e) ? e + " $something" : e);
        Assert.All(examples, e => Bind(e));
    }

    [Fact]
    public void Scripts_in_examples_and_the_other_suites_bind()
    {
        string[] scripts = [.. Folder("examples", "*.ps1"), .. Folder("tests/Pester", "*.ps1"), Path.Combine(BuiltFiles.Repository, "build.ps1")];
        Assert.All(scripts, s => Bind(File.ReadAllText(s)));
    }

    [Theory]
    [InlineData("Send-SmtpMessage -Too a@example.test")]
    [InlineData("Send-SmtpMesage -To a@example.test")]
    [InlineData("Get-SmtpRelay -Name a -Name b")]
    [InlineData("if (")]
    public void An_example_that_is_wrong_is_found(string script) => Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Bind(script));

    /// <summary>Parses a script and binds its calls of ours; which those were.</summary>
    private List<string> Bind(string script)
    {
        var ast = Parser.ParseInput(script, out _, out var errors);
        Assert.True(errors.Length == 0, string.Join('\n', errors.Select(e => e.Message)) + "\n" + script);
        var ours = _engine.Run("$module = Get-Module MailOps; $module.ExportedCmdlets.Keys; $module.ExportedAliases.Keys").AssertNoErrors().Output.Select(o => o.ToString()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        List<string> bound = [];
        Runspace.DefaultRunspace = _engine.Runspace;
        try
        {
            foreach (var call in ast.FindAll(a => a is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>())
            {
                if (call.GetCommandName() is not { } name || !OurNoun().IsMatch(name)) continue;
                Assert.True(ours.Contains(name), $"There is no cmdlet {name}: {call}");
                bound.Add(name);
                if (call.CommandElements.Any(e => e is VariableExpressionAst { Splatted: true })) continue;
                var exceptions = StaticParameterBinder.BindCommand(call, resolve: true).BindingExceptions;
                Assert.True(exceptions.Count == 0, $"{call}\n{string.Join('\n', exceptions.Values.Select(e => e.BindingException.Message))}");
            }
        }
        finally
        {
            Runspace.DefaultRunspace = null;
        }
        return bound;
    }

    private static string[] Folder(string folder, string pattern)
    {
        var path = Path.Combine(BuiltFiles.Repository, folder);
        return Directory.Exists(path) ? Directory.GetFiles(path, pattern, SearchOption.AllDirectories) : [];
    }

    [GeneratedRegex("-(Smtp|MailExchanger|MailSettings|MailProvider|MailClientProfile|OutlookSmtpProfile|MailHeader|MailFlow|MailDomain|MailboxMessage|MessageAuthenticity|DeliveryStatus|Spf|Dkim|Dmarc|MtaSts|TlsRpt|Dane)", RegexOptions.IgnoreCase)]
    private static partial Regex OurNoun();

    [GeneratedRegex(@"```powershell\s*\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fences();

    /// <summary>Code in a line, from a cmdlet or a pipeline on; not words such as "-Tls".</summary>
    [GeneratedRegex(@"(?<!`)`([A-Za-z]+-[A-Za-z]+[^`\n]*-(?:Smtp|MailExchanger|MailSettings|MailProvider|MailClientProfile|OutlookSmtpProfile|MailHeader|MailFlow|MailDomain|MailboxMessage|MessageAuthenticity|DeliveryStatus|Spf|Dkim|Dmarc|MtaSts|TlsRpt|Dane)[^`\n]*|[A-Z][a-z]+-(?:Smtp|MailExchanger|MailSettings|MailProvider|MailClientProfile|OutlookSmtpProfile|MailHeader|MailFlow|MailDomain|MailboxMessage|MessageAuthenticity|DeliveryStatus|Spf|Dkim|Dmarc|MtaSts|TlsRpt|Dane)[^`\n]*)`(?!`)")]
    private static partial Regex Spans();

    /// <summary>A cmdlet and the name of one parameter, in running text.</summary>
    [GeneratedRegex(@"^\S+ -\w+$")]
    private static partial Regex Mention();

    [GeneratedRegex(@"(?m)(^ {8,}.*\n|^\s*\n(?= {8}))+")]
    private static partial Regex Indented();
}
