using System.Globalization;

namespace MailOps.PowerShell.Tests;

/// <summary>Plain numbers for a TimeSpan parameter are seconds.</summary>
public sealed class SecondsAttributeTests : IClassFixture<Engine>
{
    private readonly Engine _engine;

    public SecondsAttributeTests(Engine engine)
    {
        _engine = engine;
        engine.Run("param($path) Import-Module -Name $path", BuiltFiles.TestCmdlets).AssertNoErrors();
    }

    [Theory]
    [InlineData("30", "00:00:30")]
    [InlineData("'30'", "00:00:30")]
    [InlineData("'1.5'", "00:00:01.5000000")]
    [InlineData("0.1", "00:00:00.1000000")]
    [InlineData("30L", "00:00:30")]
    [InlineData("2.5d", "00:00:02.5000000")]
    [InlineData("([psobject]5)", "00:00:05")]
    [InlineData("'00:01:30'", "00:01:30")]
    [InlineData("([timespan]::FromMinutes(2))", "00:02:00")]
    public void A_number_is_seconds_and_anything_else_is_what_it_was(string argument, string expected) =>
        Assert.Equal(TimeSpan.Parse(expected, CultureInfo.InvariantCulture), _engine.Run($"Get-Span -Timeout {argument}").Only.BaseObject);

    [Fact]
    public void A_cell_of_a_record_is_seconds() =>
        Assert.Equal(TimeSpan.FromSeconds(7), _engine.Run("[pscustomobject]@{ Timeout = '7' } | Get-Span").Only.BaseObject);

    [Fact]
    public void Where_a_comma_is_the_decimal_sign_the_same_is_read()
    {
        var result = _engine.Run("[cultureinfo]::CurrentCulture = 'tr-TR'; Get-Span -Timeout '1.5'");
        Assert.Equal(TimeSpan.FromSeconds(1.5), result.Only.BaseObject);
    }

    [Theory]
    [InlineData("1e30", "1E+30 seconds is not a time span.")]
    [InlineData("([double]::NaN)", "NaN seconds is not a time span.")]
    [InlineData("'soon'", "Cannot convert value \"soon\" to type \"System.TimeSpan\".")]
    public void What_is_no_time_span_is_refused(string argument, string message) =>
        Assert.Contains(message, _engine.Run($"Get-Span -Timeout {argument}").Error.ToString(), StringComparison.Ordinal);
}
