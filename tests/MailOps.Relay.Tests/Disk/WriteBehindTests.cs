using MailOps.Relay.Disk;
using MailOps.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Disk;

public sealed class WriteBehindTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly List<MissingLines?> _missing = [];
    private LinesWritten _next;

    [Fact]
    public async Task A_fault_that_cost_no_line_is_forgotten_when_it_is_over()
    {
        await using var log = Open();
        _next = new LinesWritten(0, false, new IOException("No folder."));
        log.Hand("a");
        await log.FlushAsync();
        Assert.Contains("cannot be written since 2026-11-23 12:00:00Z, and mail goes on without it; lines missing so far: 0. No folder.", log.Warning, StringComparison.Ordinal);
        _next = default;
        log.Hand("b");
        await log.FlushAsync();
        Assert.Null(log.Warning);
    }

    [Fact]
    public async Task What_is_missing_is_said_as_soon_as_the_disk_takes_it_and_not_only_with_the_next_line()
    {
        await using var log = Open();
        _next = new LinesWritten(1, false, new IOException("Full."));
        log.Hand("a");
        await log.FlushAsync();
        _next = new LinesWritten(0, true, null);
        await Poll.UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return log.Warning!.StartsWith("Lines missing in the log since the relay was started: 1, ", StringComparison.Ordinal);
        });
        Assert.Equal([null, new MissingLines(1, new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero), "Full.")], _missing);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await log.FlushAsync();
        Assert.Equal(2, _missing.Count);   // and then it rests
    }

    [Fact]
    public async Task A_line_that_comes_after_the_end_is_not_taken_for_one_that_came_too_fast()
    {
        var log = Open();
        await log.DisposeAsync();
        log.Hand("late");
        Assert.Equal(1, log.Lost);
        Assert.EndsWith("They came when the relay had stopped and the log was closed.", log.Warning, StringComparison.Ordinal);
    }

    private WriteBehind<string> Open()
    {
        var log = new WriteBehind<string>("log", 10, _clock, (_, missing) =>
        {
            _missing.Add(missing);
            return _next;
        });
        log.Begin();
        return log;
    }
}
