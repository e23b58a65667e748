namespace MailOps.PowerShell.Tests.Commands;

public sealed class ConvertFromDeliveryStatusCommandTests : IClassFixture<Engine>, IDisposable
{
    private static readonly string[] Shown = ["Action", "Class", "Status", "SmtpStatusCode", "Diagnostic", "IsAddressInvalid", "RemoteMta", "ReportingMta", "Path"];

    private readonly Engine _engine;
    private readonly TempFolder _folder = new();

    public ConvertFromDeliveryStatusCommandTests(Engine engine)
    {
        _engine = engine;
        File.WriteAllText(_folder.File("one.eml"), Bounce("one@example.test"));
        File.WriteAllText(_folder.File("two.eml"), Bounce("two@example.test"));
        File.WriteAllText(_folder.File("[odd].eml"), Bounce("odd@example.test"));
        File.WriteAllText(_folder.File("letter.txt"), "From: a@example.test\nSubject: Hello\n\nHello\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Paths_have_wildcards_and_literal_paths_have_none()
    {
        Assert.Equal(["odd@example.test", "one@example.test", "two@example.test"], Recipients("ConvertFrom-DeliveryStatus \"$folder/*.eml\"").Order());
        Assert.Equal(["odd@example.test"], Recipients("ConvertFrom-DeliveryStatus \"$folder/[odd].eml\""));   // a file of that very name
        Assert.Empty(Recipients("ConvertFrom-DeliveryStatus \"$folder/*.none\""));
        Assert.Equal(["odd@example.test"], Recipients("ConvertFrom-DeliveryStatus -LiteralPath \"$folder/[odd].eml\""));
    }

    [Fact]
    public void Files_come_from_the_pipeline_whatever_their_names()
    {
        Assert.Equal(["odd@example.test", "one@example.test", "two@example.test"], Recipients("[IO.DirectoryInfo]::new($folder).GetFiles('*.eml') | ConvertFrom-DeliveryStatus").Order());
        Assert.Equal(["two@example.test"], Recipients("[pscustomobject]@{ FullName = \"$folder/two.eml\" } | ConvertFrom-DeliveryStatus"));
    }

    [Fact]
    public void Paths_come_from_the_pipeline_as_strings_and_one_that_is_none_says_what_to_do()
    {
        Assert.Equal(["one@example.test", "two@example.test", "odd@example.test"], Recipients("\"$folder/one.eml\", \"$folder/two.eml\", \"$folder/[odd].eml\" | ConvertFrom-DeliveryStatus"));
        Assert.Equal(["one@example.test", "two@example.test"], Recipients("\"$folder/one.eml\" | ConvertFrom-DeliveryStatus; [IO.File]::ReadAllLines(\"$folder/two.eml\") | ConvertFrom-DeliveryStatus"));

        var error = Assert.Single(Run("\"$folder/gone.eml\" | ConvertFrom-DeliveryStatus").Errors);
        Assert.StartsWith("NotDeliveryReport,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("no file of that name", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("-Path", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[IO.File]::ReadAllText(\"$folder/one.eml\") | ConvertFrom-DeliveryStatus")]
    [InlineData("'one', 'two' | ForEach-Object { $name = $_; [IO.File]::ReadAllLines(\"$folder/$name.eml\") | ForEach-Object { $_.PSObject.Properties.Add([psnoteproperty]::new('PSPath', $name)); $_ } } | ConvertFrom-DeliveryStatus")]
    [InlineData(", [IO.File]::ReadAllBytes(\"$folder/one.eml\") | ConvertFrom-DeliveryStatus")]
    [InlineData("[IO.File]::ReadAllBytes(\"$folder/one.eml\") | ConvertFrom-DeliveryStatus")]
    [InlineData("ConvertFrom-DeliveryStatus -InputObject ([IO.File]::ReadAllBytes(\"$folder/one.eml\"))")]
    [InlineData("[MailOps.SmtpRelayMessageContent]@{ Identity = 'x'; QueueId = 'x'; Content = [IO.File]::ReadAllBytes(\"$folder/one.eml\") } | ConvertFrom-DeliveryStatus")]
    public void A_message_is_bytes_a_string_or_its_lines(string script)
    {
        string[] expected = script.Contains("two", StringComparison.Ordinal) ? ["one@example.test", "two@example.test"] : ["one@example.test"];
        Assert.Equal(expected, Recipients(script));
    }

    [Fact]
    public void An_object_tells_all_that_the_report_does()
    {
        var found = Run("ConvertFrom-DeliveryStatus \"$folder/one.eml\"").Only;

        Assert.Equal("MailOps.DeliveryReport", found.TypeNames[0]);
        Assert.Equal(
            $"Failed|NoSuchUser|5.1.1|550|550 5.1.1 User unknown|True|mail.example.test|mx.example.test|{_folder.File("one.eml")}",
            string.Join('|', Shown.Select(name => found.Properties[name].Value)));
    }

    [Fact]
    public void What_is_no_report_or_no_file_is_an_error_of_its_own_and_the_others_go_on()
    {
        var result = Run("'letter.txt', 'gone.eml', 'one.eml' | ForEach-Object { ConvertFrom-DeliveryStatus -LiteralPath \"$folder/$_\" }; 'Hello' | ConvertFrom-DeliveryStatus; 7 | ConvertFrom-DeliveryStatus; ConvertFrom-DeliveryStatus Env:PATH");

        Assert.Equal(["NotDeliveryReport", "FileUnreadable", "NotDeliveryReport", "NotDeliveryReport", "FileUnreadable"], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.All(result.Errors, error => Assert.NotEmpty(error.ErrorDetails.RecommendedAction));
        Assert.Equal("one@example.test", Assert.Single(result.Output).Properties["Recipient"].Value);
    }

    private IEnumerable<string> Recipients(string script) => Run(script).AssertNoErrors().Output.Select(report => (string)report.Properties["Recipient"].Value);

    private EngineResult Run(string script) => _engine.Run("param($folder) " + script, _folder.Path);

    private static string Bounce(string recipient) =>
        $"""
        From: MAILER-DAEMON@mx.example.test
        To: sender@example.test
        Subject: Undelivered Mail Returned to Sender
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b

        Your message could not be delivered.

        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.test

        Final-Recipient: rfc822; {recipient}
        Action: failed
        Status: 5.1.1
        Remote-MTA: dns; mail.example.test
        Diagnostic-Code: smtp; 550 5.1.1 User unknown

        --b--

        """;
}
