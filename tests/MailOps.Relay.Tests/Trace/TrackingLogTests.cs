using MailOps.Relay.Tests.Fakes;
using MailOps.Relay.Trace;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Trace;

public sealed class TrackingLogTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-test-").FullName;
    private readonly FakeTimeProvider _clock = new(Noon);

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task What_is_recorded_is_read_back_at_once_and_whole()
    {
        await using var log = new TrackingLog(_folder, _clock);
        var step = new SmtpRelayTrackingEvent
        {
            Timestamp = Noon,
            EventId = "SEND",
            Source = "SMTP",
            InternalMessageId = "06ABC",
            Sender = "ada@example.test",
            Recipients = ["ıx@example.test", "y@example.test"],
            RecipientStatus = ["250 2.0.0 Ok\nqueued", "550 5.1.1 \"no\""],
            ServerHostname = "mx.example.test [192.0.2.1]:25",
            TotalBytes = 1234,
            MessageLatency = TimeSpan.FromMilliseconds(1500),
        };
        log.Record(step);
        var read = Assert.Single(log.Read(Noon.AddHours(-1), Noon.AddHours(1)));
        Assert.Equivalent(step, read, strict: true);
    }

    [Fact]
    public async Task Steps_outlive_the_process_and_a_line_cut_short_costs_only_itself()
    {
        await using (var log = new TrackingLog(_folder, _clock)) log.Record(Step(Noon, "A"));
        await File.AppendAllTextAsync(Directory.GetFiles(_folder, "*.jsonl").Single(), "{\"Timestamp\":\"2026-11-", TestContext.Current.CancellationToken);
        await using var again = new TrackingLog(_folder, _clock);
        again.Record(Step(Noon, "B"));
        Assert.Equal(["A", "B"], again.Read(Noon, Noon).Select(s => s.InternalMessageId));
    }

    [Fact]
    public async Task Each_day_has_its_file_and_the_oldest_go_after_thirty_days()
    {
        await using var log = new TrackingLog(_folder, _clock);
        for (var day = 0; day <= 32; day++)
        {
            log.Record(Step(_clock.GetUtcNow(), $"day {day}"));
            Assert.NotEmpty(log.Read(_clock.GetUtcNow(), _clock.GetUtcNow()));   // written before the clock moves on
            _clock.Advance(TimeSpan.FromDays(1));
        }
        Assert.Equal(31, Directory.GetFiles(_folder, "*.jsonl").Length);
        Assert.Equal("day 2", log.Read(Noon, Noon.AddDays(40)).First().InternalMessageId);
        Assert.Equal(["day 5"], log.Read(Noon.AddDays(5), Noon.AddDays(5)).Select(s => s.InternalMessageId));
    }

    [Fact]
    public async Task A_fault_is_written_with_everything_known()
    {
        await using (var log = new TrackingLog(_folder, _clock)) log.Fault("session 127.0.0.1:4711, DATA", new InvalidOperationException("outer", new IOException("inner")));
        var text = await File.ReadAllTextAsync(Directory.GetFiles(_folder, "*.faults.log").Single(), TestContext.Current.CancellationToken);
        Assert.Contains("session 127.0.0.1:4711, DATA", text, StringComparison.Ordinal);
        Assert.Contains("inner", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accepted_messages_are_counted()
    {
        await using var log = new TrackingLog(_folder, _clock);
        log.Record(Step(Noon, "A", "RECEIVE"));
        log.Record(Step(Noon, "A", "DELIVER"));
        log.Record(Step(Noon, "B", "RECEIVE"));
        Assert.Equal(2, log.Received);
    }

    [Fact]
    public async Task A_disk_that_refuses_holds_up_nobody_and_what_is_missing_is_said()
    {
        await using var log = new TrackingLog(_folder, _clock);
        var blocked = Path.Combine(_folder, "2026-11-23.jsonl");
        Directory.CreateDirectory(blocked);   // the file cannot be opened, whoever asks: a folder has its name
        log.Record(Step(Noon, "lost"));
        Assert.Empty(log.Read(Noon, Noon.AddDays(-1)));
        Directory.Delete(blocked);
        log.Record(Step(Noon, "kept"));
        Assert.Equal(["LOST ", "DELIVER kept"], log.Read(Noon, Noon).Select(s => $"{s.EventId} {s.InternalMessageId}"));
    }

    [Fact]
    public async Task What_a_full_disk_does_not_take_is_counted_and_shown_and_a_torn_line_costs_no_other()
    {
        var disk = new FullDisk();
        await using var log = new TrackingLog(_folder, _clock, disk);
        log.Record(Step(Noon, "A"));
        Assert.Single(log.Read(Noon, Noon));
        Assert.Null(log.Warning);
        disk.Room = 150;   // for one step and a part of the next
        for (var i = 0; i < 3; i++) log.Record(Step(Noon, $"B{i}"));
        Assert.Equal(["A", "B0"], log.Read(Noon, Noon).Select(s => s.InternalMessageId));
        log.Record(Step(Noon, "C"));
        Assert.Equal(2, log.Read(Noon, Noon).Count());
        Assert.Matches("tracking log in '.*' cannot be written since 2026-11-23 12:00:00Z, and mail goes on without it; lines missing so far: 3. No space", log.Warning);

        disk.Room = long.MaxValue;
        _clock.Advance(TimeSpan.FromSeconds(5));
        log.Record(Step(Noon.AddSeconds(5), "D"));
        var read = log.Read(Noon, Noon.AddMinutes(1)).ToList();
        Assert.Equal(["A", "B0", null, "D"], read.Select(s => s.InternalMessageId));
        Assert.Equal("LOST TRACKING 3 lines since 2026-11-23T12:00:00.0000000+00:00 could not be written and are missing: No space left on device", $"{read[2].EventId} {read[2].Source} {read[2].SourceContext}");
        Assert.Contains("since the relay was started: 3, the last from 2026-11-23 12:00:00Z on", log.Warning, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(Path.Combine(_folder, "2026-11-23.jsonl"), TestContext.Current.CancellationToken);
        Assert.Equal(5, lines.Length);
        Assert.Single(lines, line => !line.EndsWith('}'));
    }

    [Fact]
    public async Task What_is_missing_is_said_at_the_end_where_nothing_comes_after_it()
    {
        var disk = new FullDisk { Room = 0 };
        await using (var log = new TrackingLog(_folder, _clock, disk))
        {
            log.Record(Step(Noon, "lost"));
            Assert.Empty(log.Read(Noon, Noon));
            disk.Room = long.MaxValue;
        }
        await using var again = new TrackingLog(_folder, _clock);
        Assert.StartsWith("1 lines since", Assert.Single(again.Read(Noon, Noon)).SourceContext, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_deleted_keeps_nothing_new_from_being_written()
    {
        await using var log = new TrackingLog(_folder, _clock, new FullDisk { Deletes = false });
        await File.WriteAllTextAsync(Path.Combine(_folder, "2026-01-01.jsonl"), "old", TestContext.Current.CancellationToken);
        log.Record(Step(Noon, "A"));
        Assert.Single(log.Read(Noon, Noon));
        Assert.Null(log.Warning);
    }

    [Fact]
    public async Task Steps_are_read_in_the_order_of_their_times_and_else_as_written()
    {
        var midnight = Noon.AddHours(12);
        await using var log = new TrackingLog(_folder, _clock);
        _clock.SetUtcNow(midnight.AddSeconds(-1));
        log.Record(Step(midnight.AddMilliseconds(-900), "A", "DELIVER"));
        log.Record(Step(midnight.AddMilliseconds(-950), "A", "RECEIVE"));
        log.Record(Step(midnight.AddMilliseconds(-900), "B", "DELIVER"));
        Assert.Equal(3, log.Read(Noon, midnight).Count());   // written before the clock moves on
        _clock.SetUtcNow(midnight);
        log.Record(Step(midnight.AddMilliseconds(-920), "B", "RECEIVE"));
        Assert.Equal(["A RECEIVE", "B RECEIVE", "A DELIVER", "B DELIVER"], log.Read(Noon, midnight.AddMilliseconds(-1)).Select(s => $"{s.InternalMessageId} {s.EventId}"));
    }

    [Fact]
    public async Task A_log_without_a_step_makes_no_folder_and_is_empty()
    {
        var folder = Path.Combine(_folder, "queue", "tracking");
        await using (var log = new TrackingLog(folder, _clock)) Assert.Equal(0, log.Received);
        Assert.False(Directory.Exists(Path.Combine(_folder, "queue")));
    }

    [Fact]
    public async Task Only_the_user_of_the_relay_can_read_who_wrote_to_whom()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows inherits the permissions of the folder above.");
            return;
        }
        var folder = Path.Combine(_folder, "queue", "tracking");
        await using (var log = new TrackingLog(folder, _clock))
        {
            log.Record(Step(Noon, "A"));
            log.Fault("here", new InvalidOperationException("message"));
        }
        const UnixFileMode file = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(file | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        Assert.Equal(file | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_folder, "queue")));
        Assert.Equal([file, file], Directory.GetFiles(folder).Select(File.GetUnixFileMode));
    }

    private static SmtpRelayTrackingEvent Step(DateTimeOffset at, string id, string what = "DELIVER") => new() { Timestamp = at, EventId = what, Source = "SMTP", InternalMessageId = id };
}
