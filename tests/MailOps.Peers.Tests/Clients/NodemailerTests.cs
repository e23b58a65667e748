using System.Globalization;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Clients;

[Collection(ClientTests.Name)]
public sealed class NodemailerTests(ClientRelay relay)
{
    [Theory]
    [InlineData(Door.Plain, "PLAIN")]
    [InlineData(Door.PlainWithAuth, "LOGIN")]
    [InlineData(Door.StartTls, "PLAIN")]
    [InlineData(Door.StartTls, "LOGIN")]
    [InlineData(Door.Implicit, "LOGIN")]
    public async Task Nodemailer_sends_attachments_over_pooled_connections(Door door, string mechanism)
    {
        var mailbox = $"nodemailer-{door}-{mechanism}";
        var (exitCode, output) = await ChildProcess.RunAsync(
            Installed.Program("node", "nodejs"),
            [
                Installed.Script("nodemailer_send.js"), relay.Port(door).ToString(CultureInfo.InvariantCulture), door.ToString(), relay.RootFile,
                ClientRelay.User, ClientRelay.Password, $"{mailbox}@example.test", mechanism,
            ],
            [new("NODE_PATH", Installed.NodeModules("nodemailer"))]);
        Assert.True(exitCode == 0, output);
        var messages = await relay.ReceivedAsync(mailbox, 5);
        foreach (var number in Enumerable.Range(0, 5))
            Assert.Single(messages, text => text.Contains($"Subject: From nodemailer {number}\n", StringComparison.Ordinal));
        Assert.All(messages, text => Assert.Contains($"with {ClientRelay.Protocol(door)} ", text, StringComparison.Ordinal));
        Assert.All(messages, text => Assert.Contains("filename=all.bin", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nodemailer_sends_with_a_token_to_an_internationalised_mailbox_and_gets_the_report_it_asked_for()
    {
        Assert.Equal("", await SendAsync(relay.Token(), "węzeł"));
        var text = await relay.ReceivedAsync("węzeł", "UTF8SMTPSA");
        Assert.Contains("Subject: größe\r\n\r\nzażółć gęślą\r\n", text, StringComparison.Ordinal);
        await relay.ReportedAsync("nadawca-węzła", "węzeł", "node+1", "rfc822;first@example.test");
        Assert.Equal("535", await SendAsync(relay.Token("another"), "nobody"));
    }

    private async Task<string> SendAsync(string token, string mailbox)
    {
        var (exitCode, output) = await ChildProcess.RunAsync(
            Installed.Program("node", "nodejs"),
            [
                Installed.Script("nodemailer_utf8.js"), relay.Port(Door.StartTls).ToString(CultureInfo.InvariantCulture), relay.RootFile,
                ClientRelay.User, token, "nadawca-węzła@example.test", $"{mailbox}@example.test",
            ],
            [new("NODE_PATH", Installed.NodeModules("nodemailer"))]);
        Assert.True(exitCode == 0, output);
        return output.Trim();
    }
}
