using MailOps.Core.Tests.Outlook.Exports;
using MailOps.Outlook;
using MailOps.Outlook.Exports;

namespace MailOps.Core.Tests.Outlook;

public sealed class PrfStagingTests : IDisposable
{
    private const string Setup = OutlookScene.Office16 + @"\Setup";
    private static readonly byte[] Content = Contoso.Definition.Export(MailClientFormat.Prf, Contoso.User).Content;
    private static readonly PrfDocument Document = PrfDocument.Parse(Content);
    private readonly OutlookScene _scene = new();
    private readonly string _path;

    public PrfStagingTests() => _path = _scene.File("user.prf");

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void Staging_writes_the_file_points_to_it_and_takes_away_that_Outlook_has_run()
    {
        AddSetup();
        var before = _scene.Registry.Dump();
        Assert.Equal(OutlookProfileState.None, State());
        Stage();

        Assert.Equal(OutlookProfileState.Staged, State());
        Assert.Equal(Content, File.ReadAllBytes(_path));
        using var setup = _scene.Hive(Setup);
        Assert.Equal(RegistryData.OfText(_path), setup.Read("ImportPRF"));
        Assert.Equal(["ImportPRF", "Other"], setup.ValueNames().Order(StringComparer.Ordinal));
        string[] gone = [.. before.Split('\n').Except(_scene.Registry.Dump().Split('\n'))];
        Assert.Equal(2, gone.Length);
        Assert.All(gone, line => Assert.Contains("First", line, StringComparison.Ordinal));
    }

    [Fact]
    public void States_follow_what_Outlook_does()
    {
        Stage();
        Assert.Equal(OutlookProfileState.Staged, State());
        using (var setup = _scene.Hive(Setup))
        {
            setup.Write("First-Run", new RegistryData(RegistryDataKind.Binary, [1]));
            Assert.Equal(OutlookProfileState.None, State());   // Outlook would not look
            setup.Delete("ImportPRF");
        }
        Assert.Equal(OutlookProfileState.Consumed, State());
        using var account = _scene.Add("00000002", "User@Contoso.Example", OutlookScene.Imap, "CONTOSO", values: [("IMAP Server", "imap.contoso.example"), ("SMTP Server", "other.example")]);
        Assert.Equal(OutlookProfileState.Different, State());
        account.Write("SMTP Server", RegistryData.OfText("SMTP.contoso.example"));
        Assert.Equal(OutlookProfileState.Verified, State());
    }

    [Theory]
    [InlineData(OutlookScene.Pop3, "Contoso", "user@contoso.example", "16.0")]
    [InlineData(OutlookScene.Mapi, "Contoso", "user@contoso.example", "16.0")]
    [InlineData(OutlookScene.Imap, "Other", "user@contoso.example", "16.0")]
    [InlineData(OutlookScene.Imap, "Contoso", "other@contoso.example", "16.0")]
    [InlineData(OutlookScene.Imap, "Contoso", "user@contoso.example", "15.0")]
    public void Another_account_verifies_nothing(string classId, string profile, string address, string version)
    {
        _scene.Add("00000002", address, classId, profile, version, [("IMAP Server", "imap.contoso.example"), ("SMTP Server", "smtp.contoso.example")]).Dispose();
        Assert.Equal(OutlookProfileState.None, State("16.0"));
    }

    [Fact]
    public void A_file_that_was_changed_or_another_that_waits_is_not_staged()
    {
        Stage();
        File.WriteAllBytes(_path, [.. Content, (byte)'x']);
        Assert.Equal(OutlookProfileState.None, State());
        Stage();   // the same place may be staged again
        Assert.Equal(OutlookProfileState.Staged, State());
        using (var setup = _scene.Hive(Setup)) setup.Write("ImportPRF", RegistryData.OfText(@"\\server\other\u001b.prf"));
        Assert.Equal(OutlookProfileState.None, State());
        var before = _scene.Registry.Dump();
        var error = Assert.Throws<MailOpsException>(() => Stage());
        Assert.Equal(ErrorCode.PrfStaged, error.Code);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.Equal(before, _scene.Registry.Dump());
        Stage(force: true);
        Assert.Equal(OutlookProfileState.Staged, State());
    }

