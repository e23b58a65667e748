using System.Text;
using MailOps.Outlook;

namespace MailOps.Core.Tests.Outlook;

/// <summary>What is written, and what is left when it is not.</summary>
public sealed class OutlookWritingTests : IDisposable
{
    private readonly OutlookScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData("16.0")]
    [InlineData("15.0")]
    [InlineData("14.0")]
    public void Only_what_was_planned_changes_and_a_second_run_writes_nothing(string version)
    {
        _scene.Add("00000001", "a@a.test", version: version, values: [("SMTP Port", 25)]);
        _scene.Add("00000002", "b@a.test", version: version);
        _scene.List("Outlook", version, 1, 2);
        var before = _scene.Registry.Dump();
        var changes = _scene.Registry.Changes;
        var result = _scene.Set("a@a.test");
        Assert.Equal((OutlookChangeStatus.Changed, true, 9, 9), (result.Status, result.PasswordPromptExpected, result.Changes.Length, _scene.Registry.Changes - changes));
        var lines = before.Split('\n');
        string[] planned = ["SMTP Server", "SMTP Port", "SMTP Secure Connection", "SMTP Use SSL", "SMTP Use Auth", "SMTP Auth Method", "SMTP User", "IMAP Server", "Display Name"];
        bool IsPlanned(string line) => line.Contains("\\00000001 ", StringComparison.Ordinal) && planned.Any(name => line.Contains($"[{name}]", StringComparison.Ordinal));
        Assert.Equal(lines.Where(line => !IsPlanned(line)), _scene.Registry.Dump().Split('\n').Where(line => !IsPlanned(line)));
        Assert.True(_scene.Registry.IsOnDisk);
        Assert.Equal((OutlookChangeStatus.Unchanged, null), (_scene.Set("a@a.test").Status, _scene.Set("a@a.test").BackupPath));
        Assert.Equal(changes + 9, _scene.Registry.Changes);
    }

    [Fact]
    public void The_backup_is_there_first_is_private_and_has_no_password()
    {
        _scene.Add("00000001", "a@a.test");
        var before = _scene.Registry.Dump();
        _scene.Crash(1);
        Assert.Equal(before, _scene.Registry.Dump());
        Assert.Equal(["outlook-", "unfinish"], Directory.GetFiles(Path.Combine(_scene.Host.BackupFolder, FakeOutlookHost.OwnSid)).Select(file => Path.GetFileName(file)[..8]).Order(StringComparer.Ordinal));
        using (var next = new OutlookRun(_scene.Host, null, null, force: false)) next.UndoUnfinished();

        var result = _scene.Set("a@a.test");
        var text = File.ReadAllText(result.BackupPath!);
        Assert.DoesNotContain("assword", text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("SMTP Server", text, StringComparison.Ordinal);
        Assert.StartsWith(Path.Combine(_scene.Host.BackupFolder, FakeOutlookHost.OwnSid), result.BackupPath, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(result.BackupPath!));
        Assert.False(File.Exists(Path.Combine(Path.GetDirectoryName(result.BackupPath)!, "unfinished.json")));
    }

    [Fact]
    public void A_backup_that_cannot_be_written_leaves_all_as_it_was()
    {
        _scene.Add("00000001", "a@a.test");
        var (before, taken) = (_scene.Registry.Dump(), _scene.File("taken.json"));
        File.WriteAllText(taken, "kept");
        using var run = new OutlookRun(_scene.Host, null, taken, force: false);
        var result = run.Apply(Assert.Single(run.Plan(new() { EmailAddress = "a@a.test" }, OutlookScene.Wanted)));
        Assert.Equal((OutlookChangeStatus.Failed, ErrorCode.FileExists, before, "kept"), (result.Status, result.ErrorId, _scene.Registry.Dump(), File.ReadAllText(taken)));
    }

    [Fact]
    public void A_refusal_at_any_step_leaves_the_old_values()
    {
        for (var step = 1; step <= 9; step++)
        {
            _scene.Registry.Revive();
            _scene.Add("00000001", "a@a.test");
            var before = _scene.Registry.Dump();
            _scene.Registry.RefusedChange = _scene.Registry.Changes + step;
            var result = _scene.Set("a@a.test");
            Assert.Equal((step, OutlookChangeStatus.Failed, ErrorCode.OutlookWriteFailed, before), (step, result.Status, result.ErrorId, _scene.Registry.Dump()));
            Assert.Null(result.BackupPath);
            Assert.False(result.PasswordPromptExpected);
            Assert.Empty(Directory.GetFiles(Path.Combine(_scene.Host.BackupFolder, FakeOutlookHost.OwnSid), "*.json"));
        }
        _scene.Registry.Revive();
        Assert.Equal(OutlookChangeStatus.Changed, _scene.Set("a@a.test").Status);
    }

    [Fact]
    public void A_value_that_is_not_what_was_written_at_any_step_brings_the_old_ones_back()
    {
        for (var step = 1; step <= 9; step++)
        {
            _scene.Registry.Revive();
            _scene.Add("00000001", "a@a.test");
            var before = _scene.Registry.Dump();
            _scene.Registry.FalsifiedChange = _scene.Registry.Changes + step;
            var result = _scene.Set("a@a.test");
            Assert.Equal((step, OutlookChangeStatus.Failed, ErrorCode.OutlookWriteFailed, before), (step, result.Status, result.ErrorId, _scene.Registry.Dump()));
        }
    }

    [Fact]
    public void A_key_that_may_not_be_written_to_fails_alone_and_leaves_nothing_unfinished()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Add("00000002", "b@a.test");
        _scene.Add("00000003", "c@a.test");
        _scene.Registry.ReadOnlyKey = "00000002";
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        var results = run.Plan(new() { EmailAddress = "*@a.test" }, OutlookScene.Wanted).Select(run.Apply).ToArray();
        Assert.Equal([null, ErrorCode.OutlookWriteFailed, null], results.Select(result => result.ErrorId));
        Assert.False(run.IsUnfinished);
    }

    [Fact]
    public void What_cannot_be_read_is_told_once()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Add("00000002", "b@a.test");
        _scene.Registry.HiddenKey = "00000002";
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        Assert.Single(run.Plan(new() { EmailAddress = "*@a.test" }, OutlookScene.Wanted));
        Assert.Equal(ErrorCode.OutlookRegistryUnreadable, Assert.Single(run.TakeUnreadable()).Code);
        Assert.Single(run.Plan(new() { EmailAddress = "a@a.test" }, OutlookScene.Wanted));
        Assert.Empty(run.TakeUnreadable());
    }

    [Fact]
    public void A_run_that_has_entered_keeps_others_from_planning_on_what_it_is_going_to_change()
    {
        _scene.Add("00000001", "a@a.test");
        using var first = new OutlookRun(_scene.Host, null, null, force: false);
        first.Enter();
        first.Enter();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(150));
        using var second = new OutlookRun(_scene.Host, null, null, force: false) { Stopping = stop.Token };
        Assert.ThrowsAny<OperationCanceledException>(second.Enter);
        first.Dispose();
        using var third = new OutlookRun(_scene.Host, null, null, force: false);
        third.Enter();
    }

    [Fact]
    public void One_account_that_the_settings_do_not_fit_keeps_no_other_from_them()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Add("00000002", "b@a.test", values: [("SMTP User", "b")]);
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        var results = run.Plan(new() { EmailAddress = "*@a.test" }, new() { Authentication = OutlookAuthentication.OwnUser }).Select(run.Apply).ToArray();
        Assert.Equal([OutlookChangeStatus.Failed, OutlookChangeStatus.Changed], results.Select(result => result.Status));
        Assert.Equal((ErrorCode.OutlookSettingsInvalid, "a@a.test"), (results[0].ErrorId, results[0].EmailAddress));
        Assert.NotEmpty(results[0].Advice);
    }

    [Fact]
    public void Outlook_that_runs_is_a_refusal_unless_forced_and_anothers_is_none()
    {
        _scene.Add("00000001", "a@a.test");
        var before = _scene.Registry.Dump();
        _scene.Host.Processes[FakeOutlookHost.OtherSid] = [7];
        _scene.Host.Processes[FakeOutlookHost.OwnSid] = [4711];
        var result = _scene.Set("a@a.test");
        Assert.Equal((OutlookChangeStatus.Failed, ErrorCode.OutlookRunning, before), (result.Status, result.ErrorId, _scene.Registry.Dump()));
        Assert.Contains("4711", result.Reason, StringComparison.Ordinal);
        Assert.Equal(OutlookChangeStatus.Changed, _scene.Set("a@a.test", force: true).Status);
        _scene.Host.Processes.Remove(FakeOutlookHost.OwnSid);
        Assert.Equal(OutlookChangeStatus.Unchanged, _scene.Set("a@a.test").Status);
    }

    [Fact]
    public void What_changed_between_plan_and_write_is_not_written_over()
    {
        using var account = _scene.Add("00000001", "a@a.test");
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        var task = Assert.Single(run.Plan(new() { EmailAddress = "a@a.test" }, OutlookScene.Wanted));
        account.Write("SMTP Server", RegistryData.OfText("by.hand.test"));
        Assert.Equal(ErrorCode.OutlookChangedMeanwhile, run.Apply(task).ErrorId);
        account.Write("SMTP Server", RegistryData.OfText("out.old.test"));
        account.Write("Email", RegistryData.OfText("b@a.test"));
        Assert.Equal(ErrorCode.OutlookChangedMeanwhile, run.Apply(task).ErrorId);
        Assert.Null(account.Read("SMTP User"));
    }

    [Fact]
    public void Two_runs_at_once_do_not_write_to_one_hive()
    {
        _scene.Add("00000001", "a@a.test");
        using var first = new OutlookRun(_scene.Host, null, null, force: false);
        Assert.Equal(OutlookChangeStatus.Changed, first.Apply(first.Plan(new() { EmailAddress = "a@a.test" }, OutlookScene.Wanted)[0]).Status);
        using var second = new OutlookRun(_scene.Host, null, null, force: false);
        Assert.Equal(ErrorCode.OutlookBusy, second.Apply(second.Plan(new() { EmailAddress = "a@a.test" }, new() { Port = 2525 })[0]).ErrorId);
    }

    [Fact]
    public async Task A_wait_for_another_run_ends_when_it_is_cancelled()
    {
        _scene.Add("00000001", "a@a.test");
        using var first = new OutlookRun(_scene.Host, null, null, force: false);
        first.Apply(first.Plan(new() { EmailAddress = "a@a.test" }, OutlookScene.Wanted)[0]);
        using var stop = new CancellationTokenSource();
        using var second = new OutlookRun(_scene.Host, null, null, force: false) { Stopping = stop.Token };
        var waiting = Task.Run(() => second.Apply(second.Plan(new() { EmailAddress = "a@a.test" }, new() { Port = 2525 })[0]), TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);   // OutlookBusy would be a result
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_stale_password_is_removed_unread_and_only_where_it_is_asked_for(bool removes, bool stays)
    {
        using var account = _scene.Add("00000001", "a@a.test", values: [("SMTP Use Auth", 1), ("SMTP Auth Method", 1), ("SMTP User", "u"), ("SMTP Password", new RegistryData(RegistryDataKind.Binary, [1]))]);
        using var run = new OutlookRun(_scene.Host, null, null, force: false) { RemovesStalePasswords = removes };
        var result = run.Apply(run.Plan(new() { EmailAddress = "a@a.test" }, new() { Authentication = OutlookAuthentication.SameAsIncoming })[0]);
        Assert.Equal((OutlookChangeStatus.Changed, stays), (result.Status, account.ValueNames().Contains("SMTP Password")));
        Assert.Contains(result.Notes, note => note.Contains("password", StringComparison.Ordinal));
        Assert.Contains("IMAP Password", account.ValueNames());
    }

    [Fact]
    public void A_stale_password_of_an_earlier_run_is_removed_by_the_next_that_is_asked_to()
    {
        using var account = _scene.Add("00000001", "a@a.test", values: [("SMTP Use Auth", 1), ("SMTP Password", new RegistryData(RegistryDataKind.Binary, [1]))]);
        using var own = _scene.Add("00000002", "b@a.test", values: [("SMTP Use Auth", 1), ("SMTP Auth Method", 1), ("SMTP User", "b"), ("SMTP Password", new RegistryData(RegistryDataKind.Binary, [1]))]);
        using (var asks = new OutlookRun(_scene.Host, null, null, force: false))
            Assert.Equal(OutlookChangeStatus.Unchanged, asks.Apply(asks.Plan(new() { EmailAddress = "a@a.test" }, new() { Encryption = OutlookEncryption.None })[0]).Status);
        using var run = new OutlookRun(_scene.Host, null, null, force: false) { RemovesStalePasswords = true };
        var tasks = run.Plan(new() { EmailAddress = "*@a.test" }, new() { Encryption = OutlookEncryption.None });
        Assert.Equal([true, false], tasks.Select(task => task.IsChange));
        Assert.Equal("SMTP Password: (saved) -> (not set)", Assert.Single(tasks[0].Changes).ToString());
        Assert.Contains("SMTP Password", account.ValueNames());
        var result = run.Apply(tasks[0]);
        Assert.Equal((OutlookChangeStatus.Changed, null, false), (result.Status, result.BackupPath, result.PasswordPromptExpected));
        Assert.DoesNotContain("SMTP Password", account.ValueNames());
        run.Apply(tasks[1]);
        Assert.Contains("SMTP Password", own.ValueNames());
    }

    [Fact]
    public void Hostile_values_are_written_over_and_come_back_byte_for_byte()
    {
        RegistryData[] hostile =
        [
            new(RegistryDataKind.Text, [65]), new(RegistryDataKind.Binary, [65, 0, 66]), new(RegistryDataKind.Text, Encoding.Unicode.GetBytes("no NUL")), new(RegistryDataKind.Number, [1, 2]),
            new((RegistryDataKind)7, [1, 0]), new(RegistryDataKind.None, []), RegistryData.OfText(new string('x', 100_000)), RegistryData.OfText("\u001b\ud83d"),
        ];
        foreach (var data in hostile)
        {
            _scene.Add("00000001", "a@a.test", values: [("SMTP Server", data), ("SMTP Port", data), ("SMTP User", data), ("IMAP Server", data), ("Display Name", data)]);
            var before = _scene.Registry.Dump();
            var result = _scene.Set("a@a.test");
            Assert.Equal((OutlookChangeStatus.Changed, ""), (result.Status, result.Reason));
            using var run = new OutlookRun(_scene.Host, null, null, force: false);
            Assert.Equal(OutlookChangeStatus.Changed, run.Restore(Assert.Single(run.PlanRestore(result.BackupPath!)), evenIfChanged: false).Status);
            Assert.Equal(before, _scene.Registry.Dump());
            _scene.Registry.Remove($@"{FakeOutlookHost.OwnSid}\{OutlookScene.ProfilesOf("16.0")}\Outlook");
        }
    }
}
