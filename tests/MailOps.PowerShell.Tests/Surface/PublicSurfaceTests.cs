using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace MailOps.PowerShell.Tests.Surface;

/// <summary>Every cmdlet with its sets, parameters, positions, pipeline input and aliases, against the approved file.</summary>
/// <remarks>
/// The approved surface is a promise to scripts: a removed or renamed line breaks them. After an intended change, renew the file with
/// <c>MAILOPS_APPROVE=1 dotnet test --project tests/MailOps.PowerShell.Tests</c> and read the difference before committing it.
/// </remarks>
public sealed class PublicSurfaceTests : IClassFixture<Engine>
{
    private static readonly string Approved = Path.Combine(BuiltFiles.Repository, "tests/MailOps.PowerShell.Tests/Surface/approved.txt");
    private readonly Engine _engine;

    public PublicSurfaceTests(Engine engine) => _engine = engine;

    [Fact]
    public void The_public_surface_is_the_approved_one()
    {
        var text = new StringBuilder();
        foreach (var cmdlet in Cmdlets()) Describe(text, cmdlet);
        var surface = text.ToString();
        if (Environment.GetEnvironmentVariable("MAILOPS_APPROVE") == "1") File.WriteAllText(Approved, surface);
        Assert.Equal(File.ReadAllText(Approved), surface);
    }

    [Fact]
    public void Names_follow_the_rules_of_the_shell()
    {
        var verbs = ApprovedVerbs();
        Assert.All(Cmdlets(), c =>
        {
            Assert.Contains(c.Verb, verbs);
            Assert.Matches("^((Smtp|Mail|Outlook|Spf|Dkim|Dmarc|MtaSts|TlsRpt|Dane)[A-Z]|DeliveryStatus$|MailboxMessage$|MessageAuthenticity$)", c.Noun);
            Assert.Equal(c.Verb is not ("Stop" or "Wait" or "Suspend" or "Resume" or "Restart" or "Remove" or "Move" or "Disable"), c.OutputType.Count > 0);
            Assert.All(c.OutputType.Where(o => o.Type != typeof(FileInfo)), o => Assert.Equal("MailOps.Abstractions", o.Type.Assembly.GetName().Name));
        });
    }

    [Theory]
    [InlineData("Send", true)]
    [InlineData("Start", true)]
    [InlineData("Stop", true)]
    [InlineData("New", true)]
    [InlineData("Set", true)]
    [InlineData("Remove", true)]
    [InlineData("Suspend", true)]
    [InlineData("Resume", true)]
    [InlineData("Restart", true)]
    [InlineData("Move", true)]
    [InlineData("Export", true)]
    [InlineData("Enable", true)]
    [InlineData("Disable", true)]
    [InlineData("Get", false)]
    [InlineData("Resolve", false)]
    public void WhatIf_is_on_what_changes_something_and_on_nothing_else(string verb, bool expected)
    {
        var cmdlets = Cmdlets().Where(c => c.Verb == verb).ToArray();
        Assert.NotEmpty(cmdlets);
        Assert.All(cmdlets, c => Assert.Equal(expected, c.Parameters.ContainsKey("WhatIf")));
    }

    [Fact]
    public void No_parameter_takes_a_type_of_a_package() =>
        Assert.All(Cmdlets().SelectMany(c => c.Parameters.Values), p =>
            Assert.DoesNotMatch("^(MailKit|MimeKit|DnsClient|Org)", p.ParameterType.FullName));

    private static HashSet<string> ApprovedVerbs() =>
        [.. new[] { typeof(VerbsCommon), typeof(VerbsLifecycle), typeof(VerbsCommunications), typeof(VerbsDiagnostic), typeof(VerbsData), typeof(VerbsSecurity) }
            .SelectMany(t => t.GetFields()).Select(f => f.Name)];

    private CmdletInfo[] Cmdlets() =>
        [.. _engine.Run("Get-Command -Module MailOps -CommandType Cmdlet").AssertNoErrors().Output.Select(o => (CmdletInfo)o.BaseObject).OrderBy(c => c.Name, StringComparer.Ordinal)];

    private static void Describe(StringBuilder text, CmdletInfo cmdlet)
    {
        text.Append(CultureInfo.InvariantCulture, $"{cmdlet.Name} -> {string.Join(", ", cmdlet.OutputType.Select(o => o.Name))}\n");
        foreach (var set in cmdlet.ParameterSets.OrderBy(s => s.Name, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {set.Name}{(set.IsDefault ? " (default)" : "")}\n");
            foreach (var parameter in set.Parameters.Where(p => !Cmdlet.CommonParameters.Contains(p.Name)).OrderBy(p => p.Name, StringComparer.Ordinal)) Describe(text, parameter);
        }
        text.Append('\n');
    }

    private static void Describe(StringBuilder text, CommandParameterInfo parameter)
    {
        text.Append(CultureInfo.InvariantCulture, $"    -{parameter.Name} <{Name(parameter.ParameterType)}>");
        if (parameter.IsMandatory) text.Append(" mandatory");
        if (parameter.Position >= 0) text.Append(CultureInfo.InvariantCulture, $" position {parameter.Position}");
        if (parameter.ValueFromPipeline) text.Append(" by value");
        if (parameter.ValueFromPipelineByPropertyName) text.Append(" by name");
        if (parameter.ValueFromRemainingArguments) text.Append(" remaining");
        if (parameter.Aliases.Count > 0) text.Append(CultureInfo.InvariantCulture, $" aliases {string.Join(", ", parameter.Aliases.Order(StringComparer.Ordinal))}");
        text.Append('\n');
    }

    private static string Name(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? inner.FullName + "?" : type.FullName!;
}