    [Fact]
    public void While_Outlook_runs_nothing_is_staged_unless_forced()
    {
        _scene.Host.Processes[FakeOutlookHost.OwnSid] = [7, 8];
        var error = Assert.Throws<MailOpsException>(() => Stage());
        Assert.Equal(ErrorCode.OutlookRunning, error.Code);
        Assert.Contains("process 7, 8", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_path));
        Assert.Equal(0, _scene.Registry.Changes);
        Stage(force: true);
        Assert.Equal(OutlookProfileState.Staged, State());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_is_refused_or_falsified_all_is_as_it_was(bool falsified)
    {
        AddSetup();
        var before = _scene.Registry.Dump();
        for (var change = 1; change <= 3; change++)
        {
            _scene.Registry.Revive();
            if (falsified) _scene.Registry.FalsifiedChange = change;
            else _scene.Registry.RefusedChange = change;
            Assert.Equal(ErrorCode.OutlookWriteFailed, Assert.Throws<MailOpsException>(() => Stage()).Code);
            Assert.Equal(before, _scene.Registry.Dump());
            Assert.False(File.Exists(_path));
        }
        _scene.Registry.Revive();
        Stage();
        Assert.Equal(3, _scene.Registry.Changes);
    }

    [Fact]
    public void A_crash_on_the_way_leaves_an_Outlook_that_starts_as_ever_and_the_next_run_goes_on()
    {
        AddSetup();
        for (var change = 1; change <= 3; change++)
        {
            _scene.Registry.Revive();
            _scene.Registry.CrashedChange = change;
            Assert.Throws<MemoryRegistry.ProcessDiedException>(() => Stage());
            _scene.Registry.Revive();
            Assert.Equal(OutlookProfileState.None, State());
        }
        Stage();
        Assert.Equal(OutlookProfileState.Staged, State());
    }

    [Fact]
    public void A_user_without_an_Outlook_yet_has_the_file_before_Outlook_is_told_of_it()
    {
        for (var change = 1; change <= 3; change++)
        {
            File.Delete(_path);
            _scene.Registry.Revive();
            _scene.Registry.CrashedChange = change;
            if (change < 3) Assert.Throws<MemoryRegistry.ProcessDiedException>(() => Stage());
            else Stage();
            Assert.Equal(Content, File.ReadAllBytes(_path));
        }
        Assert.Equal((OutlookProfileState.Staged, 1), (State(), _scene.Registry.Changes));
        Assert.True(_scene.Registry.IsOnDisk);
    }

    [Fact]
    public void A_file_that_nobody_staged_was_not_consumed()
    {
        AddSetup();
        File.WriteAllBytes(_path, Content);
        Assert.Equal(OutlookProfileState.None, State());
    }

    [Fact]
    public void A_refusal_brings_an_older_file_back_and_what_stays_is_said()
    {
        AddSetup();
        byte[] old = [1, 2, 3];
        File.WriteAllBytes(_path, old);
        _scene.Registry.RefusedName = "FirstRun";
        var before = _scene.Registry.Dump();
        Assert.Equal(ErrorCode.OutlookWriteFailed, Assert.Throws<MailOpsException>(() => Stage()).Code);
        Assert.Equal((before, true), (_scene.Registry.Dump(), _scene.Registry.IsOnDisk));
        Assert.Equal(old, File.ReadAllBytes(_path));

        _scene.Registry.Revive();
        (_scene.Registry.RefusedChange, _scene.Registry.StaysRefused) = (2, true);
        var error = Assert.Throws<MailOpsException>(() => Stage());
        Assert.Equal(ErrorCode.OutlookUndoFailed, error.Code);
        Assert.Contains("'ImportPRF' is refused", error.Message, StringComparison.Ordinal);
        Assert.Equal(old, File.ReadAllBytes(_path));
    }

