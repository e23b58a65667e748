using MailOps.Outlook;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Outlook;

public sealed class OutlookTesterTests : IDisposable
{
    private readonly OutlookScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task An_account_that_is_as_it_should_be_passes()
    {
        _scene.Add("00000001", "a@a.test", values: [("SMTP Port", 587), ("SMTP Secure Connection", 2), ("SMTP Use SSL", 1), ("SMTP Use Auth", 1)]);
        var test = await TestAsync(new() { SmtpServer = "out.old.test", Port = 587, Encryption = OutlookEncryption.StartTls, Authentication = OutlookAuthentication.SameAsIncoming });
        Assert.Equal((OutlookSmtpVerdict.Pass, "As it should be."), (test.Verdict, test.Details));
        Assert.Empty(test.Findings);
    }

    [Fact]
    public async Task What_differs_is_told_with_the_value_to_change()
    {
        _scene.Add("00000001", "a@a.test", values: [("SMTP Use Auth", 1)]);
        var test = await TestAsync(new() { SmtpServer = "out.new.test", Encryption = OutlookEncryption.StartTls, UserName = "u", IncomingEncryption = OutlookEncryption.None, IncomingServer = "in.new.test" });
        Assert.Equal(OutlookSmtpVerdict.Fail, test.Verdict);
        Assert.Equal(
            [
                "SmtpServerDiffers: SMTP Server is out.old.test and should be out.new.test.",
                "EncryptionDiffers: SMTP Port is not set and should be 587, SMTP Secure Connection is not set and should be 2, SMTP Use SSL is not set and should be 1.",
                "AuthenticationDiffers: SMTP Auth Method is not set and should be 1.", "UserNameDiffers: SMTP User is not set and should be u.",
                "IncomingServerDiffers: IMAP Server is in.old.test and should be in.new.test.", "IncomingEncryptionDiffers: IMAP Port is 993 and should be 143, IMAP Use SSL is 1 and should be 0.",
            ],
            test.Findings.Where(finding => finding.Severity == OutlookSmtpVerdict.Fail).Select(finding => finding.ToString()));
        Assert.EndsWith("Set-OutlookSmtpProfile a@a.test -SmtpServer out.new.test", test.Details, StringComparison.Ordinal);
        Assert.Equal("Set-OutlookSmtpProfile a@a.test -Encryption StartTls", test.Findings[1].Advice);
    }

    [Theory]
    [InlineData("ServerMissing", OutlookSmtpVerdict.Fail, "SMTP Server", null)]
    [InlineData("UserNameMissing", OutlookSmtpVerdict.Fail, "SMTP Auth Method", 1)]
    [InlineData("PortUnusual", OutlookSmtpVerdict.Warning, "SMTP Port", 465)]
    [InlineData("ValueDoubtful", OutlookSmtpVerdict.Warning, "SMTP Secure Connection", 7)]
    public async Task What_contradicts_itself_is_found_without_settings(string id, OutlookSmtpVerdict verdict, string name, object? value)
    {
        _scene.Add("00000001", "a@a.test", values: [("SMTP Port", 587), ("SMTP Secure Connection", 2), ("SMTP Use SSL", 1), ("SMTP Use Auth", 1), (name, value)]);
        var test = await TestAsync(new());
        Assert.Equal((verdict, id), (test.Verdict, test.Findings[0].Id));
        Assert.NotEmpty(test.Findings[0].Advice);
    }

    [Fact]
    public async Task A_password_in_plain_text_is_a_warning_and_no_authentication_is_none()
    {
        using var account = _scene.Add("00000001", "a@a.test", values: [("SMTP Use Auth", 1)]);
        Assert.Equal("PasswordUnprotected", Assert.Single((await TestAsync(new())).Findings).Id);
        account.Write("SMTP Use Auth", RegistryData.OfNumber(0));
        Assert.Equal(OutlookSmtpVerdict.Pass, (await TestAsync(new())).Verdict);
    }

    [Fact]
    public async Task Accounts_of_Exchange_are_not_applicable_and_a_provider_that_does_not_suit_is_a_finding()
    {
        _scene.Add("00000001", "x", OutlookScene.Mapi, values: [("Email", null), ("Service Name", "MSEMS")]);
        Assert.Equal(OutlookSmtpVerdict.NotApplicable, (await TestAsync(new() { Port = 1 })).Verdict);
        _scene.Registry.Remove($@"{FakeOutlookHost.OwnSid}\{OutlookScene.ProfilesOf("16.0")}\Outlook");
        _scene.Add("00000001", "a@a.test");
        Assert.Equal(ErrorCode.SmtpServerMissing, (await TestAsync(new(), new OutlookProvider("ExchangeServer", withIncoming: false))).Findings[0].Id);
        Assert.Equal("SmtpServerDiffers", (await TestAsync(new(), new OutlookProvider("Fastmail", withIncoming: false))).Findings[0].Id);
    }

