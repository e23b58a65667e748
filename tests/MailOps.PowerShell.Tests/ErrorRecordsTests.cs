using System.Management.Automation;

namespace MailOps.PowerShell.Tests;

/// <summary>What a user sees of an error of the library.</summary>
public sealed class ErrorRecordsTests : IClassFixture<Engine>
{
    private const string Suffix = ",MailOps.PowerShell.TestCmdlets.TestMailErrorCommand";
    private readonly Engine _engine;

    public ErrorRecordsTests(Engine engine)
    {
        _engine = engine;
        engine.Run("param($path) Import-Module -Name $path", BuiltFiles.TestCmdlets).AssertNoErrors();
    }

    [Fact]
    public void Every_code_is_an_id_with_a_category_and_a_recommended_action()
    {
        var result = _engine.Run("[MailOps.ErrorCode].GetFields() | ForEach-Object { $_.GetValue($null) } | Test-MailError");
        Assert.True(result.Errors.Count > 20);
        Assert.All(result.Errors, e =>
        {
            Assert.EndsWith(Suffix, e.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal(e.FullyQualifiedErrorId, ((dynamic)PSObject.AsPSObject(e.Exception)).Code + Suffix);
            Assert.NotEqual(ErrorCategory.NotSpecified, e.CategoryInfo.Category);
            Assert.Equal("What to do.", e.ErrorDetails.RecommendedAction);
            Assert.Equal("What is wrong.", e.ToString());
        });
        Assert.Equal(result.Errors.Count, result.Output.Count);   // each went on after its error
    }

    [Fact]
    public void The_target_is_what_it_is_about() =>
        Assert.Equal("a@example.test", _engine.Run("Test-MailError InvalidAddress -Target a@example.test").Error.TargetObject);

    [Theory]
    [InlineData("-Way Write -ErrorAction Stop")]
    [InlineData("-Way Throw")]
    [InlineData("-Way Escape")]
    public void A_terminating_error_can_be_caught_by_its_type_and_keeps_its_id(string way)
    {
        var result = _engine.Run($"try {{ Test-MailError TlsRequired {way}; 'not reached' }} catch [MailOps.MailOpsException] {{ $_.FullyQualifiedErrorId, $_.Exception.Hint }}");
        Assert.Equal(["TlsRequired" + Suffix, "What to do."], result.AssertNoErrors().Output.Select(o => o.ToString()));
    }

    [Fact]
    public void Error_action_and_error_variable_work_as_ever()
    {
        var result = _engine.Run("$null = Test-MailError DnsFailed -ErrorAction SilentlyContinue -ErrorVariable kept; $kept.Count");
        Assert.Equal(1, result.Value<int>());
    }

    [Fact]
    public void The_recommended_action_is_shown() =>
        Assert.Contains("Recommendation: What to do.", _engine.Show("$ErrorView = 'ConciseView'; Test-MailError DnsFailed"), StringComparison.Ordinal);
}
