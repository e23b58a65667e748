using System.Globalization;
using System.Text;
using MailOps.Core.Tests.Outlook.Exports;
using MailOps.Outlook;

namespace MailOps.Core.Tests.Outlook;

public sealed class PrfImportsTests : IDisposable
{
    private const string Setup = OutlookScene.Office16 + @"\Setup";
    private static readonly byte[] Content = Contoso.Definition.Export(MailClientFormat.Prf, Contoso.User).Content;
    private readonly OutlookScene _scene = new();
    private readonly string _path;

    public PrfImportsTests() => _path = _scene.File("user.prf");

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void A_staged_account_stands_after_those_that_are_there()
    {
        _scene.Add("00000001", "a@a.test").Dispose();
        Stage(_path);
        var profiles = _scene.Read();
        Assert.Equal(2, profiles.Length);
        Assert.Equal((OutlookProfileState.None, null), (profiles[0].State, profiles[0].PrfPath));
        var staged = profiles[1];
        Assert.Equal((OutlookProfileState.Staged, _path), (staged.State, staged.PrfPath));
        Assert.Equal(("user@contoso.example", "Contoso", OutlookAccountType.Imap), (staged.EmailAddress, staged.ProfileName, staged.AccountType));
        Assert.Equal(("smtp.contoso.example", "imap.contoso.example"), (staged.SmtpServer, staged.IncomingServer));
        Assert.Equal(("16.0", "", false), (staged.OutlookVersion, staged.AccountKey, staged.IsApplicable));
        Assert.EndsWith(Setup, staged.RegistryPath, StringComparison.Ordinal);
        Assert.Single(staged.Notes);
        Assert.True(OutlookProfiles.IsMeant(staged, ["*@contoso.example"], [], []));
        Assert.False(OutlookProfiles.IsMeant(staged, [], ["Other"], []));
    }

    [Fact]
    public void The_state_follows_what_Outlook_does()
    {
        Stage(_path);
        using (var setup = _scene.Hive(Setup))
        {
            setup.Write("First-Run", new RegistryData(RegistryDataKind.Binary, [1]));
            var blind = Assert.Single(_scene.Read());
            Assert.Equal(OutlookProfileState.None, blind.State);
            Assert.Contains("does not look", blind.Notes[0], StringComparison.Ordinal);
            setup.Delete("ImportPRF");
        }
        var consumed = Assert.Single(_scene.Read());
        Assert.Equal((OutlookProfileState.Consumed, _path, ""), (consumed.State, consumed.PrfPath, consumed.AccountKey));
        Assert.Contains("second start", consumed.Notes[0], StringComparison.Ordinal);

        using var account = _scene.Add("00000002", "User@Contoso.Example", OutlookScene.Imap, "CONTOSO", values: [("IMAP Server", "imap.contoso.example"), ("SMTP Server", "other.example")]);
        var different = Assert.Single(_scene.Read());
        Assert.Equal((OutlookProfileState.Different, _path, "00000002"), (different.State, different.PrfPath, different.AccountKey));
        account.Write("SMTP Server", RegistryData.OfText("smtp.contoso.example"));
        var verified = Assert.Single(_scene.Read());
        Assert.Equal((OutlookProfileState.Verified, true), (verified.State, verified.IsApplicable));
    }

    [Fact]
    public void Each_account_of_a_file_has_its_own_state()
    {
        var text = Encoding.Latin1.GetString(Content);
        var from = text.IndexOf("[Account1]", StringComparison.Ordinal);
        var account = text[from..text.IndexOf("[IMAP_I_Mail]", StringComparison.Ordinal)];
        var second = account[..account.LastIndexOf("\r\n;", StringComparison.Ordinal)].Replace("[Account1]", "[Account2]", StringComparison.Ordinal).Replace("user@", "two@", StringComparison.Ordinal);
        text = text.Insert(from, second + "\r\n").Replace("Account1=IMAP_I_Mail\r\n", "Account1=IMAP_I_Mail\r\nAccount2=IMAP_I_Mail\r\n", StringComparison.Ordinal);
        Stage(_path, Encoding.Latin1.GetBytes(text));
        _scene.Add("00000002", "two@contoso.example", OutlookScene.Imap, "Contoso", values: [("IMAP Server", "imap.contoso.example"), ("SMTP Server", "smtp.contoso.example")]).Dispose();
        Assert.Equal(["two@contoso.example Verified", "user@contoso.example Staged"], _scene.Read().Select(one => $"{one.EmailAddress} {one.State}"));
    }

