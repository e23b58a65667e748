using MailOps.Tests.Shared;
using static MailOps.Core.Tests.Diagnosis.HostileServerTests;

namespace MailOps.Core.Tests.Diagnosis;

/// <summary>Servers that say something without end.</summary>
[Collection(nameof(Alone))]
public sealed class ServerMemoryTests
{
    [Theory]
    [InlineData("220-endless\r\n", "ProtocolBroken")]
    [InlineData("220-again and again ", "ProtocolBroken")]
    [InlineData("\0\x01\x02", "NotSmtp")]
    [InlineData("blah blah\r\n", "NotSmtp")]
    public async Task Endless_floods_end(string flood, string id)
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            while (true) await RawServer.SayAsync(stream, string.Concat(Enumerable.Repeat(flood, 100)), stop);
        });
        var before = GC.GetTotalAllocatedBytes();
        var test = await TimedAsync(server.Port);
        Assert.Contains(test.Findings, finding => finding.Id == id || finding.Id == "NotSmtp");
        Assert.True(GC.GetTotalAllocatedBytes() - before < 200_000_000);
        Assert.All(test.Steps, step => Assert.True(step.Seen.Length < 3000));
    }
}
