using System.Diagnostics;
using MailOps.Relay.Disk;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>The disk says no, and the process lives on.</summary>
public sealed class DiskFaultTests : IDisposable
{
    private const int NoSpace = 28;
    private const int InputOutputError = 5;

    private readonly QueueScene _scene = new();
    private readonly PowerCutDisk _disk = new();

    public DiskFaultTests() => _scene.Disk = _disk;

    public void Dispose()
    {
        _scene.Dispose();
        _disk.Dispose();
    }

    [Theory]
    [InlineData(nameof(DiskAction.Write), NoSpace, "452 4.3.1")]
    [InlineData(nameof(DiskAction.Flush), NoSpace, "452 4.3.1")]
    [InlineData(nameof(DiskAction.Write), InputOutputError, "451 4.3.0")]
    [InlineData(nameof(DiskAction.Flush), InputOutputError, "451 4.3.0")]
    public async Task A_write_that_fails_is_a_temporary_refusal_and_what_was_accepted_stays(string action, int error, string reply)
    {
        var ids = new List<string>();
        await using (var queue = await _scene.OpenAsync())
        {
            ids.Add(await SendAsync(queue, "before"));
            Fail(Enum.Parse<DiskAction>(action), error, times: 1);
            Assert.StartsWith(reply, (await CommitAsync(queue, "refused")).Reply.ToString(), StringComparison.Ordinal);
            Assert.Equal(1, queue.Count);
            ids.Add(await SendAsync(queue, "after"));
            Assert.Equal(2, _scene.Segments().Count);   // never again the file whose flush failed
            Assert.Single(_scene.Faults.All);
        }
        Assert.Equal(ids, (await _scene.ContentsAsync()).Keys);
        Assert.Single(_scene.Faults.All);   // it was cut cleanly: nothing to report at start
    }

    [Fact]
    public async Task A_segment_that_cannot_be_made_is_a_temporary_refusal()
    {
        await using var queue = await _scene.OpenAsync();
        foreach (var action in (DiskAction[])[DiskAction.Create, DiskAction.Write, DiskAction.Flush, DiskAction.FlushFolder])
        {
            Fail(action, NoSpace, times: 1);
            Assert.Equal(452, (await CommitAsync(queue, "refused")).Reply.Code);
            Assert.Empty(_scene.Segments());
        }
        await SendAsync(queue, "text");
        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public async Task What_was_refused_but_could_not_be_cut_is_taken_back_as_soon_as_the_disk_writes_again()
    {
        await using (var queue = await _scene.OpenAsync())
        {
            await SendAsync(queue, "before");
            _disk.Before = (action, _) =>
            {
                if (action is DiskAction.Flush or DiskAction.Truncate) throw new IOException("broken", InputOutputError);
            };
            Assert.Equal(451, (await CommitAsync(queue, "refused")).Reply.Code);
            _disk.Before = null;
            _scene.Clock.Advance(TimeSpan.FromSeconds(1));
            await UntilAsync(() => _scene.Segments().Count == 2);
        }
        Assert.Equal(["before"], (await _scene.ContentsAsync()).Values);
    }

    [Fact]
    public async Task Content_of_what_was_refused_but_could_not_be_cut_stays_until_that_is_taken_back()
    {
        _scene.Settings = _scene.Settings with { LargeContent = 1000 };
        var large = new string('x', 1001);
        await using (var queue = await _scene.OpenAsync())
        {
            await SendAsync(queue, "before");
            _disk.Before = (action, path) =>
            {
                if (action is DiskAction.Flush or DiskAction.Truncate && path.EndsWith(".log", StringComparison.Ordinal)) throw new IOException("broken", InputOutputError);
            };
            Assert.Equal(451, (await CommitAsync(queue, large)).Reply.Code);
            Assert.Single(Contents());   // the process may end here, and the next start find the record
            _disk.Before = null;
            _scene.Clock.Advance(TimeSpan.FromSeconds(1));
            await UntilAsync(() => Contents() is []);
        }
        Assert.Equal(["before"], (await _scene.ContentsAsync()).Values);
    }

    [Theory]
    [InlineData(nameof(DiskAction.Write))]
    [InlineData(nameof(DiskAction.Flush))]
    [InlineData(nameof(DiskAction.Move))]
    [InlineData(nameof(DiskAction.FlushFolder))]
    public async Task Content_that_could_not_be_stored_leaves_nothing_behind(string action)
    {
        _scene.Settings = _scene.Settings with { LargeContent = 1000 };
        await using var queue = await _scene.OpenAsync();
        Fail(Enum.Parse<DiskAction>(action), NoSpace, times: 1);
        Assert.Equal(452, (await CommitAsync(queue, new string('x', 1001))).Reply.Code);
        Assert.Empty(Contents());
        Assert.Empty(Directory.GetFiles(queue.SpoolFolder));
    }

    [Fact]
    public async Task Content_whose_record_is_refused_is_deleted()
    {
        _scene.Settings = _scene.Settings with { LargeContent = 1000 };
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "before");
        _disk.Before = (action, path) =>
        {
            if (action == DiskAction.Write && path.EndsWith(".log", StringComparison.Ordinal)) throw new IOException("full", NoSpace);
        };
        Assert.Equal(452, (await CommitAsync(queue, new string('x', 1001))).Reply.Code);
        Assert.Empty(Contents());
    }

