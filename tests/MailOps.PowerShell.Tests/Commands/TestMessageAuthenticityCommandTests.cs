using System.Management.Automation;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

public sealed class TestMessageAuthenticityCommandTests : IClassFixture<Engine>, IDisposable
{
    // The example of RFC 8463 section A.3; its other signature has its key in the zone below too.
    private const string Signed =
        "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
        + " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\nFrom: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\nSubject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\nMessage-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

    private readonly Engine _engine;
    private readonly TempFolder _folder = new();
    private readonly LoopbackDnsServer _dns = new()
    {
        Zone =
        {
            ["brisbane._domainkey.football.example.com TXT"] = new Say(new Rr("TXT", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")),
            ["_dmarc.football.example.com TXT"] = new Say(new Rr("TXT", "v=DMARC1; p=reject")),
            ["football.example.com TXT"] = new Say(new Rr("TXT", "v=spf1 ip4:192.0.2.1 -all")),
            ["brisbane._domainkey.slow.test *"] = new Say { Silent = true },
        },
    };

    public TestMessageAuthenticityCommandTests(Engine engine)
    {
        _engine = engine;
        File.WriteAllText(_folder.File("good.eml"), Signed);
        File.WriteAllText(_folder.File("bad.eml"), Signed.Replace("game", "match", StringComparison.Ordinal));
        File.WriteAllText(_folder.File("feeds.eml"), Signed.Replace("\r\n", "\n", StringComparison.Ordinal));
        File.WriteAllText(_folder.File("[1].eml"), Signed);
        File.WriteAllText(_folder.File("letter.txt"), "Hello, this is no message.\n");
    }

    public void Dispose()
    {
        _dns.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Test-MessageAuthenticity \"$folder/good.eml\"", "Authentic Pass Pass")]
    [InlineData("Test-MessageAuthenticity -LiteralPath \"$folder/[1].eml\"", "Authentic Pass Pass")]
    [InlineData("[IO.DirectoryInfo]::new($folder).GetFiles('bad.eml') | Test-MessageAuthenticity -IPAddress 192.0.2.9 -EnvelopeFrom a@football.example.com", "Failed Fail Fail")]
    [InlineData("Test-MessageAuthenticity \"$folder/bad.eml\" -IPAddress 192.0.2.1 -MailFrom a@football.example.com -Helo mail.test", "Authentic Fail Pass")]
    [InlineData("\"$folder/good.eml\" | Test-MessageAuthenticity", "Authentic Pass Pass")]
    [InlineData("[IO.File]::ReadAllText(\"$folder/good.eml\") | Test-MessageAuthenticity", "Authentic Pass Pass")]
    [InlineData(",[IO.File]::ReadAllBytes(\"$folder/good.eml\") | Test-MessageAuthenticity", "Authentic Pass Pass")]
    [InlineData("[IO.File]::ReadAllLines(\"$folder/good.eml\") | Test-MessageAuthenticity", "Authentic Pass Pass")]
    [InlineData("Test-MessageAuthenticity -InputObject ([IO.File]::ReadAllText(\"$folder/feeds.eml\"))", "Authentic Pass Pass")]
    [InlineData("[MailOps.MailboxMessage]@{ Id = '1-1'; Folder = 'INBOX'; Server = 'a.test'; Content = [IO.File]::ReadAllBytes(\"$folder/good.eml\") } | Test-MessageAuthenticity", "Authentic Pass Pass")]
    [InlineData("Test-MessageAuthenticity \"$folder/bad.eml\"", "Unknown Fail None")]
    public void A_message_comes_as_file_bytes_text_or_lines(string script, string expected)
    {
        var found = Run(script.Replace("Test-MessageAuthenticity", "Test-MessageAuthenticity -Server $dns", StringComparison.Ordinal)).AssertNoErrors().Only;
        Assert.Equal(expected, $"{Get(found, "Verdict")} {Get(found, "DkimResult")} {Get((PSObject)PSObject.AsPSObject(Get(found, "Dmarc")!), "Result")}");
    }

    [Fact]
    public void Many_come_in_their_order_and_errors_are_their_own()
    {
        File.WriteAllText(_folder.File("slow.eml"), Signed.Replace("d=football.example.com", "d=slow.test", StringComparison.Ordinal).Replace("i=@football.example.com;", "", StringComparison.Ordinal));
        var result = Run("'slow', 'good', 'bad', 'gone', 'good' | ForEach-Object { [IO.FileInfo]::new(\"$folder/$_.eml\") } | Test-MessageAuthenticity -Server $dns -Timeout 2; 'Hello' | Test-MessageAuthenticity; Test-MessageAuthenticity \"$folder/letter.txt\" -Server $dns");

        Assert.Equal(["slow", "good", "bad", "good"], result.Output.Select(found => Path.GetFileNameWithoutExtension((string)Get(found, "Path")!)));
        Assert.Equal(["FileUnreadable", "InvalidMessage", "InvalidMessage"], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.All(result.Errors, error => Assert.NotEmpty(error.ErrorDetails.RecommendedAction));
    }

    [Theory]
    [InlineData("-TrustedNetwork 10.0.0.0/40")]
    [InlineData("-Server nonsense")]
    public void What_is_no_network_or_server_ends_the_cmdlet(string arguments)
    {
        var result = Run($"Test-MessageAuthenticity \"$folder/good.eml\" {arguments}");
        Assert.Equal("InvalidAddress,MailOps.PowerShell.Commands.TestMessageAuthenticityCommand", Assert.Single(result.Errors).FullyQualifiedErrorId);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void A_stop_is_prompt()
    {
        File.WriteAllText(_folder.File("slow.eml"), Signed.Replace("d=football.example.com", "d=slow.test", StringComparison.Ordinal).Replace("i=@football.example.com;", "", StringComparison.Ordinal));
        _engine.AssertStops(() => !_dns.Asked.IsEmpty, "param($file, $dns) Test-MessageAuthenticity $file -Server $dns -Timeout 600", _folder.File("slow.eml"), _dns.Address);
    }

    private EngineResult Run(string script) => _engine.Run("param($folder, $dns) " + script, _folder.Path, _dns.Address);

    private static object? Get(PSObject o, string name) => o.Properties[name].Value;
}