    [Theory]
    [InlineData("Account1=IMAP_I_Mail", "Account1=IMAP_I_Mail", "SMTPServer=smtp.contoso.example", "SMTPServer=other.contoso.example", true)]
    [InlineData("ProfileName=Contoso", "ProfileName=Other", "x", "x", false)]
    [InlineData("EmailAddress=user@contoso.example", "EmailAddress=two@contoso.example", "x", "x", false)]
    public void An_account_that_waits_under_the_same_name_loses_its_turn_to_no_other(string waits, string comes, string more, string other, bool isTaken)
    {
        Stage();
        var text = System.Text.Encoding.Latin1.GetString(Content).Replace(waits, comes, StringComparison.Ordinal).Replace(more, other, StringComparison.Ordinal);
        var content = System.Text.Encoding.Latin1.GetBytes(text);
        Assert.Empty(PrfDocument.Parse(content).Faults);
        var error = Record.Exception(() => Staging<object?>(null, staging => { staging.Stage(content, _path, force: false); return null; }));
        if (isTaken) Assert.Null(error);
        else Assert.Equal(ErrorCode.PrfStaged, Assert.IsType<MailOpsException>(error).Code);
        Assert.Equal(isTaken ? content : Content, File.ReadAllBytes(_path));
    }

    [Fact]
    public void A_file_that_is_no_PRF_by_its_size_is_not_replaced()
    {
        using (var large = File.Create(_path)) large.SetLength(PrfDocument.MaxSize + 1);
        Assert.Equal(ErrorCode.FileUnwritable, Assert.Throws<MailOpsException>(() => Stage()).Code);
        Assert.Equal(0, _scene.Registry.Changes);
    }

    [Theory]
    [InlineData("16.0", "16.0")]
    [InlineData("15.0", "15.0")]
    [InlineData("14.0", "16.0")]
    [InlineData(null, "16.0")]
    public void The_newest_version_that_has_been_here_imports_it(string? version, string expected)
    {
        if (version is not null) _scene.Add("00000002", "a@b.test", version: version).Dispose();
        using (_scene.Hive(OutlookScene.Office16 + @"\Resiliency")) Assert.Equal(expected, Staging(null, hive => hive.Version));
    }

    [Fact]
    public void The_file_of_another_user_needs_a_place()
    {
        _scene.Registry.Key(FakeOutlookHost.OtherSid).Dispose();
        Assert.EndsWith("Prf", Staging(null, staging => staging.DefaultFolder), StringComparison.Ordinal);
        using var other = OutlookHive.Open(_scene.Host, FakeOutlookHost.OtherSid);
        var error = Assert.Throws<MailOpsException>(() => new PrfStaging(_scene.Host, other, null).DefaultFolder);
        Assert.Contains("-StagingPath", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_written_changes_nothing()
    {
        AddSetup();
        var before = _scene.Registry.Dump();
        var blocked = Path.Combine(_scene.File("file"), "user.prf");
        File.WriteAllText(_scene.File("file"), "");
        Assert.Equal(ErrorCode.FileUnwritable, Assert.Throws<MailOpsException>(() => Staging<object?>(null, staging => { staging.Stage(Content, blocked, force: false); return null; })).Code);
        Assert.Equal(before, _scene.Registry.Dump());
    }

    private void AddSetup()
    {
        using var setup = _scene.Hive(Setup);
        setup.Write("First-Run", new RegistryData(RegistryDataKind.Binary, [1, 2]));
        setup.Write("FirstRun", new RegistryData(RegistryDataKind.Binary, [3]));
        setup.Write("Other", RegistryData.OfNumber(1));
        _scene.Registry.Revive();
    }

    private void Stage(bool force = false) => Staging<object?>(null, staging =>
    {
        staging.Stage(Content, _path, force);
        return null;
    });

    private OutlookProfileState State(string? version = null) => Staging(version, staging => staging.State(Document, Content, _path));

    private T Staging<T>(string? version, Func<PrfStaging, T> use)
    {
        using var hive = OutlookHive.Open(_scene.Host, null);
        return use(new PrfStaging(_scene.Host, hive, version));
    }
}
