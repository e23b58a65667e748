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

    private static async Task RunAsync(string script, params string[] arguments)
    {
        var (exitCode, output) = await ChildProcess.RunAsync(
            Installed.Program("python3", "python3"), ["-I", Installed.Script(script), .. arguments], [new("PYTHONIOENCODING", "utf-8"), new("PYTHONUTF8", "1")]);
        Assert.True(exitCode == 0, output);
    }

    private string Port(Door door) => relay.Port(door).ToString(CultureInfo.InvariantCulture);
}
