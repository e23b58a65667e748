using System.Diagnostics;
using MailOps.Tests.Shared;
using static MailOps.Core.Tests.Mailboxes.HostileMailboxTests;

namespace MailOps.Core.Tests.Mailboxes;

/// <summary>Servers that want the client's memory.</summary>
[Collection(nameof(Alone))]
public sealed class MailboxMemoryTests
{
    [Theory]
    [InlineData("* SEARCH 1 2 3\r\n% OK\r\n", "* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 10 INTERNALDATE \"01-Jan-2026 10:00:00 +0000\" BODY[HEADER] {2147483647}\r\n")]
    [InlineData("* SEARCH 1 2 3\r\n% OK\r\n", "* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 10 ENVELOPE ({2000000000}\r\n")]
    [InlineData("* SEARCH 1 2 3\r\n% OK\r\n", "* 1 FETCH (UID 1 X {2000000000}\r\n")]
    [InlineData("* SEARCH 1 2 3\r\n% OK\r\n", "* 1 FETCH (UID 1 FLAGS (")]
    [InlineData("* SEARCH ", null)]
    [InlineData("* ", null)]
    public async Task Answers_and_literals_without_end_take_little_memory_and_are_left(string search, string? fetch)
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.SayAsync(stream, "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n", stop);
            while (await RawServer.LineAsync(stream, stop) is { } line)
            {
                var said = Imap(line) ?? (line.Contains("SEARCH", StringComparison.Ordinal) ? search : fetch);
                await RawServer.SayAsync(stream, said!.Replace("%", line.Split(' ')[0], StringComparison.Ordinal), stop);
                if (!said.Contains("%", StringComparison.Ordinal)) await PourAsync(stream, stop);
            }
        });
        var before = GC.GetTotalAllocatedBytes();

        await FailsAsync(ErrorCode.MailboxProtocolError, server.Port, o => o with { Tls = TlsMode.None, Timeout = TimeSpan.FromSeconds(20) });

        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1_500_000_000);   // much of which the pouring server itself makes
        Assert.InRange(Process.GetCurrentProcess().WorkingSet64, 0, 700_000_000);
    }
}
