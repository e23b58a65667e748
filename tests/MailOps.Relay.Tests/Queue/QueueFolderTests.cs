using MailOps.Relay.Mail;
using static MailOps.Relay.Tests.Queue.QueueScene;

namespace MailOps.Relay.Tests.Queue;

public sealed class QueueFolderTests : IDisposable
{
    private readonly QueueScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task One_queue_holds_a_folder_and_gives_it_back()
    {
        await using (await _scene.OpenAsync())
        {
            var error = await Assert.ThrowsAsync<MailOpsException>(async () => await _scene.OpenAsync());
            Assert.Equal(ErrorCode.RelayQueueUnusable, error.Code);
            Assert.Equal($"The queue folder '{_scene.Folder}' is in use by another relay.", error.Message);
        }
        await using var again = await _scene.OpenAsync();
        Assert.Equal(0, again.Count);
    }

    [Fact]
    public async Task A_folder_that_was_deleted_takes_no_more_mail()
    {
        await using var queue = await _scene.OpenAsync();
        await SendAsync(queue, "text");
        Directory.Delete(Path.Combine(_scene.Folder, "log"), true);
        _scene.Clock.Advance(TimeSpan.FromSeconds(2));
        var begun = await queue.BeginAsync(new MailSender(null), Ended);
        Assert.Null(begun.Transaction);
        Assert.True(begun.Reply.IsTemporary);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_an_error_with_a_hint()
    {
        await File.WriteAllTextAsync(_scene.Temporary("file"), "", Ended);
        var error = await Assert.ThrowsAsync<MailOpsException>(async () => await _scene.OpenAsync(Path.Combine(_scene.Temporary("file"), "queue")));
        Assert.Equal(ErrorCode.RelayQueueUnusable, error.Code);
        Assert.NotEmpty(error.Hint);
    }

    [Fact]
    public async Task A_fault_while_opening_gives_the_folder_back()
    {
        using var disk = new PowerCutDisk();
        await using (var queue = await _scene.OpenAsync()) await SendAsync(queue, "text");
        await File.WriteAllTextAsync(Path.Combine(_scene.Folder, "spool", "left"), "over", Ended);
        disk.Before = (action, _) =>
        {
            if (action == DiskAction.Delete) throw new UnauthorizedAccessException("no");
        };
        _scene.Disk = disk;
        var error = await Assert.ThrowsAsync<MailOpsException>(async () => await _scene.OpenAsync());
        Assert.Equal(ErrorCode.RelayQueueUnusable, error.Code);
        disk.Before = null;
        await using var again = await _scene.OpenAsync();
        Assert.Equal(1, again.Count);
        Assert.Empty(Directory.GetFiles(again.SpoolFolder));
    }

    [Fact]
    public async Task Only_the_user_of_the_relay_can_look_into_a_folder_it_made()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows inherits the permissions of the folder above.");
            return;
        }
        await using var queue = await _scene.OpenAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_scene.Folder));
    }

    [Fact]
    public async Task Only_the_user_of_the_relay_can_look_into_the_folder_that_a_whole_relay_made()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows inherits the permissions of the folder above.");
            return;
        }
        var options = new SmtpRelayOptions { QueuePath = _scene.Folder, HostName = "mx.example.test", Listeners = [new ListenerOptions { Endpoint = "127.0.0.1:0", Tls = TlsMode.None }] };
        await using var relay = await SmtpRelay.StartAsync(options, Ended);
        Assert.Empty(relay.GetTrackingLog(default, default));
        foreach (var folder in Directory.GetDirectories(_scene.Folder).Append(_scene.Folder))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    [Fact]
    public async Task Starting_again_and_again_without_mail_makes_no_files()
    {
        for (var i = 0; i < 3; i++)
        {
            await using var queue = await _scene.OpenAsync();
            Assert.Empty(_scene.Segments());
        }
    }

    [Fact]
    public async Task Many_restarts_do_not_leave_many_segments()
    {
        await using (var queue = await _scene.OpenAsync()) await SendAsync(queue, "waits");
        for (var i = 0; i < 40; i++)
        {
            await using var queue = await _scene.OpenAsync();
            await queue.SettleAsync(await ClaimAsync(queue), [_scene.Deferred()], Ended);
            _scene.Clock.Advance(TimeSpan.FromMinutes(5));
        }
        Assert.InRange(_scene.Segments().Count, 1, 20);
        await using var last = await _scene.OpenAsync();
        Assert.Equal(40, Assert.Single((await ClaimAsync(last)).Due).Attempts);
    }

    [Fact]
    public async Task A_deferred_message_does_not_pin_the_log()
    {
        _scene.Settings = _scene.Settings with { SegmentSize = 10_000 };
        var id = "";
        await using (var queue = await _scene.OpenAsync())
        {
            id = await SendAsync(queue, "waits", "one@example.test", "two@example.test");
            await queue.SettleAsync(await ClaimAsync(queue), [Delivered(0), _scene.Deferred(1, minutes: 600)], Ended);
            for (var i = 0; i < 200; i++)
            {
                await SendAsync(queue, new string('x', 1000));
                await queue.SettleAsync(await ClaimAsync(queue), [Delivered()], Ended);
            }
            await UntilAsync(() => _scene.Segments().Sum(path => new FileInfo(path).Length) < 60_000);
            Assert.Equal(id, Assert.Single(queue.Snapshot()).Id);
        }
        _scene.Clock.Advance(TimeSpan.FromMinutes(600));
        await using var reopened = await _scene.OpenAsync();
        var message = await ClaimAsync(reopened);
        Assert.Equal((id, "waits"), (message.Id, await ReadAsync(message)));
        Assert.Equal((1, 1), (Assert.Single(message.Due).Index, message.Due[0].Attempts));
    }
}