    [Fact]
    public async Task Writes_that_fail_leave_no_empty_segments_behind()
    {
        await using (var queue = await _scene.OpenAsync())
        {
            await SendAsync(queue, "before");
            _disk.BeforeWrite = size =>
            {
                if (size > SegmentHeader.Size) throw new IOException("full", NoSpace);   // a segment may just be begun
            };
            for (var i = 0; i < 5; i++) Assert.Equal(452, (await CommitAsync(queue, "refused")).Reply.Code);
            Assert.Single(_scene.Segments());
            _disk.BeforeWrite = null;
            await SendAsync(queue, "after");
        }
        Assert.Equal(["before", "after"], (await _scene.ContentsAsync()).Values);
    }

    [Fact]
    public async Task A_settlement_that_cannot_be_written_waits_until_it_can_and_is_not_delivered_again()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "gone out");
        var message = await ClaimAsync(queue);
        Fail(DiskAction.Write, NoSpace, times: int.MaxValue);
        var settled = queue.SettleAsync(message, [Delivered()], Ended).AsTask();
        await UntilAsync(() => _scene.Faults.All.Count > 0);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(452, (await CommitAsync(queue, "refused")).Reply.Code);
            _scene.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.False(settled.IsCompleted);
        Assert.Contains("delivery stands still. Make room on the volume", queue.WriteWarning, StringComparison.Ordinal);
        Assert.Equal(1, queue.Count);
        Assert.True(Assert.Single(queue.Snapshot()).Claimed);
        _disk.Before = null;
        _scene.Clock.Advance(TimeSpan.FromSeconds(1));
        await settled.WaitAsync(TimeSpan.FromSeconds(30), Ended);
        Assert.Equal(0, queue.Count);
        Assert.Null(queue.WriteWarning);
        Assert.Single(_scene.Faults.All);   // one failure, however long it lasts
    }

    [Fact]
    public async Task A_message_whose_parts_nobody_waited_to_be_written_is_done_with_the_last()
    {
        await using (var queue = await _scene.OpenAsync())
        {
            await SendAsync(queue, "gone out", "first@example.test", "last@example.test");
            var message = await ClaimAsync(queue);
            Fail(DiskAction.Write, NoSpace, times: int.MaxValue);
            using var stop = new CancellationTokenSource();
            var first = queue.SettleSomeAsync(message, [Delivered(0)], stop.Token).AsTask();
            await stop.CancelAsync();   // the relay stops, and waits no longer for the disk
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await queue.SettleAsync(message, [Delivered(1)], stop.Token));
            _disk.Before = null;
        }
        await using var again = await _scene.OpenAsync();
        Assert.Equal(0, again.Count);
    }

    [Fact]
    public async Task A_settlement_that_could_not_be_written_when_the_queue_closes_says_so()
    {
        var queue = await _scene.OpenAsync();
        await SendAsync(queue, "gone out");
        var message = await ClaimAsync(queue);
        Fail(DiskAction.Write, InputOutputError, times: int.MaxValue);
        var settled = queue.SettleAsync(message, [Delivered()], Ended).AsTask();
        await UntilAsync(() => _scene.Faults.All.Count > 0);
        await queue.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => settled);
        Assert.Single(await _scene.ContentsAsync());
    }

    [Fact]
    public async Task A_segment_that_cannot_be_deleted_holds_up_the_newer_ones_so_that_nothing_comes_back()
    {
        _scene.Settings = _scene.Settings with { SegmentSize = 500 };
        await using (var queue = await _scene.OpenAsync())
        {
            Fail(DiskAction.Delete, InputOutputError, times: 1);
            for (var i = 0; i < 5; i++)
            {
                await SendAsync(queue, new string('x', 300));
                await queue.SettleAsync(await ClaimAsync(queue), [Delivered()], Ended);
            }
        }
        Assert.Single(_scene.Faults.All);
        Assert.True(_scene.Segments().Count >= 5);
        Assert.Empty(await _scene.ContentsAsync());
    }

    [Fact]
    public async Task Content_that_cannot_be_deleted_keeps_neither_other_content_nor_the_log_from_it()
    {
        _scene.Settings = _scene.Settings with { SegmentSize = 300, LargeContent = 1000 };
        await using var queue = await _scene.OpenAsync();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++) ids.Add(await SendAsync(queue, new string('x', 1001)));
        _disk.Before = (action, path) =>
        {
            if (action == DiskAction.Delete && path.EndsWith(ids[0] + ".eml", StringComparison.Ordinal)) throw new UnauthorizedAccessException("It cannot.");
        };
        var settled = (await queue.ClaimAsync(3, Ended)).Select(message => queue.SettleAsync(message, [Delivered()], Ended).AsTask());
        await Task.WhenAll(settled);
        await UntilAsync(() => _scene.Segments().Count == 1);
        Assert.Equal([ids[0]], Directory.GetFiles(Path.Combine(_scene.Folder, "content")).Select(Path.GetFileNameWithoutExtension));
        Assert.IsType<UnauthorizedAccessException>(Assert.Single(_scene.Faults.All));
    }

    [Fact]
    public async Task Below_the_minimum_of_free_space_a_message_is_refused_at_once_and_what_is_queued_goes_on()
    {
        await using var queue = await LogQueue.OpenAsync(_scene.Folder, 1000, _scene.Faults, _scene.Clock, _disk, _scene.Settings, Ended);
        _disk.Free = 1500;
        await SendAsync(queue, "text");
        Assert.Equal("452 4.3.1", (await queue.BeginAsync(From() with { DeclaredSize = 497 }, Ended)).Reply.ToString()[..9]);   // the text has four bytes
        Assert.Equal(250, (await queue.BeginAsync(From() with { DeclaredSize = 496 }, Ended)).Reply.Code);
        _disk.Free = 999;
        Assert.Equal(250, (await queue.BeginAsync(From(), Ended)).Reply.Code);   // looked up once a second
        _scene.Clock.Advance(TimeSpan.FromSeconds(1));
        var (transaction, reply) = await queue.BeginAsync(From(), Ended);
        Assert.Null(transaction);
        Assert.Equal("452 4.3.1", reply.ToString()[..9]);
        await queue.SettleAsync(await ClaimAsync(queue), [Delivered()], Ended);
        Assert.Equal(0, queue.Count);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(3000)]   // in a file of its own
    public async Task What_comes_between_two_looks_at_the_free_space_counts(int size)
    {
        _scene.Settings = _scene.Settings with { LargeContent = 1000 };
        _disk.Free = 1000 + (10L * size);
        await using var queue = await LogQueue.OpenAsync(_scene.Folder, 1000, _scene.Faults, _scene.Clock, _disk, _scene.Settings, Ended);
        for (var i = 0; i < 10; i++) await SendAsync(queue, new string('x', size));
        Assert.Equal(250, (await queue.BeginAsync(From(), Ended)).Reply.Code);
        Assert.Equal("452 4.3.1", (await queue.BeginAsync(From() with { DeclaredSize = 1 }, Ended)).Reply.ToString()[..9]);
        await SendAsync(queue, "x");
        Assert.Equal("452 4.3.1", (await queue.BeginAsync(From(), Ended)).Reply.ToString()[..9]);
        _scene.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(250, (await queue.BeginAsync(From(), Ended)).Reply.Code);
    }

    [Fact]
    public async Task A_disk_that_is_really_full_refuses_and_goes_on_when_there_is_room()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "A small file system can be mounted by root on Linux only.");
        var mount = Directory.CreateDirectory(_scene.Temporary("small")).FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount) == 0, "This machine does not allow a tmpfs to be mounted.");
        try
        {
            _scene.Disk = new LocalDisk();
            var folder = Path.Combine(mount, "queue");
            var other = Path.Combine(mount, "other");
            await File.WriteAllBytesAsync(other, new byte[64 << 10], Ended);
            var accepted = new List<string>();
            await using (var queue = await _scene.OpenAsync(folder))
            {
                while (await TrySendAsync(queue, Text(new string('x', 5000))) is { } id) accepted.Add(id);
                Assert.InRange(accepted.Count, 10, 40);
                var message = await ClaimAsync(queue);
                var settled = queue.SettleAsync(message, [Delivered()], Ended).AsTask();
                File.Delete(other);
                await UntilSettledAsync(settled);
                accepted.Remove(message.Id);
                accepted.Add(await SendAsync(queue, "after"));
            }
            Assert.Equal(accepted, (await _scene.ContentsAsync(folder)).Keys.Order(StringComparer.Ordinal));
        }
        finally
        {
            Run("umount", mount);
        }
    }

    private string[] Contents() => Directory.GetFiles(Path.Combine(_scene.Folder, "content"));

    private async Task UntilSettledAsync(Task settled)
    {
        for (var i = 0; !settled.IsCompleted; i++)
        {
            Assert.True(i < 3000, "It was not settled within 30 seconds.");
            _scene.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, Ended);
        }
        await settled;
    }

    private void Fail(DiskAction what, int error, int times) => _disk.Before = (action, _) =>
    {
        if (action == what && times-- > 0) throw new IOException("It cannot.", error);
    };

    private static async Task<DeliveryOutcome> CommitAsync(LogQueue queue, string text)
    {
        await using var transaction = (await queue.BeginAsync(From(), Ended)).Transaction!;
        await transaction.AddRecipientAsync(To("user@example.test"), Ended);
        return Assert.Single(await transaction.CommitAsync(Text(text), Ended));
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
