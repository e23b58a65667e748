using System.Globalization;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Clients;

[Collection(ClientTests.Name)]
public sealed class SwaksTests(ClientRelay relay)
{
    [Theory]
    [InlineData(Door.Plain, "")]
    [InlineData(Door.Plain, "--pipeline")]
    [InlineData(Door.PlainWithAuth, "--auth PLAIN")]
    [InlineData(Door.PlainWithAuth, "--auth LOGIN --pipeline")]
    [InlineData(Door.StartTls, "--tls --tls-verify --auth PLAIN")]
    [InlineData(Door.StartTls, "--tls --tls-verify --auth LOGIN --pipeline")]
    [InlineData(Door.Implicit, "--tls-on-connect --tls-verify --auth LOGIN")]
    public async Task Swaks_sends(Door door, string options)
    {
        var mailbox = $"swaks-{door}-{options.Replace(' ', '_')}".TrimEnd('-', '_');
        var (exitCode, output) = await RunAsync(door, mailbox, ClientRelay.Password, options.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(exitCode == 0, output);
        var text = await relay.ReceivedAsync(mailbox, door);
        Assert.Contains("The first line\r\n.a dot at the start\r\n..two of them\r\n", text.ReplaceLineEndings("\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task Swaks_is_refused_with_a_wrong_password(string mechanism)
    {
        var (exitCode, output) = await RunAsync(Door.StartTls, "nobody", "wrong", "--tls", "--auth", mechanism);
        Assert.True(exitCode == 28, output);   // swaks: "error in SMTP transaction: AUTH"
        Assert.Contains("<~* 535 5.7.8", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Swaks_is_told_to_start_TLS_first()
    {
        var (exitCode, output) = await RunAsync(Door.StartTls, "nobody", ClientRelay.Password);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("530 5.7.0", output, StringComparison.Ordinal);   // RFC 3207 section 4
    }

    private Task<(int ExitCode, string Output)> RunAsync(Door door, string mailbox, string password, params string[] options) =>
        ChildProcess.RunAsync(Installed.Program("swaks", "swaks"),
        [
            "--server", "localhost", "--port", relay.Port(door).ToString(CultureInfo.InvariantCulture), "--ehlo", "client.example.test",
            "--from", ClientRelay.User, "--to", $"{mailbox}@example.test", "--header", "Subject: From swaks",
            "--body", "The first line\\n.a dot at the start\\n..two of them\\n", "--tls-ca-path", relay.RootFile,
            .. options,
            // swaks logs in whenever it is given a user.
            .. options.Contains("--auth") ? ["--auth-user", ClientRelay.User, "--auth-password", password] : Array.Empty<string>(),
        ]);
}
