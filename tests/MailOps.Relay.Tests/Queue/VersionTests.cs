using System.Net;
using System.Reflection;
using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

/// <summary>The queue that version 1 left in the folder <c>Version1</c>: a moved, two accepted and a settled record, and one content in a file.</summary>
public sealed class VersionTests : IDisposable
{
    private readonly QueueScene _scene = new();

    public VersionTests()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.Contains(".Version1.", StringComparison.Ordinal)))
        {
            var parts = name[(name.IndexOf(".Version1.", StringComparison.Ordinal) + ".Version1.".Length)..].Split('.', 2);
            Directory.CreateDirectory(Path.Combine(_scene.Folder, parts[0]));
            using var source = assembly.GetManifestResourceStream(name)!;
            using var target = File.Create(Path.Combine(_scene.Folder, parts[0], parts[1]));
            source.CopyTo(target);
        }
    }

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task A_queue_of_version_1_is_read()
    {
        _scene.Clock.Advance(TimeSpan.FromHours(1));
        await using var queue = await _scene.OpenAsync();
        await AssertMessagesAsync(queue);
    }

    [Fact]
    public async Task A_queue_of_version_1_whose_header_is_damaged_is_read()
    {
        var segment = Assert.Single(_scene.Segments());
        var bytes = await File.ReadAllBytesAsync(segment, Ended);
        bytes[20] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, Ended);
        _scene.Clock.Advance(TimeSpan.FromHours(1));
        for (var start = 0; start < 2; start++)
        {
            await using var queue = await _scene.OpenAsync();
            await AssertMessagesAsync(queue);
            Assert.Single(_scene.Faults.All);
        }
    }

    [Fact]
    public async Task Messages_of_version_1_are_copied_forward_into_this_version()
    {
        var old = Assert.Single(_scene.Segments());
        _scene.Settings = new LogQueueSettings { SegmentSize = 1000, LargeContent = 1500 };
        await using (var queue = await _scene.OpenAsync())
        {
            foreach (var message in await ClaimAllAsync(queue)) queue.Release(message);
            for (var i = 0; i < 20 && File.Exists(old); i++)
            {
                await SendAsync(queue, new string('x', 700));
                var sent = (await ClaimAllAsync(queue)).ToLookup(message => message.Size == 700);
                foreach (var message in sent[false]) queue.Release(message);
                await queue.SettleAsync(Assert.Single(sent[true]), [Delivered()], Ended);
            }
        }
        Assert.False(File.Exists(old));
        _scene.Clock.Advance(TimeSpan.FromHours(1));
        await using var reopened = await _scene.OpenAsync();
        await AssertMessagesAsync(reopened);
    }

    [Fact]
    public async Task A_record_of_a_later_version_is_reported_and_its_segment_kept()
    {
        var segment = Assert.Single(_scene.Segments());
        var bytes = await File.ReadAllBytesAsync(segment, Ended);
        SegmentHeader.TryRead(bytes, out var header);
        var record = new byte[RecordHeader.Size];
        new RecordHeader(RecordType.Removed, 0, 0, Crc32C.Of([]), Crc32C.Of([]), RecordHeader.CurrentVersion + 1).Write(record, header.Tag);
        await File.WriteAllBytesAsync(segment, [.. bytes, .. record], Ended);
        await using (var queue = await _scene.OpenAsync())
        {
            Assert.Equal(3, queue.Count);
            _scene.Clock.Advance(TimeSpan.FromHours(1));
            foreach (var message in await ClaimAllAsync(queue)) await queue.SettleAsync(message, [.. message.Due.Select(due => Delivered(due.Index))], Ended);
        }
        Assert.Contains("Its version is 3", Assert.Single(_scene.Faults.All).Message, StringComparison.Ordinal);
        Assert.Contains(segment, _scene.Segments());
    }

    private static async Task AssertMessagesAsync(LogQueue queue)
    {
        var messages = (await ClaimAllAsync(queue)).OrderBy(message => message.Id).ToList();
        Assert.Equal(["waits", "Grüße", new string('L', 1600)], await Task.WhenAll(messages.Select(ReadAsync)));
        var waits = Assert.Single(messages[0].Due);
        Assert.Equal((1, "two@example.test", 1, true), (waits.Index, waits.Recipient.ForwardPath.ToString(), waits.Attempts, waits.DelayNotified));
        var sender = new MailSender(EmailAddress.Parse("jörg@bücher.example.test"))
        {
            Body = MailBody.EightBitMime,
            SmtpUtf8 = true,
            Return = DsnReturn.Headers,
            EnvelopeId = "QQ314159",
            Origin = new MailOrigin(IPAddress.Parse("2001:db8::7"), "", ""),
        };
        Assert.Equal(sender, messages[1].Sender);
        var noted = new MailRecipient(EmailAddress.Parse("three@example.test")) { Notify = DsnNotify.Success | DsnNotify.Delay, OriginalRecipient = "rfc822;drei@example.test" };
        Assert.Equal(noted, Assert.Single(messages[1].Due).Recipient);
        Assert.Equal([1, 1], messages[2].Due.Select(due => due.Attempts));
    }
}
