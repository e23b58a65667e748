using System.Globalization;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Clients;

[Collection(ClientTests.Name)]
public sealed class SmtpSourceTests(ClientRelay relay)
{
    [Theory]
    [InlineData("connection-each", 200, 20, 1024, "")]
    [InlineData("connection-kept", 200, 10, 4096, "-d")]
    [InlineData("large", 3, 3, 8_000_000, "")]
    public async Task Smtp_source_sends_many(string mailbox, int messages, int sessions, int length, string options)
    {
        var (exitCode, output) = await ChildProcess.RunAsync(Installed.Program("smtp-source", "postfix"),
        [
            "-s", Number(sessions), "-m", Number(messages), "-l", Number(length), "-f", ClientRelay.User, "-t", $"{mailbox}@example.test",
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), $"127.0.0.1:{Number(relay.Port(Door.Plain))}",
        ]);
        Assert.True(exitCode == 0, output);
        var received = await relay.ReceivedAsync(mailbox, messages);
        // Each carries the trace header of its own: none was merged with another, none came twice.
        Assert.Equal(messages, received.Count);
        Assert.Equal(messages, received.Distinct(StringComparer.Ordinal).Count());
        Assert.All(received, text => Assert.InRange(text.Length, length * 0.9, length * 1.2 + 1000));
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
