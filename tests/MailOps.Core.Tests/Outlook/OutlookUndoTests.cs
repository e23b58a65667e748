using MailOps.Outlook;

namespace MailOps.Core.Tests.Outlook;

/// <summary>What is put back where a run, or the one after it, could not do what it was to.</summary>
public sealed class OutlookUndoTests : IDisposable
{
    private readonly OutlookScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void After_a_crash_at_any_step_the_next_run_puts_the_old_values_back_first()
    {
        for (var step = 1; step <= 9; step++)
        {
            _scene.Registry.Revive();
            _scene.Add("00000001", "a@a.test");
            var before = _scene.Registry.Dump();
            _scene.Registry.CrashedChange = _scene.Registry.Changes + step;
            Assert.Throws<MemoryRegistry.ProcessDiedException>(() => _scene.Set("a@a.test"));
            _scene.Registry.Revive();
            using var run = new OutlookRun(_scene.Host, null, null, force: false);
            Assert.True(run.IsUnfinished);
            _scene.Host.Processes[FakeOutlookHost.OwnSid] = [4];
            Assert.Equal(ErrorCode.OutlookRunning, Assert.Throws<MailOpsException>(() => run.UndoUnfinished()).Code);
            _scene.Host.Processes.Clear();
            Assert.Contains("a@a.test", run.UndoUnfinished(), StringComparison.Ordinal);
            Assert.Equal((step, before, false), (step, _scene.Registry.Dump(), run.IsUnfinished));
            Assert.Null(run.UndoUnfinished());
        }
    }

    [Fact]
    public void What_does_not_come_to_the_disk_is_kept_as_unfinished()
    {
        _scene.Add("00000001", "a@a.test");
        var before = _scene.Registry.Dump();
        _scene.Registry.RefusesFlush = true;
        Assert.Equal(ErrorCode.OutlookUndoFailed, _scene.Set("a@a.test").ErrorId);
        _scene.Registry.RefusesFlush = false;
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        Assert.True(run.IsUnfinished);
        Assert.Contains("its old values are back.", run.UndoUnfinished(), StringComparison.Ordinal);
        Assert.Equal((before, true), (_scene.Registry.Dump(), _scene.Registry.IsOnDisk));
    }

    [Fact]
    public void One_value_that_cannot_be_put_back_keeps_no_other_from_it()
    {
        using var account = _scene.Add("00000001", "a@a.test", values: [("SMTP Port", 25)]);
        var before = _scene.Registry.Dump();
        _scene.Crash(9);
        _scene.Registry.RefusedName = "SMTP Server";
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        Assert.Equal(ErrorCode.OutlookUndoFailed, Assert.Throws<MailOpsException>(() => run.UndoUnfinished()).Code);
        Assert.Equal(("out.new.test", 25, true), (account.Read("SMTP Server")!.AsText(), account.Read("SMTP Port")!.AsNumber(), run.IsUnfinished));
        _scene.Registry.RefusedName = null;
        Assert.NotNull(run.UndoUnfinished());
        Assert.Equal((before, true), (_scene.Registry.Dump(), _scene.Registry.IsOnDisk));
    }