    [Fact]
    public void A_file_that_somebody_else_has_Outlook_import_is_shown_as_far_as_it_can_be()
    {
        File.WriteAllBytes(_path, Content);
        Import(_path);
        Assert.Equal("user@contoso.example Staged", Assert.Single(_scene.Read().Select(one => $"{one.EmailAddress} {one.State}")));

        File.WriteAllText(_path, "[General]\r\nProfileName=x\r\n");
        var faulty = Assert.Single(_scene.Read());
        Assert.Equal(("", OutlookProfileState.None, OutlookAccountType.Other), (faulty.EmailAddress, faulty.State, faulty.AccountType));
        Assert.Contains("of which nothing is known", faulty.Notes[0], StringComparison.Ordinal);

        Import(_scene.File("gone\u001b.prf"));
        var gone = Assert.Single(_scene.Read());
        Assert.DoesNotContain(gone.Notes[0] + gone.PrfPath, char.IsControl);
        Assert.Equal(OutlookProfileState.None, gone.State);
    }

    [Fact]
    public void A_file_that_another_user_names_is_not_opened_but_one_that_was_staged_for_that_user_is()
    {
        File.WriteAllBytes(_path, Content);
        Import(_path, FakeOutlookHost.OtherSid);
        var named = Assert.Single(_scene.Read(FakeOutlookHost.OtherSid));
        Assert.Equal(("", OutlookProfileState.Staged), (named.EmailAddress, named.State));
        Assert.Contains("another user", named.Notes[0], StringComparison.Ordinal);

        Stage(_path, sid: FakeOutlookHost.OtherSid);
        Assert.Equal("user@contoso.example Staged", Assert.Single(_scene.Read(FakeOutlookHost.OtherSid).Select(one => $"{one.EmailAddress} {one.State}")));
        Assert.Empty(_scene.Read());
    }

    [Fact]
    public void What_is_gone_is_forgotten_and_the_oldest_of_many()
    {
        for (var i = 0; i < 60; i++) Stage(Path.ChangeExtension(_path, i.ToString(CultureInfo.InvariantCulture)), force: true);
        File.Delete(Path.ChangeExtension(_path, "59"));
        using (var setup = _scene.Hive(Setup))
        {
            setup.Delete("ImportPRF");
            setup.Write("FirstRun", new RegistryData(RegistryDataKind.Binary, [1]));
        }
        Assert.Equal(Enumerable.Range(10, 49).Reverse().Select(i => i.ToString(CultureInfo.InvariantCulture)), _scene.Read().Select(one => Path.GetExtension(one.PrfPath!)[1..]));
        Stage(_path, force: true);
        var lines = File.ReadAllLines(Record);
        Assert.Equal(50, lines.Length);
        Assert.DoesNotContain(lines, line => line.EndsWith(".59", StringComparison.Ordinal));
        Assert.Equal("16.0\t" + _path, lines[^1]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n16.0\n16.0\t\n\t/x\n17.0\t/x\n")]
    [InlineData("16.0\t\u0001<>|\n16.0\t/\n")]
    public void A_damaged_record_hides_nothing_else(string record)
    {
        Stage(_path);
        File.WriteAllText(Record, record);
        Assert.Equal(OutlookProfileState.Staged, Assert.Single(_scene.Read()).State);
        Stage(_path, force: true);
        Assert.EndsWith(_path, File.ReadAllLines(Record)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Where_it_cannot_be_remembered_nothing_is_staged()
    {
        Directory.CreateDirectory(Record);
        using (var setup = _scene.Hive(Setup)) setup.Write("First-Run", new RegistryData(RegistryDataKind.Binary, [1]));
        var before = _scene.Registry.Dump();
        Assert.Equal(ErrorCode.FileUnwritable, Assert.Throws<MailOpsException>(() => Stage(_path)).Code);
        Assert.Equal(before, _scene.Registry.Dump());
        Assert.False(File.Exists(_path));
    }

    private string Record => Path.Combine(_scene.Host.BackupFolder, FakeOutlookHost.OwnSid, "staged.txt");

    private void Import(string path, string sid = FakeOutlookHost.OwnSid)
    {
        using var setup = _scene.Registry.Key(sid + "\\" + Setup);
        setup.Write("ImportPRF", RegistryData.OfText(path));
    }

    private void Stage(string path, byte[]? content = null, string sid = FakeOutlookHost.OwnSid, bool force = false)
    {
        using var hive = OutlookHive.Open(_scene.Host, sid == FakeOutlookHost.OwnSid ? null : sid);
        new PrfStaging(_scene.Host, hive, null).Stage(content ?? Content, path, force);
    }
}
