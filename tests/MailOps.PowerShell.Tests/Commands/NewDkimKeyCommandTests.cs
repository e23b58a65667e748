using System.Globalization;

namespace MailOps.PowerShell.Tests.Commands;

public sealed class NewDkimKeyCommandTests : IClassFixture<Engine>, IDisposable
{
    private readonly Engine _engine;
    private readonly TempFolder _folder = new();

    public NewDkimKeyCommandTests(Engine engine) => _engine = engine;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_file_is_named_after_the_record_and_the_selector_after_the_month()
    {
        var before = Month();
        var key = Assert.Single(Run("New-DkimKey example.com -KeyType Ed25519").AssertNoErrors().Output);
        var name = key.Properties["RecordName"].Value!.ToString()!;
        Assert.Contains(name, new[] { before, Month() }.Select(month => $"s{month}._domainkey.example.com"));
        Assert.Equal(Path.GetFullPath(_folder.File(name + ".pem")), Path.GetFullPath(key.Properties["PrivateKeyPath"].Value!.ToString()!));
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", File.ReadAllText(_folder.File(name + ".pem")), StringComparison.Ordinal);
        Assert.DoesNotContain(key.Properties, property => property.Value?.ToString()?.Contains("PRIVATE", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Without_more_words_it_is_RSA_of_2048_bits() =>
        Assert.Equal("Rsa 2048", Run("$k = New-DkimKey example.com -Path k.pem; \"$($k.KeyType) $($k.KeySize)\"").AssertNoErrors().Output[0].ToString());

    [Fact]
    public void WhatIf_makes_no_file()
    {
        Assert.Empty(Run("New-DkimKey example.com -Path k.pem -WhatIf").AssertNoErrors().Output);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void What_cannot_be_is_an_error_of_its_own_and_the_others_go_on()
    {
        File.WriteAllText(_folder.File("s1._domainkey.b.test.pem"), "kept");
        var result = Run("'no domain', 'a.test', 'b.test', 'c.test' | New-DkimKey -Selector s1 -KeyType Ed25519");
        Assert.Equal(["InvalidDomain", "FileExists"], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.All(result.Errors, error => Assert.NotEmpty(error.ErrorDetails.RecommendedAction));
        Assert.Equal(["a.test", "c.test"], result.Output.Select(key => key.Properties["Domain"].Value));
        Assert.Equal("kept", File.ReadAllText(_folder.File("s1._domainkey.b.test.pem")));
    }

    [Theory]
    [InlineData("-KeySize 1024")]
    [InlineData("-KeyType Dsa")]
    [InlineData("-Selector ''")]
    public void Values_that_cannot_be_are_refused(string parameters) =>
        Assert.NotEmpty(Run($"New-DkimKey example.com -Path k.pem {parameters}").Errors);

    private static string Month() => DateTimeOffset.UtcNow.ToString("yyyyMM", CultureInfo.InvariantCulture);

    private EngineResult Run(string script) => _engine.Run("param($folder) $paths = $ExecutionContext.SessionState.Path; [void]$paths.SetLocation($folder); try { " + script + " } finally { [void]$paths.SetLocation('/') }", _folder.Path);
}
