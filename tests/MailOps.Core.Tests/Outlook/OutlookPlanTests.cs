using System.Globalization;
using MailOps.Outlook;

namespace MailOps.Core.Tests.Outlook;

/// <summary>Which values are written for which settings.</summary>
public sealed class OutlookPlanTests : IDisposable
{
    private readonly OutlookScene _scene = new();

    public static TheoryData<string> Versions => ["16.0", "15.0", "14.0"];

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData(OutlookEncryption.ImplicitTls, "SMTP Port: (not set) -> 465; SMTP Secure Connection: (not set) -> 1; SMTP Use SSL: (not set) -> 1")]
    [InlineData(OutlookEncryption.StartTls, "SMTP Port: (not set) -> 587; SMTP Secure Connection: (not set) -> 2; SMTP Use SSL: (not set) -> 1")]
    [InlineData(OutlookEncryption.Auto, "SMTP Port: (not set) -> 587; SMTP Secure Connection: (not set) -> 3; SMTP Use SSL: (not set) -> 1")]
    [InlineData(OutlookEncryption.None, "")]
    public void Encryption_is_written_as_the_consistent_pair_with_its_port(OutlookEncryption encryption, string changes)
    {
        foreach (var version in Versions)
        {
            _scene.Add("00000001", version.Data + "@a.test", version: version.Data);
            Assert.Equal(changes, Plan(version.Data + "@a.test", new() { Encryption = encryption }));
        }
    }

    [Theory]
    [InlineData(1, 1, 465, OutlookEncryption.None, "SMTP Port: 465 -> 25; SMTP Secure Connection: 1 -> 0; SMTP Use SSL: 1 -> 0")]
    [InlineData(2, 0, 587, OutlookEncryption.StartTls, "SMTP Use SSL: 0 -> 1")]
    [InlineData(0, 1, 25, OutlookEncryption.None, "SMTP Use SSL: 1 -> 0")]
    [InlineData(2, 1, 2525, OutlookEncryption.StartTls, "")]
    [InlineData(2, 1, 2525, OutlookEncryption.ImplicitTls, "SMTP Port: 2525 -> 465; SMTP Secure Connection: 2 -> 1")]
    [InlineData(9, 1, 587, OutlookEncryption.StartTls, "SMTP Secure Connection: 9 -> 2")]
    public void A_stale_flag_is_mended_and_a_chosen_port_left_alone_where_the_encryption_stays(int secure, int flag, int port, OutlookEncryption encryption, string changes)
    {
        _scene.Add("00000001", "a@a.test", values: [("SMTP Secure Connection", secure), ("SMTP Use SSL", flag), ("SMTP Port", port)]);
        Assert.Equal(changes, Plan("a@a.test", new() { Encryption = encryption }));
    }

    [Theory]
    [InlineData(OutlookAuthentication.None, 1, 1, "old", "SMTP Use Auth: 1 -> 0; SMTP Auth Method: 1 -> (not set); SMTP User: old -> (not set)")]
    [InlineData(OutlookAuthentication.None, null, null, null, "")]
    [InlineData(OutlookAuthentication.None, 0, 0, "", "")]
    [InlineData(OutlookAuthentication.SameAsIncoming, null, null, null, "SMTP Use Auth: (not set) -> 1")]
    [InlineData(OutlookAuthentication.SameAsIncoming, 1, 1, "old", "SMTP Auth Method: 1 -> (not set); SMTP User: old -> (not set)")]
    [InlineData(OutlookAuthentication.SameAsIncoming, 1, 0, null, "")]
    [InlineData(OutlookAuthentication.PopBeforeSmtp, 1, 1, "old", "SMTP Auth Method: 1 -> 2; SMTP User: old -> (not set)")]
    [InlineData(OutlookAuthentication.PopBeforeSmtp, null, null, null, "SMTP Use Auth: (not set) -> 1; SMTP Auth Method: (not set) -> 2")]
    [InlineData(OutlookAuthentication.OwnUser, 1, 2, "old", "SMTP Auth Method: 2 -> 1")]
    public void Authentication_is_written_as_its_values_go_together(OutlookAuthentication authentication, int? use, int? method, string? user, string changes)
    {
        foreach (var version in Versions)
        {
            _scene.Add("00000001", version.Data + "@a.test", version: version.Data, values: [("SMTP Use Auth", use), ("SMTP Auth Method", method), ("SMTP User", user)]);
            Assert.Equal(changes, Plan(version.Data + "@a.test", new() { Authentication = authentication }));
        }
    }

    [Fact]
    public void A_user_name_means_a_user_of_its_own_and_takes_the_parts_of_the_address()
    {
        _scene.Add("00000001", "ada@a.test");
        Assert.Equal(
            "SMTP Use Auth: (not set) -> 1; SMTP Auth Method: (not set) -> 1; SMTP User: (not set) -> ada+a.test+ada@a.test",
            Plan("ada@a.test", new() { UserName = "%EMAILLOCALPART%+%EMAILDOMAIN%+%EMAILADDRESS%" }));
        var error = Assert.Throws<MailOpsException>(() => Plan("ada@a.test", new() { Authentication = OutlookAuthentication.OwnUser }));
        Assert.Equal(ErrorCode.OutlookSettingsInvalid, error.Code);
    }

    [Theory]
    [InlineData("%EMAILDOMAIN%@a.test", "%EMAILADDRESS%", "%EMAILDOMAIN%@a.test")]
    [InlineData("%EMAIL%@a.test", "%EMAILLOCALPART%", "%EMAIL%")]
    public void What_stands_in_an_address_is_no_place_holder(string address, string form, string user)
    {
        _scene.Add("00000001", address);
        Assert.EndsWith($"SMTP User: (not set) -> {user}; IMAP User: {address} -> x{user}", Plan(address, new() { UserName = form, IncomingUserName = "x" + form }), StringComparison.Ordinal);
        if (form == "%EMAILADDRESS%") Assert.EndsWith($"SMTP User: (not set) -> {user}", Plan(address, new(), new OutlookProvider("Gmail", withIncoming: false)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%EMAIL%")]
    [InlineData("%emailaddress%")]
    [InlineData("x%USER_NAME%")]
    public void An_unknown_place_holder_is_refused_with_those_there_are(string form)
    {
        foreach (var settings in new[] { new OutlookSettings { UserName = form }, new OutlookSettings { IncomingUserName = form } })
        {
            var error = Assert.Throws<MailOpsException>(() => settings.Check());
            Assert.Equal(ErrorCode.OutlookSettingsInvalid, error.Code);
            Assert.Contains("%EMAILLOCALPART%", error.Hint, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_account_without_an_address_gets_no_empty_user_name()
    {
        _scene.Add("00000001", "a@a.test", values: [("Email", ""), ("SMTP User", "kept"), ("SMTP Auth Method", 1)]);
        Assert.Equal(ErrorCode.OutlookSettingsInvalid, Assert.Throws<MailOpsException>(() => Plan("*", new() { UserName = "%EMAILADDRESS%" })).Code);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_new_text_has_the_kind_of_its_version_and_one_that_is_there_keeps_its_own(string version)
    {
        var byVersion = version == "16.0" ? RegistryDataKind.Text : RegistryDataKind.Binary;
        var other = version == "16.0" ? RegistryDataKind.Binary : RegistryDataKind.Text;
        _scene.Add("00000001", "a@a.test", version: version, values: [("SMTP Server", RegistryData.OfText("old.test", other)), ("Reply E-mail", 7), ("Organization", RegistryData.OfText("x", RegistryDataKind.ExpandText))]);
        using var run = Run();
        var task = Assert.Single(run.Plan(new() { EmailAddress = "a@a.test" }, new OutlookSettings { SmtpServer = "new.test", UserName = "u", ReplyTo = "r@a.test", Organization = "o" }.Check()));
        Assert.Equal(OutlookChangeStatus.Changed, run.Apply(task).Status);
        using var account = _scene.Account("00000001", version: version);
        Assert.Equal(RegistryData.OfText("new.test", other), account.Read("SMTP Server"));
        Assert.Equal(RegistryData.OfText("u", byVersion), account.Read("SMTP User"));
        Assert.Equal(RegistryData.OfText("r@a.test", byVersion), account.Read("Reply E-mail"));
        Assert.Equal(RegistryData.OfText("o", RegistryDataKind.ExpandText), account.Read("Organization"));
        Assert.Equal(RegistryData.OfNumber(1), account.Read("SMTP Auth Method"));
    }

    [Theory]
    [InlineData(OutlookScene.Pop3, "POP3", 995, 110)]
    [InlineData(OutlookScene.Imap, "IMAP", 993, 143)]
    public void The_incoming_server_is_set_where_it_is_asked_for(string classId, string protocol, int port, int plain)
    {
        _scene.Add("00000001", "a@a.test", classId, values: [(protocol + " Port", null), (protocol + " Use SSL", null)]);
        Assert.Equal("", Plan("a@a.test", new() { IncomingEncryption = OutlookEncryption.None, IncomingPort = plain, IncomingServer = "IN.old.TEST", IncomingUserName = "%EMAILADDRESS%", IncomingSpa = false }));
        Assert.Equal(
            $"{protocol} Server: in.old.test -> in.new.test; {protocol} Port: (not set) -> {port}; {protocol} Use SSL: (not set) -> 1; {protocol} User: a@a.test -> a; {protocol} Use SPA: (not set) -> 1",
            Plan("a@a.test", new() { IncomingEncryption = OutlookEncryption.ImplicitTls, IncomingServer = "in.new.test", IncomingUserName = "%EMAILLOCALPART%", IncomingSpa = true }));
    }

    [Fact]
    public void SPA_of_the_outgoing_server_is_set_only_where_the_value_is_there()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Add("00000002", "b@a.test", values: [("SMTP Use SPA", 1)]);
        Assert.Equal("", Plan("a@a.test", new() { Spa = true }));
        Assert.Equal("SMTP Use SPA: 1 -> 0", Plan("b@a.test", new() { Spa = false }));
    }

    [Fact]
    public void Server_names_are_the_same_in_capitals_and_written_as_the_DNS_has_them()
    {
        _scene.Add("00000001", "a@a.test", values: [("SMTP Server", "OUT.Example.TEST")]);
        Assert.Equal("", Plan("a@a.test", new() { SmtpServer = "out.example.test" }));
        Assert.Equal("SMTP Server: OUT.Example.TEST -> xn--bcher-kva.test", Plan("a@a.test", new() { SmtpServer = "bücher.test" }));
        _scene.Add("00000002", "b@a.test", values: [("SMTP Server", "bücher.test")]);
        Assert.Equal("SMTP Server: bücher.test -> xn--bcher-kva.test", Plan("b@a.test", new() { SmtpServer = "bücher.test" }));
    }

    [Theory]
    [InlineData(70000, null, null, null)]
    [InlineData(0, null, null, null)]
    [InlineData(null, "a\nb", null, null)]
    [InlineData(null, " ", null, null)]
    [InlineData(null, "u\u202e", null, null)]
    [InlineData(null, "u", OutlookAuthentication.SameAsIncoming, null)]
    [InlineData(null, null, null, OutlookEncryption.StartTls)]
    [InlineData(null, null, null, OutlookEncryption.Auto)]
    public void What_cannot_be_set_is_refused_before_anything_is_looked_at(int? port, string? user, OutlookAuthentication? authentication, OutlookEncryption? incoming)
    {
        var error = Assert.Throws<MailOpsException>(() => new OutlookSettings { Port = port, UserName = user, Authentication = authentication, IncomingEncryption = incoming }.Check());
        Assert.Equal(ErrorCode.OutlookSettingsInvalid, error.Code);
        Assert.NotEmpty(error.Hint);
        Assert.DoesNotContain(error.Message, c => char.IsControl(c) || c == '\u202e');
    }

    [Fact]
    public void Half_a_character_in_a_text_and_a_server_that_is_none_are_refused()
    {
        Assert.Throws<MailOpsException>(() => new OutlookSettings { DisplayName = "\ud83d" }.Check());
        Assert.Throws<MailOpsException>(() => new OutlookSettings { Organization = new string('x', 321) }.Check());
        Assert.Equal(ErrorCode.InvalidDomain, Assert.Throws<MailOpsException>(() => new OutlookSettings { SmtpServer = "a b" }.Check()).Code);
        Assert.Throws<MailOpsException>(() => new OutlookSettings { DisplayName = "  " }.Check());
        Assert.Throws<MailOpsException>(() => new OutlookSettings { Organization = "\t" }.Check());
        Assert.Throws<MailOpsException>(() => new OutlookSettings { DisplayName = "Ada\u202e" }.Check());
        Assert.Throws<MailOpsException>(() => new OutlookSettings { UserName = "u\u200d" }.Check());
        foreach (var name in new[] { "😀", "👩\u200d💻", "علی\u200cرضا" }) Assert.Equal(name, new OutlookSettings { DisplayName = name, Organization = name }.Check().DisplayName);
        Assert.Equal("", new OutlookSettings { Organization = "" }.Check().Organization);
    }

    [Theory]
    [InlineData(OutlookEncryption.StartTls, 465, "465")]
    [InlineData(OutlookEncryption.ImplicitTls, 587, "587")]
    [InlineData(OutlookEncryption.None, 587, "Without encryption")]
    [InlineData(OutlookEncryption.StartTls, 587, null)]
    [InlineData(OutlookEncryption.ImplicitTls, null, null)]
    public void An_unusual_pair_of_port_and_encryption_is_told(OutlookEncryption encryption, int? port, string? told)
    {
        _scene.Add("00000001", "a@a.test");
        using var run = Run();
        var notes = Assert.Single(run.Plan(new() { EmailAddress = "a@a.test" }, new() { Encryption = encryption, Port = port })).Notes;
        if (told is null) Assert.Empty(notes);
        else Assert.Contains(told, Assert.Single(notes), StringComparison.Ordinal);
    }

    [Fact]
    public void That_a_mailbox_may_come_anew_is_told_where_the_server_changes_alone()
    {
        _scene.Add("00000001", "a@a.test");
        using var run = Run();
        IReadOnlyList<string> Notes(string server) => Assert.Single(run.Plan(new() { EmailAddress = "a@a.test" }, new OutlookSettings { IncomingServer = server }.Check())).Notes;
        Assert.Empty(Notes("IN.old.test"));
        Assert.Contains("anew", Assert.Single(Notes("in.new.test")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1, OutlookAuthentication.None, null, false)]
    [InlineData(1, 1, OutlookAuthentication.SameAsIncoming, null, true)]
    [InlineData(0, null, null, null, false)]
    [InlineData(1, null, null, null, true)]
    [InlineData(0, null, OutlookAuthentication.SameAsIncoming, null, true)]
    [InlineData(1, 1, OutlookAuthentication.None, "in.new.test", true)]
    public void Outlook_asks_for_a_password_where_it_logs_in(int use, int? method, OutlookAuthentication? authentication, string? incoming, bool asks)
    {
        _scene.Add("00000001", "a@a.test", values: [("SMTP Use Auth", use), ("SMTP Auth Method", method), ("SMTP User", method is null ? null : "u")]);
        using var run = Run();
        var task = Assert.Single(run.Plan(new() { EmailAddress = "a@a.test" }, new OutlookSettings { SmtpServer = "out.new.test", Authentication = authentication, IncomingServer = incoming }.Check()));
        Assert.Equal((true, asks), (task.IsChange, run.Apply(task).PasswordPromptExpected));
    }

    [Fact]
    public void Accounts_are_matched_by_address_and_kind_and_not_by_their_label()
    {
        _scene.Add("00000001", "a@a.test", OutlookScene.Pop3);
        _scene.Add("00000002", "A@A.test", OutlookScene.Imap);
        _scene.Add("00000003", "b@a.test", values: [("Account Name", "a@a.test")]);
        _scene.Add("00000004", "a@a.test", OutlookScene.Mapi, values: [("Email", null), ("Service Name", "MSUPST MS")]);
        _scene.Add("00000005", "x@a.test", OutlookScene.Mapi, values: [("Email", null), ("Account Name", "x@a.test"), ("Service Name", "MSEMS")]);
        using var run = Run();
        string Keys(OutlookTarget target) => string.Join(' ', run.Plan(target, new() { Port = 2525 }).Select(task => $"{task.Account.Key[7..]}{(task.IsChange ? "" : "-")}"));
        Assert.Equal("1 2", Keys(new() { EmailAddress = "a@A.TEST" }));
        Assert.Equal("2", Keys(new() { EmailAddress = "a@a.test", AccountType = OutlookAccountType.Imap }));
        Assert.Equal("1 2 3", Keys(new() { EmailAddress = "*@a.test" }));
        Assert.Equal("5-", Keys(new() { EmailAddress = "x@a.test" }));
        Assert.Equal(OutlookChangeStatus.NotApplicable, run.Apply(run.Plan(new() { EmailAddress = "x@a.test" }, new() { Port = 1 })[0]).Status);
        Assert.Equal("", Keys(new() { EmailAddress = "a@a.test", ProfileName = "Other*" }) + Keys(new() { EmailAddress = "a@a.test", OutlookVersion = "15.0" }) + Keys(new() { EmailAddress = "nobody@a.test" }));
    }

    [Theory]
    [InlineData("Gmail", "SMTP Server: out.old.test -> smtp.gmail.com; SMTP Port: (not set) -> 465; SMTP Secure Connection: (not set) -> 1; SMTP Use SSL: (not set) -> 1; SMTP Use Auth: (not set) -> 1; SMTP Auth Method: (not set) -> 1; SMTP User: (not set) -> ada@a.test")]
    [InlineData("Microsoft365", "SMTP Server: out.old.test -> smtp.office365.com; SMTP Port: (not set) -> 587; SMTP Secure Connection: (not set) -> 2; SMTP Use SSL: (not set) -> 1; SMTP Use Auth: (not set) -> 1; SMTP Auth Method: (not set) -> 1; SMTP User: (not set) -> ada@a.test")]
    [InlineData("GoogleWorkspaceRelay", "SMTP Server: out.old.test -> smtp-relay.gmail.com; SMTP Port: (not set) -> 587; SMTP Secure Connection: (not set) -> 2; SMTP Use SSL: (not set) -> 1")]
    [InlineData("SendGrid", "SMTP Server: out.old.test -> smtp.sendgrid.net; SMTP Port: (not set) -> 587; SMTP Secure Connection: (not set) -> 2; SMTP Use SSL: (not set) -> 1; SMTP Use Auth: (not set) -> 1; SMTP Auth Method: (not set) -> 1; SMTP User: (not set) -> apikey")]
    public void A_provider_brings_its_values(string provider, string changes)
    {
        _scene.Add("00000001", "ada@a.test");
        Assert.Equal(changes, Plan("ada@a.test", new(), new OutlookProvider(provider, withIncoming: false)));
    }

    [Fact]
    public void With_its_incoming_server_too_the_user_is_the_same_where_the_provider_says_so()
    {
        _scene.Add("00000001", "ada@a.test");
        Assert.EndsWith(
            "SMTP Use Auth: (not set) -> 1; IMAP Server: in.old.test -> imap.fastmail.com", Plan("ada@a.test", new(), new OutlookProvider("Fastmail", withIncoming: true)), StringComparison.Ordinal);
        Assert.EndsWith(
            "SMTP User: (not set) -> ada@a.test; IMAP Server: in.old.test -> imap.mail.me.com; IMAP User: ada@a.test -> ada", Plan("ada@a.test", new(), new OutlookProvider("ICloud", withIncoming: true)), StringComparison.Ordinal);
        Assert.Contains("SMTP Port: (not set) -> 587; SMTP Secure Connection: (not set) -> 2", Plan("ada@a.test", new() { Port = 587 }, new OutlookProvider("Gmail", withIncoming: false)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OutlookCom", false, ErrorCode.OutlookProviderUnsuited)]
    [InlineData("Microsoft365", true, ErrorCode.OutlookProviderUnsuited)]
    [InlineData("ExchangeServer", false, ErrorCode.SmtpServerMissing)]
    [InlineData("Mailgun", false, ErrorCode.OutlookSettingsInvalid)]
    [InlineData("SendGrid", true, ErrorCode.OutlookSettingsInvalid)]
    [InlineData("Gmial", false, ErrorCode.MailProviderNotFound)]
    public void A_provider_that_does_not_suit_is_refused_with_what_to_do(string provider, bool withIncoming, string code)
    {
        _scene.Add("00000001", "ada@a.test");
        var error = Assert.Throws<MailOpsException>(() => Plan("ada@a.test", new(), new OutlookProvider(provider, withIncoming)));
        Assert.Equal(code, error.Code);
        Assert.NotEmpty(error.Hint);
    }

    [Theory]
    [InlineData("Gmail", null, OutlookEncryption.None, false, "smtp.gmail.com:465 ImplicitTls, smtp.gmail.com:587 StartTls")]
    [InlineData("Gmail", 2525, null, false, "port 2525")]
    [InlineData("Gmail", 465, OutlookEncryption.StartTls, false, "port 465 and encryption StartTls")]
    [InlineData("Gmail", 587, OutlookEncryption.ImplicitTls, false, "smtp.gmail.com:587 StartTls")]
    [InlineData("ExchangeServer", 2525, null, false, "port 2525")]
    [InlineData("Fastmail", null, OutlookEncryption.None, true, "imap.fastmail.com:993 ImplicitTls")]
    [InlineData("Fastmail", 143, null, true, "port 143")]
    public void A_port_and_an_encryption_that_the_provider_does_not_have_together_are_refused_with_what_it_has(string provider, int? port, OutlookEncryption? encryption, bool isIncoming, string told)
    {
        _scene.Add("00000001", "ada@a.test");
        var settings = isIncoming ? new OutlookSettings { IncomingPort = port, IncomingEncryption = encryption } : new OutlookSettings { SmtpServer = provider == "ExchangeServer" ? "mx.a.test" : null, Port = port, Encryption = encryption };
        var error = Assert.Throws<MailOpsException>(() => Plan("ada@a.test", settings, new OutlookProvider(provider, withIncoming: isIncoming)));
        Assert.Equal(ErrorCode.OutlookSettingsInvalid, error.Code);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Gmail", null, null, OutlookEncryption.StartTls, "SMTP Port: (not set) -> 587; SMTP Secure Connection: (not set) -> 2")]
    [InlineData("Gmail", null, null, OutlookEncryption.Auto, "SMTP Port: (not set) -> 587; SMTP Secure Connection: (not set) -> 3")]
    [InlineData("AmazonSes", "ses.a.test", 2465, null, "SMTP Port: (not set) -> 2465; SMTP Secure Connection: (not set) -> 1")]
    [InlineData("ExchangeServer", "mx.a.test", 2525, OutlookEncryption.StartTls, "SMTP Port: (not set) -> 2525; SMTP Secure Connection: (not set) -> 2")]
    public void Half_of_a_pair_brings_the_half_that_the_provider_has_with_it(string provider, string? server, int? port, OutlookEncryption? encryption, string changes)
    {
        _scene.Add("00000001", "ada@a.test");
        Assert.Contains(changes, Plan("ada@a.test", new() { SmtpServer = server, Port = port, Encryption = encryption, UserName = "u" }, new OutlookProvider(provider, withIncoming: false)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, true, null, "Leave on Server: (not set) -> 1")]
    [InlineData(null, false, null, "Leave on Server: (not set) -> 0")]
    [InlineData(null, null, 14, "Leave on Server: (not set) -> 917507")]
    [InlineData(0x000E0003, true, null, "")]
    [InlineData(0x000E0007, false, null, "Leave on Server: 917511 -> 917510")]
    [InlineData(0x000E0007, null, 7, "Leave on Server: 917511 -> 458759")]
    [InlineData(4, true, 9999, "Leave on Server: 4 -> 655294471")]
    [InlineData(1, true, null, "")]
    public void Messages_stay_on_the_server_as_long_as_was_said_and_other_bits_stay_as_they_are(int? stored, bool? leaves, int? days, string changes)
    {
        _scene.Add("00000001", "a@a.test", OutlookScene.Pop3, values: [("Leave on Server", stored)]);
        _scene.Add("00000002", "b@a.test", values: [("Leave on Server", stored)]);
        var settings = new OutlookSettings { LeaveOnServer = leaves, DaysOnServer = days };
        Assert.Equal(changes, Plan("a@a.test", settings));
        Assert.Equal("", Plan("b@a.test", settings));   // of IMAP they always stay
        Assert.Equal((stored is { } bits ? (bits & 1) == 1 : null, stored is null or 1 or 4 ? null : 14), (_scene.Read()[0].LeaveOnServer, _scene.Read()[0].DaysOnServer));
        Assert.Equal((null, null), (_scene.Read()[1].LeaveOnServer, _scene.Read()[1].DaysOnServer));
    }

    [Fact]
    public void What_is_to_stay_for_days_is_not_to_be_removed_at_once()
    {
        Assert.Equal(ErrorCode.OutlookSettingsInvalid, Assert.Throws<MailOpsException>(() => new OutlookSettings { LeaveOnServer = false, DaysOnServer = 3 }.Check()).Code);
        Assert.Throws<MailOpsException>(() => new OutlookSettings { DaysOnServer = 10000 }.Check());
        var row = OutlookRecord.Of(1, [new("LeaveOnServer", "no"), new("DaysOnServer", "")]).Settings();
        Assert.Equal((7, null), (new OutlookSettings { DaysOnServer = 7 }.Over(row).DaysOnServer, new OutlookSettings { DaysOnServer = 7 }.Over(row).LeaveOnServer));
        Assert.Equal((false, null), (row.Over(new OutlookSettings { DaysOnServer = 7 }).LeaveOnServer, row.Over(new OutlookSettings { DaysOnServer = 7 }).DaysOnServer));
    }

    [Fact]
    public void No_culture_changes_a_plan()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("tr-TR");
            _scene.Add("00000001", "INFO@a.test", values: [("SMTP Server", "MAIL.IO.TEST")]);
            var record = OutlookRecord.Of(1, [new("EMAILADDRESS", "info@a.test"), new("smtpserver", "mail.io.test"), new("Encryption", "IMPLICITTLS"), new("port", "465")]);
            Assert.Equal("SMTP Port: (not set) -> 465; SMTP Secure Connection: (not set) -> 1; SMTP Use SSL: (not set) -> 1", Plan(record.Target().EmailAddress, record.Settings()));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private OutlookRun Run() => new(_scene.Host, null, null, force: false);

    private string Plan(string address, OutlookSettings settings, OutlookProvider? provider = null)
    {
        using var run = Run();
        var task = Assert.Single(run.Plan(new() { EmailAddress = address }, settings.Check(), provider));
        return task.Fault is null ? string.Join("; ", task.Changes.Select(change => change.ToString())) : throw task.Fault;
    }
}
