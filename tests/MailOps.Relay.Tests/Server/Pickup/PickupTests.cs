using System.Text;
using MailOps.Relay.Mail;
using MailOps.Relay.Server.Pickup;
using MailOps.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Pickup;

/// <summary>The pickup folder of a whole relay, whose mail goes to a drop folder.</summary>
public sealed class PickupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-pickup-").FullName;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private string Pickup => Path.Combine(_folder, "pickup");

    private string Dropped => Path.Combine(_folder, "drop");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_is_sent_without_Bcc_and_deleted()
    {
        await using var relay = await StartAsync();
        Put("a.eml", "From: a@x.test\nTo: b@y.test\nBcc: c@y.test\nSubject: x\n\n.\nLF and\rCR and\r\nboth");
        var text = await DroppedAsync();
        Assert.StartsWith("X-Sender: <a@x.test>\r\nX-Receiver: <b@y.test>\r\nX-Receiver: <c@y.test>\r\nReceived: by relay.test (MailOps, from the pickup folder) with local id ", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\nFrom: a@x.test\r\nTo: b@y.test\r\nSubject: x\r\n\r\n.\r\nLF and\r\nCR and\r\nboth\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\r\nDate: ", text, StringComparison.Ordinal);
        Assert.Contains("\r\nMessage-ID: <", text, StringComparison.Ordinal);
        await Poll.UntilAsync(() => !Directory.EnumerateFileSystemEntries(Pickup).Any());
        var step = relay.GetTrackingLog(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).First(e => e.EventId == "RECEIVE");
        Assert.Equal(("PICKUP", "a@x.test", "a.eml"), (step.Source, step.Sender, step.SourceContext));
        Assert.Equal(["b@y.test", "c@y.test"], step.Recipients);
        Assert.Equal("x", step.MessageSubject);
        Assert.Equal(step.MessageId, Assert.Single(text.Split("\r\n"), line => line.StartsWith("Message-ID: <", StringComparison.Ordinal))["Message-ID: ".Length..]);
    }

    [Theory]
    [InlineData(true, "über Rechnungen")]
    [InlineData(false, null)]
    public async Task The_log_has_the_Message_ID_of_a_file_that_has_one_and_the_subject_where_subjects_are_kept(bool subjects, string? subject)
    {
        await using var relay = await StartAsync(options => options with { TrackingLog = new TrackingLogOptions { Subjects = subjects } });
        Put("a.eml", "From: a@x.test\nTo: b@y.test\nmessage-id: <1@x.test>\nSubject: =?utf-8?q?=C3=BCber?=\n Rechnungen\n\nx");
        Assert.DoesNotContain("Message-ID:", await DroppedAsync(), StringComparison.Ordinal);   // no other beside it
        var step = relay.GetTrackingLog(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).First(e => e.EventId == "RECEIVE");
        Assert.Equal(("<1@x.test>", subject), (step.MessageId, step.MessageSubject));
    }

    [Fact]
    public async Task A_large_file_with_lines_of_its_own_kind_arrives_whole()
    {
        await using var relay = await StartAsync();
        var body = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"line {i}\n"));   // over chunks and over what stays in memory
        Put("big.eml", "From: a@x.test\nTo: b@y.test\nDate: Thu, 1 Jan 2026 00:00:00 +0000\nMessage-ID: <1@x.test>\n\n" + body);
        Assert.EndsWith("Message-ID: <1@x.test>\r\n\r\n" + body.Replace("\n", "\r\n", StringComparison.Ordinal), await DroppedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_drop_folder_of_one_relay_can_be_the_pickup_folder_of_another()
    {
        Directory.CreateDirectory(Pickup);
        Put("x.eml", "X-Sender: <>\r\nX-Receiver: <r@y.test>\r\nFrom: a@x.test\r\nTo: somebody@else.test\r\n\r\nbody\r\n");
        await using var relay = await StartAsync();   // and what was there before it came
        Assert.StartsWith("X-Sender: <>\r\nX-Receiver: <r@y.test>\r\nReceived: ", await DroppedAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hello\n", "This line of the header is no field: 'Hello'.")]
    [InlineData("From: a@x.test\nTo: b@refused.test, c@y.test\n\n", "550 5.7.1 b@refused.test: No mail is taken for this recipient")]
    public async Task What_can_never_be_sent_is_set_aside_and_the_log_says_why(string text, string reason)
    {
        await using var relay = await StartAsync();
        Put("x.eml", text);
        await Poll.UntilAsync(() => File.Exists(Path.Combine(Pickup, "x.bad")));
        var step = relay.GetTrackingLog(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Single();
        Assert.Equal(("BADMAIL", "PICKUP", Path.Combine(Pickup, "x.bad"), reason), (step.EventId, step.Source, step.SourceContext, step.RecipientStatus.Single()));
        Assert.Equal((text, 0L), (await File.ReadAllTextAsync(Path.Combine(Pickup, "x.bad"), Ended), relay.GetStatus().MessageCount));
        Put("x.eml", text);
        await Poll.UntilAsync(() => Directory.GetFiles(Pickup, "*.bad").Length == 2);   // and takes no other's place
    }

    [Fact]
    public async Task What_is_too_big_or_goes_round_is_set_aside()
    {
        await using var relay = await StartAsync(options => options with { Limits = new LimitOptions { MaxMessageSize = 65536, MaxHops = 2 } });
        Put("big.eml", "From: a@x.test\nTo: b@y.test\n\n" + new string('x', 70_000));
        Put("loop.eml", string.Concat(Enumerable.Repeat("Received: by x; now\n", 3)) + "From: a@x.test\nTo: b@y.test\n\n");
        await Poll.UntilAsync(() => Directory.GetFiles(Pickup, "*.bad").Length == 2);
        Assert.Equal(
            ["It has 70029 bytes, and 65536 are the most.", "It has too many Received fields: it goes round in a loop."],
            relay.GetTrackingLog(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Select(e => e.RecipientStatus.Single()).Order());
    }

    [Fact]
    public async Task What_is_refused_for_now_is_tried_again()
    {
        var target = new LaterTarget();
        await using var pickup = Folder(target, new RecordingTrace());
        pickup.Start();
        Put("x.eml", "From: a@x.test\nTo: b@y.test\n\n");
        await Poll.UntilAsync(() => target.Asked >= 3);
        Assert.Equal("x.eml", Path.GetFileName(Directory.GetFiles(Pickup).Single())[..5]);
    }

    [Fact]
    public async Task A_file_is_there_until_the_queue_has_it_and_stays_where_the_queue_does_not_take_it()
    {
        var there = new List<string>();
        var target = new Fakes.RecordingTarget();
        target.Outcome = _ =>
        {
            there.AddRange(Directory.GetFiles(Pickup).Select(path => Path.GetFileName(path)));
            return DeliveryOutcome.From(there.Count < 2 ? new SmtpReply(452, "4.3.1", "No space left") : new SmtpReply(250, "2.0.0", "Ok"));
        };
        var options = new SmtpRelayOptions { QueuePath = _folder, Pickup = new PickupOptions { Path = Pickup, ScanInterval = TimeSpan.FromMilliseconds(50), RetryDelay = TimeSpan.FromMilliseconds(1) } };
        var trace = new Fakes.RecordingTrace();
        await using var pickup = new PickupFolder(options, "relay.test", _folder, target, trace, TimeProvider.System);
        pickup.Start();
        Put("x.eml", "From: a@x.test\nTo: b@y.test\n\n");
        await Poll.UntilAsync(() => target.Mail.Count == 2 && Directory.GetFiles(Pickup).Length == 0);
        Assert.Equal(["x.eml.taken.tmp", "x.eml.taken.tmp"], there);
        Assert.Empty(trace.Faults);
        Assert.Single(trace.Of("RECEIVE"));
    }

    [Fact]
    public async Task What_a_relay_had_taken_when_it_crashed_is_sent_by_the_next()
    {
        Directory.CreateDirectory(Pickup);
        Put("x.eml.taken.tmp", "From: a@x.test\nTo: b@y.test\n\n");
        Put("half.tmp", "From: a@x.test\nTo: b@y.test\n\n");   // somebody else's, on its way to a name of its own
        await using var relay = await StartAsync();
        await DroppedAsync();
        await Poll.UntilAsync(() => Directory.GetFiles(Pickup).Length == 1);
        Assert.Equal("half.tmp", Path.GetFileName(Directory.GetFiles(Pickup).Single()));
    }

    [Fact]
    public async Task What_a_relay_had_taken_is_sent_beside_a_new_file_of_that_name()
    {
        Directory.CreateDirectory(Pickup);
        Put("x.eml.taken.tmp", "From: a@x.test\nTo: old@y.test\n\n");
        Put("x.eml", "From: a@x.test\nTo: new@y.test\n\n");
        await using var relay = await StartAsync();
        await Poll.UntilAsync(() => Directory.Exists(Dropped) && Directory.GetFiles(Dropped, "*.eml").Length == 2 && Directory.GetFiles(Pickup).Length == 0);
        Assert.Equal(["new@y.test", "old@y.test"], relay.GetTrackingLog(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Where(e => e.EventId == "RECEIVE").Select(e => e.Recipients.Single()).Order());
    }

    [Fact]
    public async Task What_is_refused_for_now_is_tried_again_beside_a_new_file_of_that_name()
    {
        var target = new Fakes.RecordingTarget();
        target.RefuseSender = _ =>
        {
            if (target.Begun > 1) return null;
            Put("x.eml", "From: a@x.test\nTo: new@y.test\n\n");
            return new SmtpReply(452, "4.3.1", "No space left");
        };
        await using var pickup = Folder(target, new RecordingTrace());
        Directory.CreateDirectory(Pickup);
        Put("x.eml", "From: a@x.test\nTo: old@y.test\n\n");
        pickup.Start();
        await Poll.UntilAsync(() => target.Mail.Count == 2);
        Assert.Equal(["new@y.test", "old@y.test"], target.Mail.Select(mail => mail.Recipients.Single().ForwardPath.ToString()).Order());
    }

    [Fact]
    public async Task A_file_that_cannot_be_deleted_is_sent_once()
    {
        var (target, trace, tries) = (new Fakes.RecordingTarget(), new RecordingTrace(), 0);
        await using var pickup = Folder(target, trace, path =>
        {
            if (path.Contains("x.eml", StringComparison.Ordinal) && Interlocked.Increment(ref tries) <= 3) throw new IOException("It is in use.");
            File.Delete(path);
        });
        pickup.Start();
        Put("x.eml", "From: a@x.test\nTo: x@y.test\n\n");
        await Poll.UntilAsync(() => Volatile.Read(ref tries) >= 4 && Directory.GetFiles(Pickup).Length == 0);
        Assert.Equal("x@y.test", Assert.Single(target.Mail).Recipients.Single().ForwardPath.ToString());
        Assert.Contains("It is in use.", Assert.Single(trace.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_deleted_is_in_the_way_of_none_of_that_name()
    {
        var (target, trace, tries) = (new Fakes.RecordingTarget(), new RecordingTrace(), 0);
        await using var pickup = Folder(target, trace, path =>
        {
            if (!path.EndsWith("x.eml.taken.tmp", StringComparison.Ordinal)) File.Delete(path);
            else if (Interlocked.Increment(ref tries) > 0) throw new UnauthorizedAccessException("It is locked.");
        });
        pickup.Start();
        Put("x.eml", "From: a@x.test\nTo: one@y.test\n\n");
        await Poll.UntilAsync(() => Volatile.Read(ref tries) > 0);
        Put("x.eml", "From: a@x.test\nTo: two@y.test\n\n");
        await Poll.UntilAsync(() => target.Mail.Count == 2 && Directory.GetFiles(Pickup).Length == 1);
        Assert.Equal(["one@y.test", "two@y.test"], target.Mail.Select(mail => mail.Recipients.Single().ForwardPath.ToString()));
        Assert.Single(trace.Faults);
    }

    [Fact]
    public async Task A_file_that_is_empty_or_was_written_a_moment_ago_is_left_alone()
    {
        Directory.CreateDirectory(Pickup);
        Put("early.eml", "From: a@x.test\nTo: b@y.test\n\n");
        Put("empty.eml", "");
        Put("old.eml", "From: a@x.test\nTo: b@y.test\n\n");
        foreach (var name in (string[])["empty.eml", "old.eml"]) File.SetLastWriteTimeUtc(Path.Combine(Pickup, name), DateTime.UtcNow.AddHours(-2));
        await using (await StartAsync(options => options with { Pickup = options.Pickup! with { ScanInterval = TimeSpan.FromHours(1) } })) await DroppedAsync();
        Assert.Equal(["early.eml", "empty.eml"], Directory.GetFiles(Pickup).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_link_is_not_followed()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Links need a right on Windows.");
        await using var relay = await StartAsync();
        var secret = Path.Combine(_folder, "secret");
        File.WriteAllText(secret, "From: a@x.test\nTo: b@y.test\n\n");
        File.CreateSymbolicLink(Path.Combine(Pickup, "x.eml"), secret);
        await Poll.UntilAsync(() => new FileInfo(Path.Combine(Pickup, "x.bad")).LinkTarget is not null);
        Assert.False(Directory.Exists(Dropped));
    }

    [Theory]
    [InlineData("link", "It is a link, and who may write here need not be allowed to read what it leads to.")]
    [InlineData("pipe", "It is no file.")]
    [InlineData("folder", "It is no file.")]
    public async Task What_takes_the_place_of_a_file_after_it_was_looked_at_is_not_followed_nor_waited_for(string what, string reason)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Links need a right on Windows, and it has no FIFOs among files.");
        var (path, secret) = (Path.Combine(_folder, "x.eml.taken.tmp"), Path.Combine(_folder, "secret"));
        File.WriteAllText(secret, "From: a@x.test\nTo: b@y.test\n\n");
        if (what == "link") File.CreateSymbolicLink(path, secret);
        else if (what == "pipe") Fakes.NamedPipe.Create(path);
        else Directory.CreateDirectory(path);
        var target = new Fakes.RecordingTarget();
        var sending = Task.Run(() => Reader().SendAsync(path, target, Ended), Ended);
        Assert.Equal(reason, (await Assert.ThrowsAsync<FormatException>(() => sending.WaitAsync(TimeSpan.FromSeconds(20), Ended))).Message);
        Assert.Equal(0, target.Begun);
    }

    [Fact]
    public async Task What_another_program_still_writes_is_not_opened()
    {
        var path = Path.Combine(_folder, "x.eml");
        File.WriteAllText(path, "From: a@x.test\nTo: b@y.test\n\n");
        var target = new Fakes.RecordingTarget();
        using (new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read))
            await Assert.ThrowsAsync<IOException>(() => Reader().SendAsync(path, target, Ended));
        Assert.True((await Reader().SendAsync(path, target, Ended)).Reply.IsPositive);
    }

    [Fact]
    public async Task What_is_refused_for_now_is_tried_again_after_the_delay_and_not_before()
    {
        var clock = new ScanClock();
        var (target, options) = (new LaterTarget(), new SmtpRelayOptions { QueuePath = _folder, Pickup = new PickupOptions { Path = Pickup } });
        await using var pickup = new PickupFolder(options, "relay.test", _folder, target, new RecordingTrace(), clock);
        pickup.Start();
        await Poll.UntilAsync(() => clock.Scans == 1);
        Put("x.eml", "From: a@x.test\nTo: b@y.test\n\n");
        for (var scan = 2; scan <= 61; scan++) await ScanAsync(scan);
        Assert.Equal(1, target.Asked);
        await ScanAsync(62);
        Assert.Equal(2, target.Asked);

        // One second at a time: a look, and the wait for the next.
        async Task ScanAsync(int number)
        {
            clock.Advance(options.Pickup.ScanInterval);
            await Poll.UntilAsync(() => clock.Scans == number);
        }
    }

    [Fact]
    public async Task A_folder_that_anybody_may_write_to_is_a_warning()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Rights of this kind are Unix's.");
        else
        {
            Directory.CreateDirectory(Pickup);
            File.SetUnixFileMode(Pickup, (UnixFileMode)0x1ff);
            await using var relay = await StartAsync();
            Assert.Contains("chmod o-w", Assert.Single(relay.GetStatus().Warnings), StringComparison.Ordinal);
        }
    }

    private void Put(string name, string text)
    {
        var beside = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(beside, Encoding.UTF8.GetBytes(text));
        File.Move(beside, Path.Combine(Pickup, name));
    }

    private PickupFolder Folder(IMailTarget target, RecordingTrace trace, Action<string>? delete = null)
    {
        var options = new SmtpRelayOptions { QueuePath = _folder, Pickup = new PickupOptions { Path = Pickup, ScanInterval = TimeSpan.FromMilliseconds(50), RetryDelay = TimeSpan.FromMilliseconds(1) } };
        return new PickupFolder(options, "relay.test", _folder, target, trace, TimeProvider.System, delete);
    }

    private PickupFile Reader() => new(new SmtpRelayOptions { QueuePath = _folder }, "relay.test", _folder, TimeProvider.System);

    private async Task<string> DroppedAsync()
    {
        await Poll.UntilAsync(() => Directory.Exists(Dropped) && Directory.GetFiles(Dropped, "*.eml").Length == 1);
        return await File.ReadAllTextAsync(Directory.GetFiles(Dropped, "*.eml").Single(), Ended);
    }

    private Task<SmtpRelay> StartAsync(Func<SmtpRelayOptions, SmtpRelayOptions>? with = null)
    {
        var options = new SmtpRelayOptions
        {
            QueuePath = Path.Combine(_folder, "queue"),
            HostName = "relay.test",
            Listeners = [new ListenerOptions { Endpoint = "127.0.0.1:0", Tls = TlsMode.None }],
            RelayNetworks = [],
            Pickup = new PickupOptions { Path = Pickup, ScanInterval = TimeSpan.FromMilliseconds(50) },
            Routes =
            [
                new() { Domain = "refused.test", Kind = RouteKind.Refuse },
                new() { Domain = "later.test", Kind = RouteKind.Refuse, Text = "450 Later" },
                new() { Kind = RouteKind.Drop, DropPath = Dropped },
            ],
        };
        return SmtpRelay.StartAsync(with is null ? options : with(options), Ended);
    }

    /// <summary>A clock, ahead of the files' times, that counts the waits between looks.</summary>
    private sealed class ScanClock() : FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(1))
    {
        private int _scans;

        public int Scans => Volatile.Read(ref _scans);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _scans);
            return timer;
        }
    }

    private sealed class LaterTarget : IMailTarget
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return ValueTask.FromResult(new MailBegin(null, new SmtpReply(452, "4.3.1", "No space left")));
        }
    }
}
