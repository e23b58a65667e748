using MailOps.Relay.Server.Transcripts;
using MailOps.Relay.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Transcripts;

/// <summary>The files of the protocol log, and a disk that does not take them.</summary>
public sealed class ProtocolFilesTests : IDisposable
{
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("mailops-protocol-");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly RecordingTrace _trace = new();

    private string Folder => Path.Combine(_temporary.FullName, "protocol");

    public void Dispose() => _temporary.Delete(recursive: true);

    [Fact]
    public async Task Every_day_has_a_file_of_its_own_and_what_is_too_old_goes()
    {
        await using var log = Open(new ProtocolLogOptions { MaxAge = TimeSpan.FromDays(2) });
        for (var day = 1; day <= 5; day++)
        {
            log.Write("a line");
            await log.FlushAsync();
            _clock.Advance(TimeSpan.FromDays(1));
        }
        Assert.Equal(["2026-03-03-001.log", "2026-03-04-001.log", "2026-03-05-001.log"], Files());
        Assert.EndsWith("remote-endpoint,event,data\r\na line\r\n", await File.ReadAllTextAsync(Path.Combine(Folder, "2026-03-05-001.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal((5, 0), (log.Written, log.Dropped));
    }

    [Fact]
    public async Task A_file_that_is_full_is_followed_by_another_and_all_together_stay_below_their_limit()
    {
        await using var log = Open(new ProtocolLogOptions { MaxDirectorySize = 30 << 20 });
        var line = new string('x', 1 << 20);
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Folder).FullName, "2026-03-01-x.log"), "not ours", TestContext.Current.CancellationToken);
        for (var i = 0; i < 60; i++)
        {
            log.Write(line);
            await log.FlushAsync();
            Assert.InRange(Directory.GetFiles(Folder).Sum(file => new FileInfo(file).Length), 1, 31 << 20);
        }
        Assert.Equal(["2026-03-01-005.log", "2026-03-01-006.log", "2026-03-01-x.log"], Files());
    }

    [Fact]
    public async Task A_start_begins_another_file_since_the_last_line_of_a_crash_may_be_cut()
    {
        for (var i = 0; i < 2; i++)
        {
            await using var log = Open(new ProtocolLogOptions());
            log.Write("a line");
        }
        Assert.Equal(["2026-03-01-001.log", "2026-03-01-002.log"], Files());
    }

    [Fact]
    public async Task Only_the_relays_user_can_read_it()
    {
        await using (var log = Open(new ProtocolLogOptions())) log.Write("a line");
        if (OperatingSystem.IsWindows()) return;   // it has no such modes
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Folder, Files()[0])));
    }

    [Fact]
    public async Task What_the_disk_does_not_take_is_counted_and_told_once_and_in_the_log_when_it_can_be_written_again()
    {
        await File.WriteAllTextAsync(Folder, "in the way", TestContext.Current.CancellationToken);
        await using var log = Open(new ProtocolLogOptions());
        for (var i = 0; i < 3; i++)
        {
            log.Write("lost");
            await log.FlushAsync();
        }
        Assert.Contains("sessions go on", Assert.Single(_trace.Faults), StringComparison.Ordinal);
        Assert.Equal((0, 3), (log.Written, log.Dropped));
        File.Delete(Folder);
        log.Write("kept");
        await log.FlushAsync();
        var lines = await File.ReadAllLinesAsync(Path.Combine(Folder, Files()[0]), TestContext.Current.CancellationToken);
        Assert.Equal(["2026-03-01T12:00:00.000Z,,,,,,*,3 lines could not be written and are missing", "kept"], lines[^2..]);
    }

    [Fact]
    public async Task A_line_that_a_full_disk_cut_is_ended_and_a_file_without_its_header_is_not_kept()
    {
        var disk = new FullDisk { Room = 20 };   // not even for the header
        await using var log = new ProtocolLog(Folder, new ProtocolLogOptions(), _trace, _clock, disk);
        log.Enable(null, null, null);
        log.Write("one");
        await log.FlushAsync();
        Assert.Empty(Files());
        Assert.Contains("cannot be written since 2026-03-01 12:00:00Z", log.Warning, StringComparison.Ordinal);
        disk.Room = long.MaxValue;
        log.Write("two");
        await log.FlushAsync();
        disk.Room = 10;
        log.Write("three");
        log.Write("cut in the middle");
        log.Write("never begun");
        await log.FlushAsync();
        disk.Room = long.MaxValue;
        log.Write("four");
        await log.FlushAsync();
        Assert.Equal((3, 3), (log.Written, log.Dropped));
        Assert.Contains("since the relay was started: 3", log.Warning, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(Path.Combine(Folder, Assert.Single(Files())), TestContext.Current.CancellationToken);
        Assert.Equal(["1 lines could not be written and are missing", "two", "three", "cut", "2 lines could not be written and are missing", "four"], lines[5..].Select(line => line.Split(",*,")[^1]));
    }

    [Fact]
    public async Task What_comes_faster_than_the_disk_takes_it_is_dropped_and_counted()
    {
        await using var log = new ProtocolLog(Folder, new ProtocolLogOptions(), _trace, _clock);   // nobody has asked for it: nothing is written yet
        for (var i = 0; i < ProtocolLog.MaxWaiting + 5; i++) log.Write("a line");
        Assert.Equal(5, log.Dropped);
        log.Enable(null, null, null);
        await log.FlushAsync();
        var lines = await File.ReadAllLinesAsync(Path.Combine(Folder, Files()[0]), TestContext.Current.CancellationToken);
        Assert.Single(lines, line => line.EndsWith(",5 lines could not be written and are missing", StringComparison.Ordinal));
        Assert.Equal(ProtocolLog.MaxWaiting, lines.Count(line => line == "a line"));
    }

    private ProtocolLog Open(ProtocolLogOptions options)
    {
        var log = new ProtocolLog(Folder, options, _trace, _clock);
        log.Enable(null, null, null);
        return log;
    }

    private List<string> Files() => [.. Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
