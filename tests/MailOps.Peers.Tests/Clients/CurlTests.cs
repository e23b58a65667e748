using System.Globalization;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Clients;

[Collection(ClientTests.Name)]
public sealed class CurlTests(ClientRelay relay)
{
    private const string Message = "From: <mila@example.test>\r\nSubject: From curl\r\n\r\n.leading dot\r\n..and two\r\n.\r\nafter a dot alone\r\n";

    [Theory]
    [InlineData(Door.Plain, "smtp", "")]
    [InlineData(Door.PlainWithAuth, "smtp", "--login-options AUTH=PLAIN")]
    [InlineData(Door.StartTls, "smtp", "--ssl-reqd --login-options AUTH=PLAIN")]
    [InlineData(Door.StartTls, "smtp", "--ssl-reqd --login-options AUTH=LOGIN")]
    [InlineData(Door.Implicit, "smtps", "--login-options AUTH=PLAIN")]
    public async Task Curl_sends(Door door, string scheme, string options)
    {
        var mailbox = $"curl-{door}-{options.Length}";
        List<string> arguments =
        [
            "--silent", "--show-error", "--url", string.Create(CultureInfo.InvariantCulture, $"{scheme}://localhost:{relay.Port(door)}/client.example.test"),
            "--cacert", relay.RootFile, "--mail-from", ClientRelay.User, "--mail-rcpt", $"{mailbox}@example.test",
            "--upload-file", relay.Write($"{mailbox}.eml", Message), .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ];
        if (door != Door.Plain) arguments.AddRange(["--user", $"{ClientRelay.User}:{ClientRelay.Password}"]);
        var (exitCode, output) = await ChildProcess.RunAsync(Installed.Program("curl", "curl"), arguments);
        Assert.True(exitCode == 0, output);
        var text = await relay.ReceivedAsync(mailbox, door);
        Assert.EndsWith(Message, text.ReplaceLineEndings("\r\n"), StringComparison.Ordinal);
    }
}
