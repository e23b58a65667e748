using System.Globalization;
using System.Text;
using MailOps.Outlook;

namespace MailOps.Core.Tests.Outlook;

public sealed class OutlookReadingTests : IDisposable
{
    private readonly OutlookScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData("16.0")]
    [InlineData("15.0")]
    [InlineData("14.0")]
    public void An_account_of_each_version_stands_in_the_words_of_its_user(string version)
    {
        _scene.Add("00000002", "ada@a.test", OutlookScene.Pop3, version: version, values:
        [
            ("SMTP Port", 587), ("SMTP Secure Connection", 2), ("SMTP Use SSL", 1), ("SMTP Use Auth", 1), ("SMTP Auth Method", 1), ("SMTP User", "smtp-ada"), ("POP3 Use SPA", 1),
            ("Reply E-mail", "r@a.test"), ("Organization", "A"), ("SMTP Use SPA", 0),
        ]);
        var one = Assert.Single(_scene.Read());
        Assert.Equal(
            (version, "Outlook", true, "00000002", OutlookAccountType.Pop3, true, "ada@a.test", "ada@a.test", "Ada", "r@a.test", "A"),
            (one.OutlookVersion, one.ProfileName, one.IsDefaultProfile, one.AccountKey, one.AccountType, one.IsApplicable, one.EmailAddress, one.AccountName, one.DisplayName, one.ReplyTo, one.Organization));
        Assert.Equal(
            ("out.old.test", 587, OutlookEncryption.StartTls, OutlookAuthentication.OwnUser, "smtp-ada", false),
            (one.SmtpServer, one.Port, one.Encryption, one.Authentication, one.UserName, one.Spa));
        Assert.Equal(("in.old.test", 995, OutlookEncryption.ImplicitTls, "ada@a.test", true), (one.IncomingServer, one.IncomingPort, one.IncomingEncryption, one.IncomingUserName, one.IncomingSpa));
        Assert.Empty(one.Notes);
        Assert.Equal(FakeOutlookHost.OwnSid, one.UserSid);
        Assert.EndsWith(@"\Outlook\9375CFF0413111d3B88A00104B2A6676\00000002", one.RegistryPath, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OutlookScene.Pop3, 110)]
    [InlineData(OutlookScene.Imap, 143)]
    public void What_is_left_out_is_what_Outlook_takes_for_it(string classId, int port)
    {
        var protocol = classId == OutlookScene.Pop3 ? "POP3" : "IMAP";
        _scene.Add("00000001", "a@a.test", classId, values: [(protocol + " Port", null), (protocol + " Use SSL", null)]);
        var one = Assert.Single(_scene.Read());
        Assert.Equal((25, OutlookEncryption.None, OutlookAuthentication.None, "", null), (one.Port, one.Encryption, one.Authentication, one.UserName, one.Spa));
        Assert.Equal((port, OutlookEncryption.None, false), (one.IncomingPort, one.IncomingEncryption, one.IncomingSpa));
        Assert.Empty(one.Notes);
    }

    [Theory]
    [InlineData(0, 0, OutlookEncryption.None, 0)]
    [InlineData(1, 1, OutlookEncryption.ImplicitTls, 0)]
    [InlineData(2, 1, OutlookEncryption.StartTls, 0)]
    [InlineData(3, 1, OutlookEncryption.Auto, 0)]
    [InlineData(null, 1, OutlookEncryption.ImplicitTls, 1)]
    [InlineData(2, 0, OutlookEncryption.StartTls, 1)]
    [InlineData(0, 1, OutlookEncryption.None, 1)]
    [InlineData(4, 1, null, 1)]
    [InlineData(-1, 1, null, 1)]
    public void The_pair_of_encryption_is_read_and_held_against_each_other(int? secure, int flag, OutlookEncryption? expected, int notes)
    {
        _scene.Add("00000001", "a@a.test", values: [("SMTP Secure Connection", secure), ("SMTP Use SSL", flag)]);
        var one = Assert.Single(_scene.Read());
        Assert.Equal((expected, notes), (one.Encryption, one.Notes.Length));
    }

    [Theory]
    [InlineData(null, null, OutlookAuthentication.None)]
    [InlineData(0, 1, OutlookAuthentication.None)]
    [InlineData(1, null, OutlookAuthentication.SameAsIncoming)]
    [InlineData(1, 0, OutlookAuthentication.SameAsIncoming)]
    [InlineData(2, 0, OutlookAuthentication.SameAsIncoming)]
    [InlineData(1, 1, OutlookAuthentication.OwnUser)]
    [InlineData(1, 2, OutlookAuthentication.PopBeforeSmtp)]
    [InlineData(1, 3, null)]
    public void Authentication_is_read_from_its_two_values(int? use, int? method, OutlookAuthentication? expected)
    {
        _scene.Add("00000001", "a@a.test", values: [("SMTP Use Auth", use), ("SMTP Auth Method", method)]);
        Assert.Equal(expected, Assert.Single(_scene.Read()).Authentication);
    }

    [Fact]
    public void Accounts_come_in_the_order_of_the_list_and_after_them_those_it_leaves_out()
    {
        foreach (var key in (string[])["00000001", "00000002", "00000003", "0000000A"]) _scene.Add(key, key + "@a.test");
        _scene.Account("not one");
        _scene.Account("00000004");   // without clsid
        Assert.Equal(["00000001", "00000002", "00000003", "0000000A"], _scene.Read().Select(one => one.AccountKey));
        _scene.List("Outlook", "16.0", 10, 77, 2, 10);
        Assert.Equal(["0000000A", "00000002", "00000001", "00000003"], _scene.Read().Select(one => one.AccountKey));
        using var accounts = _scene.Hive($@"{OutlookScene.ProfilesOf("16.0")}\Outlook\{OutlookScene.Accounts}");
        accounts.Write(OutlookScene.MailIds, new RegistryData(RegistryDataKind.Binary, [3, 0, 0, 0, 1, 0]));
        Assert.Equal(["00000003", "00000001", "00000002", "0000000A"], _scene.Read().Select(one => one.AccountKey));
        accounts.Write(OutlookScene.MailIds, RegistryData.OfText("abc"));
        Assert.Equal(4, _scene.Read().Length);
    }

    [Fact]
    public void Accounts_of_Exchange_and_others_are_listed_as_not_applicable()
    {
        _scene.Add("00000001", "x", OutlookScene.Mapi, values: [("Email", null), ("Service Name", "MSEMS"), ("SMTP Server", null)]);
        _scene.Add("00000002", "pst@a.test", OutlookScene.Mapi, values: [("Email", null), ("Service Name", "MSUPST MS"), ("MAPI Provider", 4)]);
        _scene.Add("00000003", "x", OutlookScene.Mapi, values: [("Service Name", "CONTAB"), ("MAPI Provider", 2)]);
        _scene.Add("00000004", "x", "{4db5cbf0-3b77-4852-bc8e-bb81908861f3}");
        _scene.Add("00000005", "x", "{00000000-0000-0000-0000-000000000000}");
        var all = _scene.Read();
        Assert.Equal(
            [OutlookAccountType.Exchange, OutlookAccountType.Store, OutlookAccountType.AddressBook, OutlookAccountType.Http, OutlookAccountType.Other],
            all.Select(one => one.AccountType));
        Assert.All(all, one => Assert.False(one.IsApplicable));
        Assert.All(all, one => Assert.StartsWith("Not applicable: ", Assert.Single(one.Notes), StringComparison.Ordinal));
        Assert.All(all, one => Assert.Equal((null, null, null, ""), (one.Port, one.Encryption, one.Authentication, one.IncomingServer)));
        Assert.Equal((3, 1), (all.Count(one => OutlookProfiles.IsMeant(one, [], [], [])), all.Count(one => OutlookProfiles.IsMeant(one, [], [], [OutlookAccountType.Store]))));
    }

    [Fact]
    public void Filters_take_wildcards_whatever_the_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("tr-TR");
            _scene.Add("00000001", "INFO@a.test", profile: "Private");
            var one = Assert.Single(_scene.Read());
            Assert.Equal(143 + 850, one.IncomingPort);
            Assert.True(OutlookProfiles.IsMeant(one, ["info@*"], ["priv?te"], [OutlookAccountType.Imap]));
            Assert.False(OutlookProfiles.IsMeant(one, ["info"], [], []));
            Assert.False(OutlookProfiles.IsMeant(one, [], ["Outlook"], []));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_key_that_only_has_Resiliency_is_no_version_and_one_with_a_value_or_another_key_is()
    {
        using (_scene.Hive(OutlookScene.Office15 + @"\Resiliency\StartupItems"))
        using (_scene.Hive(OutlookScene.Office16))
        using (var hive = OutlookHive.Open(_scene.Host, null))
        {
            var real = () => string.Join(' ', OutlookPlace.All.Where(place => place.IsReal(hive.Root)).Select(place => place.Version));
            Assert.Equal("", real());
            using var office = _scene.Hive(OutlookScene.Office15);
            office.Write("x", RegistryData.OfNumber(1));
            Assert.Equal("15.0", real());
            using var setup = _scene.Hive(OutlookScene.Office16 + @"\Setup");
            Assert.Equal("16.0 15.0", real());
        }
        Assert.Empty(_scene.Read());
    }

    [Fact]
    public void A_key_that_cannot_be_read_hides_no_other()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Add("00000002", "b@a.test");
        _scene.Add("00000003", "c@a.test");
        _scene.Registry.HiddenKey = "00000002";
        var unreadable = new List<MailOpsException>();
        Assert.Equal(["a@a.test", "c@a.test"], _scene.Read(unreadable: unreadable).Select(one => one.EmailAddress));
        var error = Assert.Single(unreadable);
        Assert.Equal(ErrorCode.OutlookRegistryUnreadable, error.Code);
        Assert.Contains("00000002", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_versions_and_profiles_are_all_read_the_newest_first()
    {
        _scene.Add("00000001", "old@a.test", version: "14.0");
        _scene.Add("00000001", "new@a.test", version: "16.0", profile: "Second");
        _scene.Add("00000001", "mid@a.test", version: "15.0");
        var all = _scene.Read();
        Assert.Equal(["new@a.test False", "mid@a.test True", "old@a.test True"], all.Select(one => $"{one.EmailAddress} {one.IsDefaultProfile}"));
    }

    [Fact]
    public void The_new_Outlook_is_told_on_each_account()
    {
        _scene.Add("00000001", "a@a.test");
        using var preferences = _scene.Hive(OutlookScene.Office16 + @"\Preferences");
        preferences.Write("UseNewOutlook", RegistryData.OfNumber(0));
        Assert.False(Assert.Single(_scene.Read()).UseNewOutlook);
        preferences.Write("UseNewOutlook", RegistryData.OfNumber(1));
        var one = Assert.Single(_scene.Read());
        Assert.True(one.UseNewOutlook);
        Assert.Contains("new Outlook", Assert.Single(one.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_nobody_expects_are_read_without_an_error_and_shown_without_control_characters()
    {
        RegistryData[] hostile =
        [
            new(RegistryDataKind.Text, []), new(RegistryDataKind.Text, [65]), new(RegistryDataKind.Binary, [65, 0, 66]), new(RegistryDataKind.Number, [1, 2]), new(RegistryDataKind.None, [1]),
            new((RegistryDataKind)7, Encoding.Unicode.GetBytes("a\0b\0\0")), new((RegistryDataKind)11, new byte[8]), new(RegistryDataKind.Text, Encoding.Unicode.GetBytes(new string('x', 100_000))),
            RegistryData.OfText("\u001b[31m\r\n\u202e"), new(RegistryDataKind.Text, [0x3d, 0xd8, 0x3d, 0xd8]), RegistryData.OfText("a\0b"), RegistryData.OfNumber(int.MinValue), RegistryData.OfNumber(70000),
        ];
        foreach (var data in hostile)
        {
            foreach (var name in ValueNames.Read(OutlookAccountType.Imap).Where(name => name != "clsid"))
            {
                _scene.Add("00000001", "a@a.test", values: [(name, data)]);
                _scene.List("Outlook", "16.0", 1);
                var one = Assert.Single(_scene.Read());
                Assert.All((string[])[one.EmailAddress, one.DisplayName, one.SmtpServer, one.UserName, one.IncomingServer], text => Assert.DoesNotContain(text, c => char.IsControl(c) || c == '\u202e'));
                Assert.True(one.SmtpServer.Length < 8000 && one.Port is null or (> 0 and < 65536));
            }
            _scene.Add("00000001", "a@a.test", values: [("clsid", data)]);
            Assert.All(_scene.Read(), one => Assert.False(one.IsApplicable));
            using var accounts = _scene.Hive($@"{OutlookScene.ProfilesOf("16.0")}\Outlook\{OutlookScene.Accounts}");
            accounts.Write(OutlookScene.MailIds, data);
            _ = _scene.Read();
        }
    }

    [Theory]
    [InlineData("S-1-5-18", @"NT AUTHORITY\SYSTEM", null)]
    [InlineData("S-1-5-19", "LOCAL SERVICE", null)]
    [InlineData("S-1-5-82-1-2-3-4-5", @"IIS APPPOOL\x", null)]
    [InlineData(FakeOutlookHost.OwnSid, @"CORP\admin", @"CORP\ada")]
    public void A_hive_that_would_be_the_wrong_one_is_refused_and_the_right_one_named(string sid, string name, string? other)
    {
        _scene.Add("00000001", "a@a.test");
        (_scene.Host.UserSid, _scene.Host.UserName, _scene.Host.OtherSessionUser) = (sid, name, other);
        var error = Assert.Throws<MailOpsException>(() => OutlookHive.Open(_scene.Host, null));
        Assert.Equal(ErrorCode.OutlookUserUnclear, error.Code);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("-UserSid", error.Hint, StringComparison.Ordinal);
        Assert.Contains(FakeOutlookHost.OwnSid, error.Hint, StringComparison.Ordinal);
        using var hive = OutlookHive.Open(_scene.Host, FakeOutlookHost.OwnSid.ToLowerInvariant());
        Assert.Equal(FakeOutlookHost.OwnSid, hive.Sid);
        Assert.Single(OutlookProfiles.Read(_scene.Host, hive, []));
    }

    [Theory]
    [InlineData(FakeOutlookHost.OtherSid)]
    [InlineData("S-1-5-18")]
    [InlineData(".DEFAULT")]
    [InlineData("S-1-5-21-1-2-3-1001_Classes")]
    [InlineData(@"S-1-5-21-1-2-3-1001\Software")]
    [InlineData("ada")]
    public void A_hive_that_is_not_loaded_or_no_users_is_an_error(string sid)
    {
        _scene.Add("00000001", "a@a.test");
        var error = Assert.Throws<MailOpsException>(() => OutlookHive.Open(_scene.Host, sid));
        Assert.Equal(ErrorCode.OutlookUserNotFound, error.Code);
    }
}
