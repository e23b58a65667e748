using MailOps.Relay.Delivery.Pace;
using MailOps.Relay.Disk;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Delivery.Pace;

public sealed class PaceFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mailops-pace-");
    private readonly RecordingTrace _trace = new();

    private string Path => System.IO.Path.Combine(_folder.FullName, "pace");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_is_written_is_read_again()
    {
        var until = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var site = new SavedSite
        {
            Name = "smtp.example.test:587/ÜSER",
            NextMessage = 5,
            Day = [new DayStep(7, 8)],
            Changes = [new SavedChange(new PaceReplyOptions { Pattern = @"\[x\]", MaxConnections = 2 }, until, "421 <slow> \"down\"")],
            Failures = 3,
            DownUntil = until,
        };
        Assert.True(File().Write(() => [site]));
        Assert.True(File().Write(() => [site, site with { Name = "other" }]));
        var read = File().Read();
        Assert.Equal(["smtp.example.test:587/ÜSER", "other"], read.Select(s => s.Name));
        Assert.Equal((5L, site.Day[0], site.Changes[0], 3, until), (read[0].NextMessage, read[0].Day[0], read[0].Changes[0], read[0].Failures, read[0].DownUntil));
        Assert.Empty(_trace.Faults);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(-3)]
    public void A_damaged_one_is_set_aside_and_told_and_counting_begins_anew(int at)
    {
        Assert.True(File().Write(() => [new SavedSite { Name = "a" }]));
        var bytes = System.IO.File.ReadAllBytes(Path);
        bytes[at < 0 ? bytes.Length + at : at] ^= 1;
        System.IO.File.WriteAllBytes(Path, bytes);

        Assert.Empty(File().Read());
        Assert.Contains("damaged", Assert.Single(_trace.Faults), StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(Path + ".damaged"));
        Assert.True(File().Write(() => []));
    }

    [Fact]
    public void A_disk_that_does_not_take_it_is_told_once_and_the_old_one_stays()
    {
        Assert.True(File().Write(() => [new SavedSite { Name = "a" }]));
        Directory.CreateDirectory(Path + ".new");   // in the way
        var file = File();
        Assert.False(file.Write(() => [new SavedSite { Name = "b" }]));
        Assert.False(file.Write(() => [new SavedSite { Name = "b" }]));
        Assert.Single(_trace.Faults);
        Assert.Equal("a", Assert.Single(File().Read()).Name);
    }

    [Fact]
    public async Task Of_two_that_write_at_once_the_one_that_knows_more_is_read_again()
    {
        var (file, seen) = (File(), 1);
        using var asked = new ManualResetEventSlim();
        using var goesOn = new ManualResetEventSlim();
        var first = Task.Run(() => file.Write(() =>
        {
            var known = new SavedSite { Name = "site", Failures = seen };
            asked.Set();
            goesOn.Wait();
            return [known];
        }));
        asked.Wait(TestContext.Current.CancellationToken);
        seen = 2;
        var second = Task.Run(() => file.Write(() => [new SavedSite { Name = "site", Failures = seen }]));
        await Task.WhenAny(second, Task.Delay(200, TestContext.Current.CancellationToken));   // it waits, or would be over by now
        goesOn.Set();
        Assert.True(await first && await second);
        Assert.Equal(2, Assert.Single(File().Read()).Failures);
    }

    private PaceFile File() => new(new LocalDisk(), _folder.FullName, _trace);
}
