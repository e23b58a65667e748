using System.Text;

namespace MailOps.Relay.Tests.Server;

public sealed class FuzzTests
{
    private static readonly string[] States =
    [
        "", "EHLO x\r\n", "HELO x\r\nMAIL FROM:<a@example.test>\r\n", "EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\n",
        "EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n", "EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nBDAT 5\r\nab\r\nx",
        "EHLO x\r\nMAIL FROM:<a@example.test> BODY=BINARYMIME\r\nRCPT TO:<b@example.test>\r\nBDAT 3\r\n\n\r\0", "EHLO x\r\nMAIL FROM:<a@example.test> ",
        "EHLO x\r\nAUTH LOGIN\r\n", "EHLO x\r\nAUTH PLAIN\r\n", "EHLO x\r\nSTARTTLS\r\n",
    ];

    private static readonly string[] Words =
    [
        "EHLO ", "HELO ", "MAIL FROM:", "RCPT TO:", "<a@example.test>", "<", ">", "\"", "\\", "@", ":", " ", "DATA", "BDAT ", "7", "99999999999", " LAST", "RSET", "NOOP", "QUIT", "AUTH ", "PLAIN ", "LOGIN ",
        "=", "*", "\r\n", "\r\n", "\r\n", "\r", "\n", ".", "\r\n.\r\n", "\0", "SIZE=", "ENVID=+", "NOTIFY=", "ORCPT=;", "\xff\xfe", "\xc3\xa4", "STARTTLS", "Received:", "BODY=BINARYMIME ", "BY=5;", "BY=-1;NT ", "MT-PRIORITY=", "HOLDFOR=9 ", "HOLDUNTIL=", "REQUIRETLS ", "RET=FULL ", "EXPN", "VRFY x", "HELP",
    ];

    [Fact]
    public async Task No_bytes_in_any_state_bring_a_session_out_of_step()
    {
        // The long run of bench/fuzz.sh is this one with more inputs; the seed is told where it fails.
        var inputs = int.Parse(Environment.GetEnvironmentVariable("MAILOPS_FUZZ_INPUTS") ?? "3000", System.Globalization.CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("MAILOPS_FUZZ_SEED") ?? "20261123", System.Globalization.CultureInfo.InvariantCulture);
        var random = new Random(seed);
        await using var server = TestServer.Start(with: o => TestServer.Limits(l => l with { MaxErrors = 8 })(TestServer.Listener(l => l with { AllowPlainTextAuthentication = true })(o)));
        for (var round = 0; round < inputs; round++)
        {
            var state = States[round % States.Length];
            var bytes = Encoding.Latin1.GetBytes(state + (random.Next(3) == 0 ? Noise(random) : Sentence(random)));
            var said = await server.TalkAsync(bytes, random.Next(4) == 0 ? int.MaxValue : random.Next(1, 40));
            Assert.True(said.EndsWith("\r\n", StringComparison.Ordinal), $"Seed {seed}, round {round}: {said}");
            server.Target.Taken.Clear();
            Assert.All(said.TrimEnd('\r', '\n').Split("\r\n"), line => Assert.Matches("^[2345][0-9][0-9][ -][ -~]*$", line));
        }
        Assert.Empty(server.Trace.Faults);
        Assert.Equal(0, server.Server.SessionCount);
        Assert.Empty(Directory.EnumerateFileSystemEntries(server.Folder));
    }

    private static string Sentence(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => Words[random.Next(Words.Length)]));

    private static string Noise(Random random)
    {
        var noise = new byte[random.Next(1, 6000)];
        random.NextBytes(noise);
        return Encoding.Latin1.GetString(noise);
    }
}
