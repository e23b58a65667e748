using MailOps.Relay.Tests.Fakes;
using MailOps.Relay.Trace;
using MailOps.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Trace;

public sealed class FaultLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-test-").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly FullDisk _disk = new();

    private string Current => Path.Combine(_folder, "2026-11-23.faults.log");

    private string Older => Path.Combine(_folder, "2026-11-23.older.faults.log");

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task What_is_repeated_is_counted_and_told_every_minute_and_at_the_end()
    {
        var exception = new InvalidOperationException("the same");
        await using (var log = Open())
        {
            for (var i = 0; i < 1000; i++) log.Fault("here", exception);
            log.Fault("there", exception);
            Flush(log);
            Assert.Equal(2, Lines().Count);
            _clock.Advance(TimeSpan.FromMinutes(1));
            Flush(log);
            Assert.Equal("2026-11-23T12:00:00.0000000+00:00 here: System.InvalidOperationException, the same as at 2026-11-23T12:00:00.0000000+00:00, repeated: 999", Lines()[^1]);
            Assert.Equal(3, Lines().Count);
            _clock.Advance(TimeSpan.FromMinutes(1));
            for (var i = 0; i < 5; i++) log.Fault("there", exception);
        }
        Assert.EndsWith("there: System.InvalidOperationException, the same as at 2026-11-23T12:00:00.0000000+00:00, repeated: 5", Lines()[^1], StringComparison.Ordinal);
        Assert.Equal(4, Lines().Count);
    }

    [Fact]
    public async Task What_is_repeated_for_long_is_written_in_full_each_hour()
    {
        await using (var log = Open())
        {
            for (var minute = 0; minute < 90; minute++)
            {
                log.Fault("here", new InvalidOperationException("the same"));
                Flush(log);
                _clock.Advance(TimeSpan.FromMinutes(1));
                Flush(log);
            }
        }
        Assert.Equal(2, Lines().Count(line => line.Contains("the same", StringComparison.Ordinal) && !line.Contains("repeated", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_file_that_is_full_makes_way_and_one_older_is_kept()
    {
        await using (var log = Open())
        {
            for (var i = 0; i < 600; i++)
            {
                log.Fault($"place {i}", new InvalidOperationException(new string('x', 60_000)));
                Flush(log);
            }
        }
        Assert.Equal([Current, Older], Directory.GetFiles(_folder, "*.faults.log").Order(StringComparer.Ordinal));
        Assert.InRange(new FileInfo(Current).Length, 1, 11 << 20);
        Assert.InRange(new FileInfo(Older).Length, 10 << 20, 11 << 20);
        Assert.Contains("place 599:", Lines()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_that_cannot_say_what_it_is_costs_nothing_beside_it()
    {
        await using (var log = Open())
        {
            log.Fault("before", new InvalidOperationException("one"));
            log.Fault("here", new Unspeakable());
            log.Record(new SmtpRelayTrackingEvent { Timestamp = _clock.GetUtcNow(), EventId = "RECEIVE", Source = "SMTP" });
            Assert.Single(log.Read(_clock.GetUtcNow(), _clock.GetUtcNow()));
            log.Fault("after", new InvalidOperationException("two"));
            Flush(log);
            Assert.Null(log.Warning);
        }
        Assert.Contains("here: " + typeof(Unspeakable), Lines()[1], StringComparison.Ordinal);
        Assert.Contains("after: ", Lines()[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_disk_does_not_take_is_written_as_soon_as_it_does()
    {
        var exception = new InvalidOperationException("the same");
        await using var log = Open();
        _disk.Room = 0;
        for (var i = 0; i < 3; i++) log.Fault("here", exception);
        Flush(log);
        _disk.Room = long.MaxValue;
        await Poll.UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));   // again and again: the log may not have begun to wait yet
            return File.Exists(Current) && Lines().Count > 0;
        });
        Assert.Contains("here: System.InvalidOperationException: the same", Lines()[0], StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Flush(log);
        Assert.EndsWith("repeated: 2", Lines()[1], StringComparison.Ordinal);
        Assert.Null(log.Warning);   // none is missing
    }

    [Fact]
    public async Task What_is_more_than_memory_has_room_for_is_counted()
    {
        await using var log = Open();
        _disk.Room = 0;
        for (var i = 0; i < 30; i++) log.Fault($"place {i}", new InvalidOperationException(new string('x', 60_000)));
        Flush(log);
        _disk.Room = long.MaxValue;
        log.Fault("after", new InvalidOperationException("x"));
        Flush(log);
        Assert.Equal(["place 0", "place 1", "place 2", "place 3", "after"], Lines().Select(line => line.Split(' ', 2)[1].Split(':')[0]));
        Assert.StartsWith("26 lines since ", log.Read(_clock.GetUtcNow(), _clock.GetUtcNow()).Single(step => step.EventId == "LOST").SourceContext, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_make_way_grows_no_more_and_each_fault_is_counted()
    {
        await using var log = Open();
        _disk.Replaces = false;
        for (var i = 0; i < 300; i++)
        {
            log.Fault($"place {i}", new InvalidOperationException(new string('x', 60_000)));
            Flush(log);
        }
        Assert.InRange(new FileInfo(Current).Length, 10 << 20, 11 << 20);
        Assert.Contains($"lines missing so far: {300 - Lines().Count - 4}. Not by this user.", log.Warning, StringComparison.Ordinal);
        _disk.Replaces = true;
        log.Fault("after", new InvalidOperationException("x"));
        Flush(log);
        Assert.Contains("after: ", Lines()[4], StringComparison.Ordinal);   // behind the four that waited
    }

    [Fact]
    public void Repeats_whose_line_the_disk_does_not_take_are_counted_once()
    {
        var log = new FaultLog(_disk, _folder);
        var now = _clock.GetUtcNow();
        var fault = new Fault(now, new string('w', 600_000), new InvalidOperationException());   // so long that its line is written by itself
        Assert.Equal(0, log.Write(now.UtcDateTime.Date, [fault], false, now).Lost);
        _disk.Room = 0;
        Assert.Equal(3, log.Write(now.UtcDateTime.Date, [fault, fault, fault], true, now).Lost);
    }

    private TrackingLog Open() => new(_folder, _clock, _disk);

    private static void Flush(TrackingLog log) => Assert.Empty(log.Read(DateTimeOffset.MaxValue, DateTimeOffset.MaxValue));

    private List<string> Lines() => [.. File.ReadAllLines(Current).Where(line => line.StartsWith("2026-", StringComparison.Ordinal))];

    private sealed class Unspeakable : Exception
    {
        public override string ToString() => throw new NotSupportedException("It cannot be said.");
    }
}
