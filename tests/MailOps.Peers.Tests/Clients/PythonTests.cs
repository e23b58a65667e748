using System.Globalization;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Clients;

[Collection(ClientTests.Name)]
public sealed class PythonTests(ClientRelay relay)
{
    private static readonly string AllBytes = Convert.ToBase64String([.. Enumerable.Repeat(Enumerable.Range(0, 256), 16).SelectMany(all => all).Select(value => (byte)value)]);

    [Theory]
    [InlineData(Door.Plain)]
    [InlineData(Door.PlainWithAuth)]
    [InlineData(Door.StartTls)]
    [InlineData(Door.Implicit)]
    public async Task Smtplib_sends_an_attachment(Door door)
    {
        var mailbox = $"smtplib-{door}";
        await RunAsync("smtplib_send.py", Port(door), door.ToString(), relay.RootFile, ClientRelay.User, ClientRelay.Password, $"{mailbox}@example.test");
        var text = await relay.ReceivedAsync(mailbox, door);
        Assert.Contains("The first line\n.a dot\n..two dots\nzażółć\n", text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains(AllBytes, text.ReplaceLineEndings(""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Smtplib_sends_to_an_internationalised_mailbox()
    {
        await RunAsync("smtplib_utf8.py", Port(Door.Plain), "gönderen@example.test", "użytkownik@example.test");
        var text = await relay.ReceivedAsync("użytkownik", "UTF8SMTP");
        Assert.Contains("Subject: größe\r\n\r\nzażółć gęślą\r\n", text.ReplaceLineEndings("\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    [InlineData("XOAUTH2")]
    public async Task Smtplib_logs_in_with_each_mechanism_and_gets_the_report_it_asked_for(string mechanism)
    {
        var secret = mechanism == "XOAUTH2" ? relay.Token() : ClientRelay.Password;
        var (sender, mailbox) = ($"smtplib-from-{mechanism}", $"smtplib-to-{mechanism}");
        await RunAsync("smtplib_auth.py", Port(Door.StartTls), relay.RootFile, ClientRelay.User, secret, mechanism, $"{sender}@example.test", $"{mailbox}@example.test");
        await relay.ReceivedAsync(mailbox, Door.StartTls);
        await relay.ReportedAsync(sender, mailbox, "python+1", $"rfc822;first+{mailbox}@example.test");

        var wrong = mechanism == "XOAUTH2" ? relay.Token("another") : "wrong";
        var said = await RunAsync("smtplib_auth.py", Port(Door.StartTls), relay.RootFile, ClientRelay.User, wrong, mechanism, $"{sender}@example.test", "nobody@example.test");
        Assert.Equal("535", said.Trim());
    }

    private static async Task<string> RunAsync(string script, params string[] arguments)
    {
        var (exitCode, output) = await ChildProcess.RunAsync(
            Installed.Program("python3", "python3"), ["-I", Installed.Script(script), .. arguments], [new("PYTHONIOENCODING", "utf-8"), new("PYTHONUTF8", "1")]);
        Assert.True(exitCode == 0, output);
        return output;
    }

    private string Port(Door door) => relay.Port(door).ToString(CultureInfo.InvariantCulture);
}
