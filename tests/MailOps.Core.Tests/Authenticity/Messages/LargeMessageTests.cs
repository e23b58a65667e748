using System.Text;
using MailOps.Authenticity;
using MailOps.Core.Tests.Dns;

namespace MailOps.Core.Tests.Authenticity.Messages;

/// <summary>What takes much memory if it is not done with care.</summary>
[Collection(nameof(Alone))]
public sealed class LargeMessageTests
{
    [Fact]
    public async Task A_large_body_is_not_held_in_memory()
    {
        var (zone, key) = (new ZoneInspector(), TestSigner.Rsa());
        key.Publish(zone.Add);
        const int Size = 64 * 1024 * 1024;
        var path = Path.Combine(Path.GetTempPath(), $"mailops-{Guid.NewGuid():N}.eml");
        try
        {
            await using (var file = File.Create(path))
            {
                var head = Encoding.ASCII.GetBytes(key.Sign("From: a@example.test\r\nTo: b@there.test\r\n\r\n"));
                await file.WriteAsync(head, TestContext.Current.CancellationToken);
                var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("A line of text that goes on and on.\r\n", 1_000)));
                for (var written = 0; written < Size; written += block.Length) await file.WriteAsync(block, TestContext.Current.CancellationToken);
            }
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var found = await new MessageAuthenticator(zone, new AuthenticityOptions { At = DateTimeOffset.UnixEpoch }).CheckFileAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(DkimResult.Fail, found!.Dkim[0].Result);
            Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 16 * 1024 * 1024);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
