using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>The zeros a segment gets ahead of what is written to it, and what becomes of them.</summary>
public sealed class SegmentRoomTests : IDisposable
{
    private const int Room = 4096;
    private const int NoSpace = 28;
    private const int InputOutputError = 5;

    private readonly QueueScene _scene = new() { Settings = new LogQueueSettings { AnswersOnWriter = false, Room = Room } };
    private readonly PowerCutDisk _disk = new();

    public SegmentRoomTests() => _scene.Disk = _disk;

    public void Dispose()
    {
        _scene.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public async Task Most_groups_do_not_make_the_file_longer()
    {
        await using var queue = await _scene.OpenAsync();
        var lengths = new HashSet<long>();
        for (var i = 0; i < 100; i++)
        {
            await SendAsync(queue, "text");
            lengths.Add(Length());
        }
        Assert.InRange(lengths.Count, 2, 4);
    }

    [Fact]
    public async Task A_large_group_brings_no_zeros()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, new string('x', Room));
        Assert.InRange(Length(), Room, Room + 400);
    }

    [Fact]
    public async Task A_segment_grows_by_zeros_to_its_size_and_not_beyond()
    {
        _scene.Settings = _scene.Settings with { SegmentSize = 3000 };
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text");
        Assert.Equal(3000, Length());
    }

    [Fact]
    public async Task A_segment_that_is_left_loses_its_zeros()
    {
        _scene.Settings = _scene.Settings with { SegmentSize = 3000 };
        await using (var queue = await _scene.OpenAsync())
        {
            while (_scene.Segments().Count < 2) await SendAsync(queue, "text");
        }
        foreach (var segment in _scene.Segments())
        {
            var bytes = await File.ReadAllBytesAsync(segment, Ended);
            Assert.True(SegmentHeader.TryRead(bytes, out var header));
            var scan = new SegmentScan(bytes, header.Tag);
            Assert.NotEmpty(scan.Records().ToList());
            Assert.Equal(bytes.Length, scan.End);
        }
    }

    [Fact]
    public async Task Zeros_that_a_crash_leaves_are_cut_and_are_no_damage()
    {
        await SendAndCutAsync("one", "two");
        _disk.Restore(_scene.Folder, _scene.Temporary("left"), () => false);
        Assert.True(new FileInfo(Assert.Single(_scene.Segments(_scene.Temporary("left")))).Length > Room);
        Assert.Equal(["one", "two"], (await _scene.ContentsAsync(_scene.Temporary("left"))).Values);
        Assert.Empty(_scene.Faults.All);
        Assert.False(Directory.Exists(Path.Combine(_scene.Temporary("left"), "damaged")));
        Assert.True(new FileInfo(_scene.Segments(_scene.Temporary("left"))[0]).Length < Room);
    }

    [Fact]
    public async Task Of_a_torn_write_what_is_not_zeros_is_kept_aside()
    {
        await SendAndCutAsync("one", "two");
        var folder = _scene.Temporary("left");
        _disk.Restore(_scene.Folder, folder, () => false);
        var segment = Assert.Single(_scene.Segments(folder));
        var bytes = await File.ReadAllBytesAsync(segment, Ended);
        SegmentHeader.TryRead(bytes, out var header);
        var scan = new SegmentScan(bytes, header.Tag);
        Assert.Equal(2, scan.Records().Count());
        bytes.AsSpan(scan.End + 40, 20).Fill((byte)'x');
        await File.WriteAllBytesAsync(segment, bytes, Ended);
        Assert.Equal(["one", "two"], (await _scene.ContentsAsync(folder)).Values);
        Assert.Contains("the last 60 bytes, of a write that was not finished", Assert.Single(_scene.Faults.All).Message, StringComparison.Ordinal);
        Assert.Equal(60, new FileInfo(Assert.Single(Directory.GetFiles(Path.Combine(folder, "damaged")))).Length);
        Assert.Equal(scan.End, new FileInfo(segment).Length);
    }

    [Fact]
    public async Task Content_that_ends_in_zeros_keeps_them()
    {
        await SendAndCutAsync("one", "two\0\0\0\0");
        _disk.Restore(_scene.Folder, _scene.Temporary("left"), () => false);
        Assert.Equal(["one", "two\0\0\0\0"], (await _scene.ContentsAsync(_scene.Temporary("left"))).Values);
        Assert.Empty(_scene.Faults.All);
    }

    [Fact]
    public async Task A_disk_that_has_no_room_for_the_zeros_but_for_the_message_takes_it()
    {
        Fail(size => size > Room, NoSpace);
        string[] ids;
        await using (var queue = await _scene.OpenAsync())
        {
            ids = [await SendAsync(queue, "one"), await SendAsync(queue, "two")];
            Assert.Empty(_scene.Faults.All);
        }
        Assert.Equal(ids, (await _scene.ContentsAsync()).Keys);
    }

    [Fact]
    public async Task A_fault_that_is_not_for_lack_of_space_is_not_tried_again_by_itself()
    {
        Fail(size => size > Room, InputOutputError);
        await using var queue = await _scene.OpenAsync();
        Assert.Null(await TrySendAsync(queue, Text("refused")));
        Assert.Single(_scene.Faults.All);
        Assert.NotNull(await TrySendAsync(queue, Text("taken")));   // in another segment, and without zeros
        Assert.Equal(1, queue.Count);
    }

    private void Fail(Func<long, bool> writeOfSize, int error) => _disk.BeforeWrite = size =>
    {
        if (writeOfSize(size)) throw new IOException("The disk says no.", error);
    };

    private async Task SendAndCutAsync(params string[] texts)
    {
        var queue = await _scene.OpenAsync();
        foreach (var text in texts) await SendAsync(queue, text);
        _disk.CutNow();
        await queue.DisposeAsync();
    }

    private long Length() => new FileInfo(_scene.Segments()[^1]).Length;
}