    [Fact]
    public void What_is_put_back_is_read_back_too()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Crash(9);
        _scene.Registry.FalsifiedChange = 1;
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        Assert.Equal(ErrorCode.OutlookUndoFailed, Assert.Throws<MailOpsException>(() => run.UndoUnfinished()).Code);
        Assert.True(run.IsUnfinished);
    }

    [Fact]
    public void What_can_never_be_put_back_is_set_aside_when_that_is_asked_for_and_can_be_restored()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Add("00000002", "b@a.test");
        var before = _scene.Registry.Dump();
        _scene.Crash(9);
        _scene.Registry.RefusedName = "SMTP Server";
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        Assert.Throws<MailOpsException>(() => run.UndoUnfinished());
        var told = run.UndoUnfinished(givesUp: true);
        _scene.Registry.RefusedName = null;
        Assert.False(run.IsUnfinished);
        var aside = Assert.Single(Directory.GetFiles(Path.Combine(_scene.Host.BackupFolder, FakeOutlookHost.OwnSid), "unfinished-*.json"));
        Assert.Contains(aside, told, StringComparison.Ordinal);
        Assert.Equal(OutlookChangeStatus.Changed, run.Restore(Assert.Single(run.PlanRestore(aside)), evenIfChanged: true).Status);
        Assert.Equal(before, _scene.Registry.Dump());
        Assert.Equal(OutlookChangeStatus.Changed, run.Apply(Assert.Single(run.Plan(new() { EmailAddress = "b@a.test" }, OutlookScene.Wanted))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"format\":\"MailOps.OutlookBackup\",\"version\":\"1\",\"userSid\":\"S-1-5-21-1-2-3-1001\",\"accounts\":[]}")]
    [InlineData("{\"format\":\"MailOps.OutlookBackup\",\"version\":\"1\",\"userSid\":\"S-1-5-21-1-2-3-1002\",\"accounts\":[]}")]
    public void A_note_that_says_nothing_of_use_is_set_aside_and_blocks_nobody(string note)
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Crash(1);
        var folder = Path.Combine(_scene.Host.BackupFolder, FakeOutlookHost.OwnSid);
        File.WriteAllText(Path.Combine(folder, "unfinished.json"), note);
        using (var run = new OutlookRun(_scene.Host, null, null, force: false))
        {
            Assert.Contains("is not undone", run.UndoUnfinished(), StringComparison.Ordinal);
            Assert.False(run.IsUnfinished);
        }
        Assert.Equal(note, File.ReadAllText(Assert.Single(Directory.GetFiles(folder, "unfinished-*.json"))));
        Assert.Equal(OutlookChangeStatus.Changed, _scene.Set("a@a.test").Status);
    }

    [Fact]
    public void A_note_that_cannot_be_removed_is_told_with_what_the_account_has_now()
    {
        _scene.Add("00000001", "a@a.test");
        var note = Path.Combine(_scene.Host.BackupFolder, FakeOutlookHost.OwnSid, "unfinished.json");
        _scene.Registry.Flushed = () =>
        {
            File.Delete(note);
            Directory.CreateDirectory(note);   // which File.Delete does not remove
        };
        var result = _scene.Set("a@a.test");
        Assert.Equal((OutlookChangeStatus.Failed, ErrorCode.FileUnwritable), (result.Status, result.ErrorId));
        Assert.Contains("the next run puts the old values back", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_that_is_gone_after_a_crash_is_said_to_be()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Crash(3);
        _scene.Registry.Remove($@"{FakeOutlookHost.OwnSid}\{OutlookScene.Office16}\Profiles\Outlook\{OutlookScene.Accounts}\00000001");
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        Assert.Contains("the account is gone", run.UndoUnfinished(), StringComparison.Ordinal);
        Assert.False(run.IsUnfinished);
    }

    [Fact]
    public void A_crash_in_the_undoing_is_undone_by_the_next_run()
    {
        _scene.Add("00000001", "a@a.test");
        var before = _scene.Registry.Dump();
        for (var step = 1; step <= 9; step++)
        {
            _scene.Crash(9);   // the last value is not written
            using (var run = new OutlookRun(_scene.Host, null, null, force: false))
            {
                _scene.Registry.CrashedChange = step;
                if (step < 9) Assert.Throws<MemoryRegistry.ProcessDiedException>(() => run.UndoUnfinished());
                else Assert.NotNull(run.UndoUnfinished());
            }
            _scene.Registry.Revive();
            using var next = new OutlookRun(_scene.Host, null, null, force: false);
            next.UndoUnfinished();
            Assert.Equal((step, before), (step, _scene.Registry.Dump()));
        }
    }

    [Fact]
    public void What_was_written_to_after_a_crash_stays_and_is_told()
    {
        using var account = _scene.Add("00000001", "a@a.test");
        _scene.Registry.CrashedChange = _scene.Registry.Changes + 3;
        Assert.Throws<MemoryRegistry.ProcessDiedException>(() => _scene.Set("a@a.test"));
        _scene.Registry.Revive();
        account.Write("SMTP Server", RegistryData.OfText("by.hand.test"));
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        Assert.EndsWith("since then: SMTP Server.", run.UndoUnfinished(), StringComparison.Ordinal);
        Assert.Equal("by.hand.test", account.Read("SMTP Server")!.AsText());
        Assert.Null(account.Read("SMTP Port"));
    }

    [Fact]
    public void Old_values_that_cannot_be_put_back_are_kept_for_the_next_run_and_nothing_else_is_begun()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Add("00000002", "b@a.test");
        var before = _scene.Registry.Dump();
        (_scene.Registry.RefusedChange, _scene.Registry.StaysRefused) = (_scene.Registry.Changes + 3, true);
        using (var run = new OutlookRun(_scene.Host, null, null, force: false))
        {
            Assert.Equal(ErrorCode.OutlookUndoFailed, run.Apply(Assert.Single(run.Plan(new() { EmailAddress = "a@a.test" }, OutlookScene.Wanted))).ErrorId);
            Assert.Equal(ErrorCode.OutlookUndoFailed, run.Apply(Assert.Single(run.Plan(new() { EmailAddress = "b@a.test" }, OutlookScene.Wanted))).ErrorId);
            Assert.True(run.IsUnfinished);
        }
        _scene.Registry.Revive();
        using var next = new OutlookRun(_scene.Host, null, null, force: false);
        Assert.NotNull(next.UndoUnfinished());
        Assert.Equal(before, _scene.Registry.Dump());
    }
}
