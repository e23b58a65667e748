using System.Text;
using MailOps.Outlook;

namespace MailOps.Core.Tests.Outlook;

public sealed class OutlookRestoreTests : IDisposable
{
    private static readonly OutlookSettings Wanted = new OutlookSettings { SmtpServer = "out.new.test", Port = 2525, UserName = "u" }.Check();

    private readonly OutlookScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void A_run_is_undone_as_a_whole_and_a_second_time_nothing_is_written()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Add("00000001", "b@a.test", version: "15.0");
        var before = _scene.Registry.Dump();
        var path = SetAll();
        Assert.NotEqual(before, _scene.Registry.Dump());
        Assert.Equal([OutlookChangeStatus.Changed, OutlookChangeStatus.Changed], Restore(path).Select(result => result.Status));
        Assert.Equal(before, _scene.Registry.Dump());
        var changes = _scene.Registry.Changes;
        Assert.Equal([OutlookChangeStatus.Unchanged, OutlookChangeStatus.Unchanged], Restore(path).Select(result => result.Status));
        Assert.Equal(changes, _scene.Registry.Changes);
    }

    [Fact]
    public void What_has_changed_since_stays_unless_forced_and_another_account_stays_in_any_case()
    {
        using var account = _scene.Add("00000001", "a@a.test");
        var path = SetAll();
        account.Write("SMTP Port", RegistryData.OfNumber(1234));
        var before = _scene.Registry.Dump();
        Assert.Equal(ErrorCode.OutlookChangedMeanwhile, Assert.Single(Restore(path)).ErrorId);
        Assert.Equal(before, _scene.Registry.Dump());
        account.Write("Email", RegistryData.OfText("other@a.test"));
        Assert.Equal(ErrorCode.OutlookChangedMeanwhile, Assert.Single(Restore(path, force: true)).ErrorId);
        account.Write("Email", RegistryData.OfText("a@a.test"));
        Assert.Equal(OutlookChangeStatus.Changed, Assert.Single(Restore(path, force: true)).Status);
        Assert.Null(account.Read("SMTP Port"));
        _scene.Registry.Remove($@"{FakeOutlookHost.OwnSid}\{OutlookScene.ProfilesOf("16.0")}\Outlook");
        Assert.Equal(ErrorCode.OutlookChangedMeanwhile, Assert.Single(Restore(path, force: true)).ErrorId);
    }

    [Fact]
    public void A_restore_can_itself_be_undone()
    {
        _scene.Add("00000001", "a@a.test");
        var path = SetAll();
        var changed = _scene.Registry.Dump();
        var undone = Assert.Single(Restore(path));
        Assert.False(undone.PasswordPromptExpected);   // it does not log in to send, as before
        Restore(undone.BackupPath!);
        Assert.Equal(changed, _scene.Registry.Dump());
    }

    [Theory]
    [InlineData(64)]
    [InlineData(12)]
    [InlineData(-65529)]
    public void Values_of_any_kind_come_back(int kind)
    {
        using var account = _scene.Add("00000001", "a@a.test", values: [("SMTP Server", new RegistryData((RegistryDataKind)kind, [1, 2, 3]))]);
        var before = _scene.Registry.Dump();
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        var set = run.Apply(Assert.Single(run.Plan(new() { EmailAddress = "a@a.test" }, new() { SmtpServer = "new.test" })));
        File.WriteAllBytes(set.BackupPath!, [0xEF, 0xBB, 0xBF, .. File.ReadAllBytes(set.BackupPath!)]);   // as an editor saves it
        Assert.Equal(OutlookChangeStatus.Changed, run.Restore(Assert.Single(run.PlanRestore(set.BackupPath!)), evenIfChanged: false).Status);
        Assert.Equal(before, _scene.Registry.Dump());
    }

    [Theory]
    [InlineData("\"SMTP Server\"", "\"SMTP Password\"")]
    [InlineData("\"SMTP Server\"", "\"IMAP Password\"")]
    [InlineData("\"SMTP Server\"", "\"clsid\"")]
    [InlineData("\"SMTP Server\"", "\"Mini UID\"")]
    [InlineData("\"SMTP Server\"", "\"Email\"")]
    [InlineData("\"SMTP Server\"", "\"Account Name\"")]
    [InlineData("\"SMTP Server\"", "\"Delivery Store EntryID\"")]
    [InlineData("\"SMTP Server\"", "\"POP3 Server\"")]
    [InlineData("\"SMTP Server\"", "\"smtp server\"")]
    [InlineData("\"SMTP Server\"", "\"SMTP Server\\u0000\"")]
    [InlineData("\"SMTP Server\"", "\"\"")]
    [InlineData("\"00000001\"", "\"0000001\"")]
    [InlineData("\"00000001\"", "\"..\\\\000001\"")]
    [InlineData("\"Outlook\"", "\"Outlook\\\\..\\\\Other\"")]
    [InlineData("\"Outlook\"", "\"\"")]
    [InlineData("\"16.0\"", "\"12.0\"")]
    [InlineData("\"Imap\"", "\"Exchange\"")]
    [InlineData("\"Imap\"", "\"1\"")]
    [InlineData("\"kind\": 1", "\"kind\": 99999999999")]
    [InlineData("\"kind\": 1", "\"kind\": \"x\"")]
    [InlineData("\"bytes\": \"", "\"bytes\": \"zz")]
    [InlineData("\"bytes\": \"", "\"bytes\": \"0")]
    [InlineData("MailOps.OutlookBackup", "Other")]
    [InlineData("\"version\": \"1\"", "\"version\": \"2\"")]
    [InlineData("\"accounts\"", "\"others\"")]
    [InlineData("\"before\"", "\"was\"")]
    [InlineData("{", "")]
    [InlineData(FakeOutlookHost.OwnSid, FakeOutlookHost.OtherSid)]
    public void A_file_that_names_what_may_not_be_written_is_refused_as_a_whole(string text, string instead)
    {
        _scene.Add("00000001", "a@a.test");
        var path = SetAll();
        var json = File.ReadAllText(path);
        var at = json.IndexOf(text, StringComparison.Ordinal);
        Assert.True(at >= 0, json);
        File.WriteAllText(path, json[..at] + instead + json[(at + text.Length)..]);
        var before = _scene.Registry.Dump();
        var error = Assert.Throws<MailOpsException>(() => Restore(path, force: true));
        Assert.Equal(ErrorCode.OutlookBackupInvalid, error.Code);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.Equal(before, _scene.Registry.Dump());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\u0000\u0001")]
    [InlineData("{\"format\":{\"a\":1}}")]
    [InlineData("{\"format\":\"MailOps.OutlookBackup\",\"version\":\"1\",\"userSid\":\"S-1-5-21-1-2-3-1001\",\"accounts\":null}")]
    [InlineData("{\"format\":\"MailOps.OutlookBackup\",\"version\":\"1\",\"userSid\":\"S-1-5-21-1-2-3-1001\",\"accounts\":\"x\"}")]
    public void What_is_no_backup_is_an_error_of_its_own(string content)
    {
        var path = _scene.File("x.json");
        File.WriteAllText(path, content);
        _scene.Add("00000001", "a@a.test");
        Assert.Equal(ErrorCode.OutlookBackupInvalid, Assert.Throws<MailOpsException>(() => Restore(path)).Code);
        File.WriteAllText(path, new StringBuilder().Insert(0, "{\"a\":", 5000).ToString());
        Assert.Equal(ErrorCode.OutlookBackupInvalid, Assert.Throws<MailOpsException>(() => Restore(path)).Code);
        Assert.Equal(ErrorCode.FileUnreadable, Assert.Throws<MailOpsException>(() => Restore(path + ".none")).Code);
    }

    private string SetAll()
    {
        using var run = new OutlookRun(_scene.Host, null, null, force: false);
        foreach (var task in run.Plan(new() { EmailAddress = "*" }, Wanted)) Assert.Equal(OutlookChangeStatus.Changed, run.Apply(task).Status);
        return run.BackupPath!;
    }

    private OutlookSmtpChange[] Restore(string path, bool force = false)
    {
        using var run = new OutlookRun(_scene.Host, null, null, force);
        return [.. run.PlanRestore(path).Select(task => run.Restore(task, force))];
    }
}
