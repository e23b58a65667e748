namespace MailOps.PowerShell.Tests.Commands;

public sealed class ConvertFromMailHeaderCommandTests : IClassFixture<Engine>, IDisposable
{
    private readonly Engine _engine;
    private readonly TempFolder _folder = new();

    public ConvertFromMailHeaderCommandTests(Engine engine)
    {
        _engine = engine;
        File.WriteAllText(_folder.File("one.eml"), Header("one"));
        File.WriteAllText(_folder.File("two.eml"), Header("two") + "\nBody\n");
        File.WriteAllText(_folder.File("letter.txt"), "Hello, this is no message.\n");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ConvertFrom-MailHeader \"$folder/*.eml\"")]
    [InlineData("[IO.DirectoryInfo]::new($folder).GetFiles('*.eml') | ConvertFrom-MailHeader")]
    [InlineData("'one', 'two' | ForEach-Object { [IO.File]::ReadAllText(\"$folder/$_.eml\") } | ConvertFrom-MailHeader")]
    public void Headers_come_from_files_and_text(string script)
    {
        var found = Run(script).AssertNoErrors().Output;
        Assert.Equal(["one", "two"], found.Select(header => header.Properties["Subject"].Value).Order());
        Assert.All(found, header => Assert.Equal("MailOps.MailHeader", header.TypeNames[0]));
    }

    [Fact]
    public void The_hops_are_objects_of_their_own() =>
        Assert.Equal("1 a.test ESMTPS True ", string.Join(' ', Run("(ConvertFrom-MailHeader \"$folder/one.eml\").Hops | ForEach-Object { \"$($_.Hop) $($_.By) $($_.With) $($_.Tls) $($_.Delay)\" }").AssertNoErrors().Output));

    [Fact]
    public void What_is_no_header_or_no_file_is_an_error_of_its_own_and_the_others_go_on()
    {
        var result = Run("'letter.txt', 'gone.eml', 'one.eml' | ForEach-Object { ConvertFrom-MailHeader -LiteralPath \"$folder/$_\" }; 'Hello' | ConvertFrom-MailHeader");
        Assert.Equal(["InvalidMessage", "FileUnreadable", "InvalidMessage"], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.All(result.Errors, error => Assert.NotEmpty(error.ErrorDetails.RecommendedAction));
        Assert.Single(result.Output);
    }

    private static string Header(string subject) => $"Received: from b.test by a.test with ESMTPS; Thu, 5 Mar 2026 10:00:00 +0000\nFrom: a@b.test\nSubject: {subject}\n";

    private EngineResult Run(string script) => _engine.Run("param($folder) " + script, _folder.Path);
}
