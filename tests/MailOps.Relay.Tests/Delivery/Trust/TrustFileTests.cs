using MailOps.Relay.Delivery.Trust;
using MailOps.Relay.Disk;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Delivery.Trust;

public sealed class TrustFileTests
{
    [Fact]
    public void What_is_larger_than_can_be_read_is_not_written_and_what_was_there_stays()
    {
        var folder = Directory.CreateTempSubdirectory("mailops-trust-");
        try
        {
            var trace = new RecordingTrace();
            var file = new TrustFile<string>(new LocalDisk(), folder.FullName, "x.json", trace);
            Assert.True(file.Write("good"));
            file.Write(new string('x', 64 << 20));
            Assert.Equal("good", file.Read(_ => { }));
            Assert.Contains("more than 64 MiB", Assert.Single(trace.Faults), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
