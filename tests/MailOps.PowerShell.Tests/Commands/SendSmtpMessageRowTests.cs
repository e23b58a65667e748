using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>Which record of a mailing an error or a warning is about.</summary>
public sealed class SendSmtpMessageRowTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Good = "[pscustomobject]@{ To = 'a@x.test'; Name = 'Ann' }";
    private const string Common = "Send-SmtpMessage -From f@x.test -SmtpServer 127.0.0.1 -Port $port";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("To = 'nobody'; Name = 'B'", "InvalidAddress", "Row 2 (nobody): 'nobody' is not an e-mail address.")]
    [InlineData("To = 'b@x.test, nobody'; Name = 'B'", "InvalidAddress", "Row 2 (b@x.test, nobody): 'b@x.test, nobody' is not")]
    [InlineData("To = ''; Name = 'B'", "InvalidMessage", "Row 2 (no address): The message has no recipient.")]
    [InlineData("To = 'b@x.test'", "TemplateColumnMissing", "Row 2 (b@x.test): ")]
    [InlineData("To = 'no@x.test'; Name = 'B'", "SmtpRecipientRefused", "Row 2 (no@x.test): 127.0.0.1")]
    [InlineData("To = 'b@x.test'; Name = 'B'; Headers = @{ 'X Y' = 'z' }", "InvalidMessage", "Row 2 (b@x.test): ")]
    public void An_error_says_which_record_it_is_about(string record, string code, string start)
    {
        using var server = new LoopbackSmtpServer(("RCPT TO:<no@", "550 5.1.1 no such mailbox"));

        var error = engine.Run($"param($port) {Good}, [pscustomobject]@{{ {record} }}, {Good} | {Common} -Subject '{{{{Name}}}}' -MaxConnections 1", server.Port).Error;

        Assert.Equal(code, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.StartsWith(start, error.Exception.Message);
        Assert.StartsWith(start, error.ErrorDetails.Message);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Equal(code == "SmtpRecipientRefused" ? 550 : 0, new PSObject(error.Exception).Properties["SmtpStatusCode"].Value);
        Assert.Equal(2, server.Messages.Count);
    }

    [Fact]
    public void So_does_one_about_the_connection()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);   // nobody listens
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var errors = engine.Run($"param($port) {Good}, {Good} | {Common} -Subject S -MaxConnections 1", ((IPEndPoint)closed.LocalEndPoint!).Port).Errors;

        Assert.Equal(["Row 1 (a@x.test): ", "Row 2 (a@x.test): "], errors.Select(error => error.Exception.Message[..18]));
        Assert.All(errors, error => Assert.Equal("SmtpConnectFailed", error.FullyQualifiedErrorId.Split(',')[0]));
    }

    [Fact]
    public void Rows_of_files_are_counted_as_rows()
    {
        File.WriteAllText(_folder.File("a1.eml"), "From: f@x.test\r\nTo: a@x.test\r\n\r\n");
        File.WriteAllText(_folder.File("a2.eml"), "From: f@x.test\r\nTo: a@x.test\r\n\r\n");
        using var server = new LoopbackSmtpServer();

        var errors = engine.Run("param($port, $folder) 'a*.eml', 'none.eml', 'none*.eml' | ForEach-Object { [pscustomobject]@{ Path = \"$folder/$_\" } } | Send-SmtpMessage -SmtpServer 127.0.0.1 -Port $port", server.Port, _folder.Path).Errors;

        Assert.Equal(2, server.Messages.Count);
        Assert.Equal(["Row 2 (", "Row 3 ("], errors.Select(error => error.Exception.Message[..7]));
    }

    [Fact]
    public void A_message_without_subject_and_text_goes_with_one_warning_that_names_the_columns()
    {
        using var server = new LoopbackSmtpServer();

        var result = engine.Run($"param($port) 'a', 'b' | ForEach-Object {{ [pscustomobject]@{{ To = \"$_@x.test\"; Betreff = 'S'; Nachricht = 'T' }} }} | {Common}", server.Port).AssertNoErrors();

        Assert.Equal(2, server.Messages.Count);
        Assert.StartsWith("Row 1 (a@x.test): The message has neither subject nor text. The record has the columns To, Betreff, Nachricht;", Assert.Single(result.Warnings));
    }

    [Theory]
    [InlineData("[pscustomobject]@{ To = 'a@x.test'; Subject = 'S' } | {0}")]
    [InlineData("[pscustomobject]@{ To = 'a@x.test'; Html = '<p>x' } | {0}")]
    [InlineData("[pscustomobject]@{ To = 'a@x.test'; B = 'x' } | {0} -Body '{{B}}'")]
    [InlineData("[pscustomobject]@{ To = 'a@x.test' } | {0} -Subject S")]
    [InlineData("{0} -To a@x.test")]
    public void Where_there_is_one_or_no_record_there_is_no_warning(string command)
    {
        using var server = new LoopbackSmtpServer();

        Assert.Empty(engine.Run("param($port) " + command.Replace("{0}", Common, StringComparison.Ordinal), server.Port).AssertNoErrors().Warnings);
        Assert.Single(server.Messages);
    }

    [Theory]
    [InlineData("{0} -To nobody -Subject S")]
    [InlineData("[System.IO.FileInfo]$file | {0} -To nobody -Subject S")]
    public void Where_there_are_no_records_there_is_no_row(string command)
    {
        File.WriteAllText(_folder.File("x.txt"), "x");
        using var server = new LoopbackSmtpServer();

        var error = engine.Run($"param($port, $file) {string.Format(CultureInfo.InvariantCulture, command, Common)}", server.Port, _folder.File("x.txt")).Error;

        Assert.Equal("'nobody' is not an e-mail address.", error.Exception.Message);
    }
}