    [Theory]
    [InlineData("O'Brien@a.test", "'O''Brien@a.test'")]
    [InlineData("a@b;calc", "'a@b;calc'")]
    [InlineData("a\u2019;calc;\u2018@b", "'a\u2019\u2019;calc;\u2018\u2018@b'")]
    [InlineData("$(calc)@b", "'$(calc)@b'")]
    [InlineData("-a@b", "'-a@b'")]
    [InlineData("@a", "'@a'")]
    [InlineData("a+b@a.test", "a+b@a.test")]
    public async Task An_advice_can_be_pasted_whatever_the_registry_says(string address, string argument)
    {
        _scene.Add("00000001", address);
        var test = await TestAsync(new() { SmtpServer = "out.new.test", DisplayName = "O'Neil & Sons", UserName = "a b" });
        Assert.Equal($"Set-OutlookSmtpProfile {argument} -SmtpServer out.new.test", test.Findings[0].Advice);
        Assert.Contains(test.Findings, finding => finding.Advice == $"Set-OutlookSmtpProfile {argument} -DisplayName 'O''Neil & Sons'");
        Assert.Contains(test.Findings, finding => finding.Advice == $"Set-OutlookSmtpProfile {argument} -UserName 'a b'");
    }

    [Fact]
    public async Task An_advice_names_profile_kind_and_user_where_there_are_others()
    {
        _scene.Add("00000001", "a@a.test");
        _scene.Add("00000002", "b@a.test");
        _scene.Add("00000001", "a@a.test", profile: "At home", version: "15.0");
        _scene.Add("00000003", "b@a.test", OutlookScene.Pop3);
        using var hive = OutlookHive.Open(_scene.Host, null);
        var advice = new List<string>();
        foreach (var test in new OutlookTester(hive, isOthers: true).Tests(_ => true, new() { Port = 1 }, null, null, TestContext.Current.CancellationToken)) advice.Add((await test).Findings[0].Advice);
        Assert.Equal(
            [
                $"Set-OutlookSmtpProfile a@a.test -ProfileName Outlook -UserSid {hive.Sid} -Port 1", $"Set-OutlookSmtpProfile b@a.test -AccountType Imap -UserSid {hive.Sid} -Port 1",
                $"Set-OutlookSmtpProfile b@a.test -AccountType Pop3 -UserSid {hive.Sid} -Port 1", $"Set-OutlookSmtpProfile a@a.test -ProfileName 'At home' -UserSid {hive.Sid} -Port 1",
            ],
            advice);
    }

    [Fact]
    public async Task Results_come_one_by_one_and_stay_where_the_rest_is_given_up()
    {
        using var server = new LoopbackSmtpServer();
        foreach (var (key, address) in new[] { ("00000001", "a@a.test"), ("00000002", "b@a.test") }) _scene.Add(key, address, values: [("SMTP Server", "127.0.0.1"), ("SMTP Port", server.Port)]);
        using var hive = OutlookHive.Open(_scene.Host, null);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var tests = new OutlookTester(hive, isOthers: false).Tests(_ => true, new(), null, TimeSpan.FromSeconds(20), stop.Token).GetEnumerator();
        Assert.True(tests.MoveNext());
        Assert.Equal((OutlookSmtpVerdict.Pass, "a@a.test"), ((await tests.Current).Verdict, (await tests.Current).EmailAddress));
        await stop.CancelAsync();
        Assert.True(tests.MoveNext());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tests.Current);
    }

    [Fact]
    public void An_advice_of_the_servers_test_is_in_the_words_of_this_cmdlet()
    {
        foreach (var mode in Enum.GetValues<TlsMode>())
        {
            var advice = OutlookAdvice.InOutlook($"Use -Tls {mode} with this port; -TlsX and -Tls Other stay.");
            Assert.Equal($"Use -Encryption {OutlookEncryptions.Of(mode)} with this port; -TlsX and -Tls Other stay.", advice);
            Assert.Equal(mode, OutlookEncryptions.Mode(OutlookEncryptions.Of(mode)));
        }
    }

    [Fact]
    public async Task The_server_is_talked_to_with_the_accounts_own_settings()
    {
        using var server = new LoopbackSmtpServer();
        using var account = _scene.Add("00000001", "a@a.test", values: [("SMTP Server", "127.0.0.1"), ("SMTP Port", server.Port)]);
        var test = await TestAsync(new(), connects: true);
        Assert.Equal((OutlookSmtpVerdict.Pass, server.Port), (test.Verdict, test.ServerTest!.Port));
        account.Write("SMTP Secure Connection", RegistryData.OfNumber(2));
        account.Write("SMTP Use SSL", RegistryData.OfNumber(1));
        test = await TestAsync(new(), connects: true);
        Assert.Equal((OutlookSmtpVerdict.Fail, "StartTls"), (test.Verdict, test.Findings[0].Id[..8]));
        account.Write("SMTP Server", RegistryData.OfText("not a name"));
        test = await TestAsync(new(), connects: true);
        Assert.Equal((ErrorCode.InvalidDomain, null), (test.Findings[0].Id, test.ServerTest));
    }

    private async Task<OutlookSmtpTest> TestAsync(OutlookSettings settings, OutlookProvider? provider = null, bool connects = false)
    {
        using var hive = OutlookHive.Open(_scene.Host, null);
        return await Assert.Single(new OutlookTester(hive, isOthers: false).Tests(_ => true, settings.Check(), provider, connects ? TimeSpan.FromSeconds(20) : null, TestContext.Current.CancellationToken));
    }
}
