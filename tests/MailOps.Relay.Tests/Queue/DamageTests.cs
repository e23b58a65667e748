using System.Buffers.Binary;
using System.Text;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>The disk gives back something other than what was written.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly QueueScene _scene = new() { Settings = new LogQueueSettings { AnswersOnWriter = false, Room = 0 } };   // a segment's length says where its records end
    private readonly List<string> _texts = ["first text", "second text", "third text", "fourth text"];

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_tail_torn_at_any_byte_is_cut_and_what_was_before_it_stays()
    {
        var (bytes, ends) = await WriteAsync();
        for (var length = ends[0]; length < bytes.Length; length++)
        {
            var folder = Place(bytes.AsSpan(0, length));
            var whole = ends.Count(end => end <= length);
            Assert.Equal(_texts.Take(whole), (await _scene.ContentsAsync(folder)).Values.Order(new ByPlace(_texts)));
            var torn = bytes.AsSpan(ends[whole - 1], length - ends[whole - 1]).ContainsAnyExcept((byte)0);   // a record may begin with a zero, which is the room for what was never written
            Assert.Equal(torn ? 1 : 0, _scene.Faults.All.Count(fault => fault.Message.Contains(folder, StringComparison.Ordinal)));
            Assert.Equal(ends[whole - 1], new FileInfo(Assert.Single(_scene.Segments(folder))).Length);
            Assert.Equal(torn, Directory.Exists(Path.Combine(folder, "damaged")));
            await using (var queue = await _scene.OpenAsync(folder)) Assert.Null(queue.Warning);   // a crash is no damage
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_byte_changed_anywhere_costs_at_most_the_message_it_is_in_and_is_reported_once_and_kept()
    {
        var (bytes, ends) = await WriteAsync();
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= (byte)(1 << (at % 8));
            var folder = Place(damaged);
            var hit = ends.FindIndex(end => at < end);
            var expected = _texts.Where((_, i) => at < SegmentHeader.Size || i != hit).ToList();
            for (var round = 0; round < 2; round++)
            {
                Assert.Equal(expected, (await _scene.ContentsAsync(folder)).Values.Order(new ByPlace(_texts)));
                var report = Assert.Single(_scene.Faults.All, fault => fault.Message.Contains(folder, StringComparison.Ordinal));
                Assert.IsType<InvalidDataException>(report);
                var kept = await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(Path.Combine(folder, "damaged"))), Ended);
                Assert.Equal(kept, damaged[^kept.Length..]);
                Assert.True(hit == _texts.Count - 1 || kept.Length == damaged.Length);
            }
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_lost_sector_costs_only_the_records_in_it()
    {
        _texts.AddRange(Enumerable.Range(0, 40).Select(i => $"text {i} " + new string('x', 100)));
        var (bytes, ends) = await WriteAsync();
        bytes.AsSpan(1024, 512).Clear();
        var expected = _texts.Where((_, i) => ends[i] <= 1024 || (i > 0 && ends[i - 1] >= 1536)).ToList();
        Assert.InRange(expected.Count, 38, 42);
        Assert.Equal(expected, (await _scene.ContentsAsync(Place(bytes))).Values.Order(new ByPlace(_texts)));
    }

    [Fact]
    public async Task A_message_that_holds_the_bytes_of_records_cannot_pass_as_records_when_its_own_is_damaged()
    {
        var (forged, _) = await WriteAsync();
        Directory.Delete(_scene.Folder, recursive: true);
        _texts.Clear();
        _texts.AddRange(["before", "after"]);
        var start = 0;
        await using (var queue = await _scene.OpenAsync())
        {
            await SendAsync(queue, "before");
            start = (int)new FileInfo(Assert.Single(_scene.Segments())).Length;
            Assert.NotNull(await TrySendAsync(queue, new MailOps.Relay.Mail.MemoryContent(forged)));
            await SendAsync(queue, "after");
        }
        var segment = Assert.Single(_scene.Segments());
        var bytes = await File.ReadAllBytesAsync(segment, Ended);
        _scene.DeleteDigests();
        bytes[start + 12] ^= 1;   // the length in the header: now only a search finds the next record
        await File.WriteAllBytesAsync(segment, bytes, Ended);
        Assert.Equal(["before", "after"], (await _scene.ContentsAsync()).Values.Order(new ByPlace(_texts)));
    }

    [Fact]
    public async Task A_damaged_message_is_named_in_the_report()
    {
        string id;
        await using (var queue = await _scene.OpenAsync())
        {
            id = await SendAsync(queue, "the content");
            await SendAsync(queue, "another");
        }
        await DamageContentAsync();
        Assert.Equal(["another"], (await _scene.ContentsAsync()).Values);
        Assert.Contains($"offset 48 (Accepted, message {id})", Assert.Single(_scene.Faults.All).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_kept_aside_is_a_warning_until_a_person_deletes_it()
    {
        await using (var queue = await _scene.OpenAsync())
        {
            Assert.Null(queue.Warning);
            await SendAsync(queue, "the content");
            await SendAsync(queue, "another");
        }
        await DamageContentAsync();
        for (var start = 0; start < 2; start++)
        {
            await using var queue = await _scene.OpenAsync();
            Assert.Contains("keeps 1 of its files", queue.Warning, StringComparison.Ordinal);
        }
        Directory.Delete(Path.Combine(_scene.Folder, "damaged"), recursive: true);
        await using var last = await _scene.OpenAsync();
        Assert.Null(last.Warning);
    }

    [Theory]
    [InlineData("middle", true)]
    [InlineData("tail", true)]
    [InlineData("before", true)]
    [InlineData("later type", false)]
    public async Task Content_is_not_deleted_where_damage_may_have_cost_its_record(string damage, bool aside)
    {
        _scene.Settings = _scene.Settings with { LargeContent = 1000 };
        var large = new string('x', 1001);
        await using (var queue = await _scene.OpenAsync())
        {
            await SendAsync(queue, "first");
            if (damage != "tail") await SendAsync(queue, large);
            await SendAsync(queue, damage == "tail" ? large : "last");
        }
        var segment = Assert.Single(_scene.Segments());
        await File.WriteAllBytesAsync(segment, Damaged(await File.ReadAllBytesAsync(segment, Ended), damage), Ended);
        _scene.DeleteDigests();
        if (damage == "before") Directory.CreateDirectory(Path.Combine(_scene.Folder, "damaged"));
        if (damage == "before") await File.WriteAllTextAsync(Path.Combine(_scene.Folder, "damaged", "0000000001-1.log"), "kept by a start that ended there", Ended);
        for (var round = 0; round < 2; round++)
        {
            await using var queue = await _scene.OpenAsync();
            Assert.DoesNotContain(queue.Snapshot(), message => message.Size == 1001);
            var kept = Assert.Single(Directory.GetFiles(Path.Combine(_scene.Folder, aside ? "damaged" : "content"), "*.eml"));
            Assert.Equal(large, await File.ReadAllTextAsync(kept, Ended));
            Assert.Equal(aside ? 1 : 0, _scene.Faults.All.Count(fault => fault.Message.Contains(Path.GetFileName(kept), StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Damage_that_cannot_be_kept_aside_is_reported_and_left_as_it_is()
    {
        var (bytes, ends) = await WriteAsync();
        bytes[ends[0] + 40] ^= 1;
        var folder = Place(bytes);
        using var disk = new PowerCutDisk();
        disk.Before = (action, path) =>
        {
            if (action == DiskAction.Create && path.Contains("damaged", StringComparison.Ordinal)) throw new IOException("full", 28);
        };
        _scene.Disk = disk;
        await using (var queue = await _scene.OpenAsync(folder))
        {
            foreach (var message in await ClaimAllAsync(queue)) await queue.SettleAsync(message, [Delivered()], Ended);
            await SendAsync(queue, "new");
            Assert.Equal(1, queue.Count);
        }
        Assert.Contains("could not be kept aside", Assert.Single(_scene.Faults.All).Message, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_scene.Segments(folder)[0], Ended));
    }

    [Fact]
    public async Task What_the_disk_cannot_read_today_is_left_for_another_day()
    {
        const int readAtOnce = 1 << 20;
        using var disk = new PowerCutDisk();
        _scene.Disk = disk;
        await using (var queue = await _scene.OpenAsync())
        {
            var before = SegmentHeader.Size;
            await SendAsync(queue, "");
            var overhead = new FileInfo(_scene.Segments()[0]).Length - before;
            await SendAsync(queue, new string('x', (int)(readAtOnce - new FileInfo(_scene.Segments()[0]).Length - overhead)));
            Assert.Equal(readAtOnce, new FileInfo(_scene.Segments()[0]).Length);
            await SendAsync(queue, "at the next part");
        }
        _scene.DeleteDigests();
        disk.BeforeRead = offset =>
        {
            if (offset >= readAtOnce) throw new IOException("It cannot be read.", 5);
        };
        await using (var queue = await _scene.OpenAsync()) Assert.Equal(2, queue.Count);
        Assert.Contains(_scene.Faults.All, fault => fault.Message.EndsWith("The original could not be read whole and stays as it is.", StringComparison.Ordinal));
        disk.BeforeRead = null;
        await using (var queue = await _scene.OpenAsync()) Assert.Equal(3, queue.Count);
    }

    [Fact]
    public async Task A_message_damaged_while_the_queue_runs_is_reported_and_stays_and_the_others_go_on()
    {
        _scene.Settings = _scene.Settings with { RecentBytes = 0 };
        await using var queue = await _scene.OpenAsync();
        var id = await SendAsync(queue, "damaged");
        await SendAsync(queue, "whole");
        await using (var file = new FileStream(Assert.Single(_scene.Segments()), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = SegmentHeader.Size + RecordHeader.Size + 4;
            file.WriteByte(0xff);
        }
        Assert.Equal("whole", await ReadAsync(Assert.Single(await queue.ClaimAsync(10, Ended))));
        Assert.IsType<InvalidDataException>(Assert.Single(_scene.Faults.All));
        Assert.Equal($"queue, message {id}, reading its envelope", _scene.Faults.LastWhere);
        Assert.Equal(2, queue.Count);
        Assert.Single(queue.Snapshot());
    }

    [Fact]
    public async Task A_record_of_a_type_from_later_is_reported_and_its_segment_kept()
    {
        var (bytes, _) = await WriteAsync();
        SegmentHeader.TryRead(bytes, out var header);
        var record = new byte[RecordHeader.Size];
        new RecordHeader((RecordType)77, 0, 0, Crc32C.Of([]), Crc32C.Of([])).Write(record, header.Tag);
        var folder = Place([.. bytes, .. record]);
        await using (var queue = await _scene.OpenAsync(folder))
        {
            Assert.Equal(_texts.Count, queue.Count);
            foreach (var message in await ClaimAllAsync(queue)) await queue.SettleAsync(message, [Delivered()], Ended);
        }
        Assert.Contains("Type 77", Assert.Single(_scene.Faults.All).Message, StringComparison.Ordinal);
        Assert.Contains("0000000001.log", _scene.Segments(folder)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_segment_of_a_later_format_is_refused_and_left_alone()
    {
        var folder = Place(new SegmentHeader(SegmentHeader.CurrentVersion + 1, 1, 4711, default).ToBytes().Concat(new byte[100]).ToArray());
        var error = await Assert.ThrowsAsync<MailOpsException>(async () => await _scene.OpenAsync(folder));
        Assert.Equal(ErrorCode.RelayQueueUnusable, error.Code);
        Assert.Contains("format version 3; this version of MailOps reads up to 2", error.Message, StringComparison.Ordinal);
        Assert.Equal(148, new FileInfo(Assert.Single(_scene.Segments(folder))).Length);
    }

    [Fact]
    public async Task The_checksum_is_that_of_the_castagnoli_polynomial()
    {
        Assert.Equal(0xe3069283u, Crc32C.Of("123456789"u8));
        var (bytes, ends) = await WriteAsync();
        Assert.Equal(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(44)), Crc32C.Of(bytes.AsSpan(0, 44)));
        Assert.EndsWith("first text", Encoding.ASCII.GetString(bytes, 0, ends[0]), StringComparison.Ordinal);
    }

    /// <summary>The segment of three messages, with the record of the one in a file no longer readable.</summary>
    private static byte[] Damaged(byte[] bytes, string how)
    {
        SegmentHeader.TryRead(bytes, out var header);
        var records = new SegmentScan(bytes, header.Tag).Records().ToList();
        var large = records.FindIndex(record => record.Header.Content == 0);
        var (start, end) = ((int)records[large].Offset, (int)(records[large].Offset + records[large].Header.Length));
        if (how == "middle") bytes[end - 1] ^= 1;
        else if (how == "tail") return bytes[..(end - 1)];
        else if (how == "before") return [.. bytes[..start], .. bytes[end..]];
        else new RecordHeader((RecordType)77, end - start - RecordHeader.Size, 0, Crc32C.Of(records[large].Fields.Span), Crc32C.Of([])).Write(bytes.AsSpan(start), header.Tag);
        return bytes;
    }

    /// <summary>The bytes of a segment with the texts, and where the record of each ends.</summary>
    private async Task<(byte[] Bytes, List<int> Ends)> WriteAsync()
    {
        var ends = new List<int>();
        await using (var queue = await _scene.OpenAsync())
        {
            foreach (var text in _texts)
            {
                await SendAsync(queue, text);
                ends.Add((int)new FileInfo(Assert.Single(_scene.Segments())).Length);
            }
        }
        return (await File.ReadAllBytesAsync(Assert.Single(_scene.Segments()), Ended), ends);
    }

    /// <summary>Changes a bit of the message whose text is "the content", in a segment that the next start reads whole.</summary>
    private async Task DamageContentAsync()
    {
        var segment = Assert.Single(_scene.Segments());
        var bytes = await File.ReadAllBytesAsync(segment, Ended);
        bytes[bytes.AsSpan().IndexOf("the content"u8)] ^= 1;
        _scene.DeleteDigests();
        await File.WriteAllBytesAsync(segment, bytes, Ended);
    }

    private string Place(ReadOnlySpan<byte> segment)
    {
        var folder = _scene.Temporary(Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Path.Combine(folder, "log"));
        File.WriteAllBytes(Path.Combine(folder, "log", "0000000001.log"), segment);
        return folder;
    }

    private sealed class ByPlace(List<string> texts) : IComparer<string>
    {
        public int Compare(string? x, string? y) => texts.IndexOf(x!).CompareTo(texts.IndexOf(y!));
    }
}
