using System.Globalization;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Outlook;

/// <summary>The cmdlets for Outlook on a registry: profiles imported, the host run under Wine, exported again and compared value by value with kinds.</summary>
[Collection(WineMachine.Registry)]
public sealed class OutlookRegistryTests(WineMachine machine)
{
    private const string User = "HKEY_CURRENT_USER";

    private const string SetAll =
        "-SmtpServer smtp.new.test -Encryption StartTls -UserName %EMAILLOCALPART% -IncomingServer in.new.test -DisplayName 'Ada L.' -BackupPath $backups";

    [Theory]
    [InlineData("16.0")]
    [InlineData("15.0")]
    [InlineData("14.0")]
    public async Task Accounts_of_each_version_are_read_changed_and_restored_and_nothing_else_changes(string version)
    {
        var wine = await machine.ReadyAsync();
        var (profile, key) = (Unique(), $@"{User}\{RegistryText.Profiles(version)}");
        var before = await wine.ImportAsync(key, RegistryText.Profile(User, version, profile, ("a@a.test", "\"SMTP Port\"=dword:00000019"), ("b@a.test", "")));
        using var folder = new TestFolder();
        var (exitCode, output) = await wine.ScriptAsync($$"""
            $backups = '{{WineMachine.Windows(folder.Location)}}'
            $one = Get-OutlookSmtpProfile a@a.test -ProfileName {{profile}}
            "read $($one.OutlookVersion) $($one.AccountKey) $($one.AccountType) $($one.DisplayName.Length) $($one.SmtpServer) $($one.Port) $($one.Encryption) $($one.Authentication) $($one.IncomingServer) $($one.IncomingPort) $($one.IncomingEncryption)"
            $what = @{ EmailAddress = 'a@a.test'; ProfileName = '{{profile}}' }
            Set-OutlookSmtpProfile @what {{SetAll}} -WhatIf
            "after whatif $((Get-OutlookSmtpProfile a@a.test -ProfileName {{profile}}).SmtpServer)"
            $set = Set-OutlookSmtpProfile @what {{SetAll}}
            "set $($set.Status) $($set.PasswordPromptExpected) $($set.Changes.Count) $($set.Reason)"
            $again = Set-OutlookSmtpProfile @what {{SetAll}}
            "again $($again.Status) $($again.Changes.Count)"
            $set.BackupPath
            """);
        Assert.True(exitCode == 0, output);
        Assert.Contains($"read {version} 00000001 Imap 8 out.old.test 25 None None in.old.test 993 ImplicitTls", output, StringComparison.Ordinal);
        Assert.Contains("SMTP Port: 25 -> 587", output, StringComparison.Ordinal);
        Assert.Contains("after whatif out.old.test", output, StringComparison.Ordinal);
        Assert.Contains("set Changed True 9 ", output, StringComparison.Ordinal);
        Assert.Contains("again Unchanged 0", output, StringComparison.Ordinal);

        string Line(string name, string text) => $"\"{name}\"={RegistryText.Text(text, version)}";
        var after = await wine.ExportAsync(key);
        string[] changes =
        [
            "-" + Line("Display Name", "Ada İşık"), "-" + Line("IMAP Server", "in.old.test"), "-" + Line("SMTP Server", "out.old.test"), "-\"SMTP Port\"=dword:00000019",
            "+" + Line("Display Name", "Ada L."), "+" + Line("IMAP Server", "in.new.test"), "+" + Line("SMTP Server", "smtp.new.test"), "+\"SMTP Port\"=dword:0000024b",
            "+\"SMTP Auth Method\"=dword:00000001", "+\"SMTP Secure Connection\"=dword:00000002", "+\"SMTP Use Auth\"=dword:00000001", "+\"SMTP Use SSL\"=dword:00000001", "+" + Line("SMTP User", "a"),
        ];
        Assert.Equal(changes.Order(StringComparer.Ordinal), Changed(before, after, profile, "00000001").Order(StringComparer.Ordinal));
        Assert.Equal(Without(before, profile, "00000001"), Without(after, profile, "00000001"));

        var backup = Directory.GetFiles(folder.Location, "*.json").Single();
        Assert.DoesNotContain("assword", await File.ReadAllTextAsync(backup, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        (_, output) = await wine.ScriptAsync($"(Restore-OutlookSmtpProfile '{WineMachine.Windows(backup)}').Status; (Restore-OutlookSmtpProfile '{WineMachine.Windows(backup)}').Status");
        Assert.Equal("Changed Unchanged", output.ReplaceLineEndings(" ").Trim());
        Assert.Equal(before, await wine.ExportAsync(key));
    }

    [Fact]
    public async Task Values_that_nobody_expects_are_written_over_and_come_back_byte_for_byte()
    {
        var wine = await machine.ReadyAsync();
        var (profile, key) = (Unique(), $@"{User}\{RegistryText.Profiles("16.0")}");
        const string hostile = """
            "SMTP User"=hex:41
            "SMTP Port"=hex(b):01,02,03,04,05,06,07,08
            "SMTP Secure Connection"="x"
            "SMTP Use SSL"=hex(4):01,02
            "SMTP Use Auth"=hex(0):
            "Organization"=hex(1):41,00,42
            "Reply E-mail"=hex(7):41,00,00,00,00,00
            "SMTP Auth Method"=hex:3d,d8
            """;
        var before = await wine.ImportAsync(key, RegistryText.Profile(User, "16.0", profile, ("a@a.test", hostile)));
        using var folder = new TestFolder();
        var (exitCode, output) = await wine.ScriptAsync($$"""
            $backups = '{{WineMachine.Windows(folder.Location)}}'
            "notes $((Get-OutlookSmtpProfile a@a.test -ProfileName {{profile}}).Notes.Count)"
            $set = Set-OutlookSmtpProfile a@a.test -ProfileName {{profile}} {{SetAll}} -Organization O -ReplyTo r@a.test
            "set $($set.Status) $($set.Reason)"
            $restored = Restore-OutlookSmtpProfile $set.BackupPath
            "restored $($restored.Status) $($restored.Reason)"
            """);
        Assert.True(exitCode == 0, output);
        Assert.Contains("set Changed", output, StringComparison.Ordinal);
        Assert.Contains("restored Changed", output, StringComparison.Ordinal);
        Assert.DoesNotContain("notes 0", output, StringComparison.Ordinal);
        Assert.Equal(before, await wine.ExportAsync(key));
    }

    [Fact]
    public async Task Several_runs_are_undone_the_last_one_first()
    {
        var wine = await machine.ReadyAsync();
        var (profile, key) = (Unique(), $@"{User}\{RegistryText.Profiles("16.0")}");
        var before = await wine.ImportAsync(key, RegistryText.Profile(User, "16.0", profile, ("a@a.test", "")));
        using var folder = new TestFolder();
        var (exitCode, output) = await wine.ScriptAsync($$"""
            foreach ($port in 2001, 2002, 2003) { [void](Set-OutlookSmtpProfile a@a.test -ProfileName {{profile}} -Port $port -BackupPath '{{WineMachine.Windows(folder.Location)}}'); [System.Threading.Thread]::Sleep(1100) }
            $run = Restore-OutlookSmtpProfile '{{WineMachine.Windows(folder.Location)}}\*.json' -BackupPath '{{WineMachine.Windows(folder.At("undo.bak"))}}' -Summary
            "$($run.Changed) $($run.Failed)"
            """);
        Assert.Equal((0, "3 0"), (exitCode, output.Trim()));
        Assert.Equal(before, await wine.ExportAsync(key));
    }

    [Fact]
    public async Task Rows_are_applied_bad_ones_named_and_a_second_run_writes_nothing()
    {
        var wine = await machine.ReadyAsync();
        var (profile, key) = (Unique(), $@"{User}\{RegistryText.Profiles("16.0")}");
        await wine.ImportAsync(key, RegistryText.Profile(User, "16.0", profile, ("u500@rows.test", ""), ("u1000@rows.test", "")));
        var script = $$"""
            $rows = foreach ($i in 1..1000) { [pscustomobject]@{ EmailAddress = "u$i@rows.test"; SmtpServer = 'smtp.new.test'; Port = if ($i -eq 17) { 'x' } else { '' }; Encrypton = ''; Encryption = if ($i -eq 900) { 'TLS?' } else { 'Auto' } } }
            $run = $rows | Set-OutlookSmtpProfile -Summary -EventLog -ProfileName {{profile}} -ErrorAction SilentlyContinue -ErrorVariable failed -WarningVariable warned -WarningAction SilentlyContinue
            "$run; $($run.ExitCode)"
            foreach ($one in $failed) { "$($one.FullyQualifiedErrorId.Split(',')[0]): $($one.Exception.Message)" }
            $warned.Count
            exit $run.ExitCode
            """;
        var (exitCode, output) = await wine.ScriptAsync(script);
        Assert.Equal(
            [
                "1000 records: 2 changed, 0 unchanged, 0 not applicable, 996 not here, 2 failed, 0 skipped; 1", "OutlookSettingsInvalid: Row 17 (u17@rows.test): Port 'x' is no number.",
                "OutlookSettingsInvalid: Row 900 (u900@rows.test): Encryption 'TLS?' is none.", "1",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(1, exitCode);
        var after = await wine.ExportAsync(key);
        (_, output) = await wine.ScriptAsync(script);
        Assert.StartsWith("1000 records: 0 changed, 2 unchanged", output, StringComparison.Ordinal);
        Assert.Equal(after, await wine.ExportAsync(key));
    }

    [Fact]
    public async Task A_backup_of_which_the_disk_takes_a_part_is_none_and_nothing_is_changed()
    {
        var wine = await machine.ReadyAsync();
        var (profile, key) = (Unique(), $@"{User}\{RegistryText.Profiles("16.0")}");
        using var folder = new TestFolder();
        var mount = Directory.CreateDirectory(folder.At("small")).FullName;
        var (mounted, why) = await ChildProcess.RunAsync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount]);
        Assert.SkipUnless(mounted == 0, $"This machine does not allow a tmpfs to be mounted: {why}");
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(mount, "fill"), new byte[56 * 1024], TestContext.Current.CancellationToken);
            var text = "\"Organization\"=hex(1):" + string.Concat(Enumerable.Repeat("41,00,", 6000)) + "00,00";
            var before = await wine.ImportAsync(key, RegistryText.Profile(User, "16.0", profile, ("a@a.test", text)));
            var (exitCode, output) = await wine.ScriptAsync($"$set = Set-OutlookSmtpProfile a@a.test -ProfileName {profile} -Organization O -BackupPath '{WineMachine.Windows(mount)}' -ErrorAction SilentlyContinue; \"$($set.Status) $($set.ErrorId)\"");
            Assert.Equal((0, "Failed FileUnwritable"), (exitCode, output.Trim()));
            Assert.Equal(before, await wine.ExportAsync(key));
            Assert.Equal(["fill"], Directory.GetFiles(mount).Select(Path.GetFileName));
        }
        finally
        {
            await ChildProcess.RunAsync("umount", ["-l", mount]);
        }
    }

    [Fact]
    public async Task Another_users_loaded_hive_is_changed_and_no_other()
    {
        var wine = await machine.ReadyAsync();
        var (profile, sid) = (Unique(), "S-1-5-21-11-22-33-" + Random.Shared.Next(1000, 9999).ToString(CultureInfo.InvariantCulture));
        var own = await wine.ImportAsync($@"{User}\{RegistryText.Profiles("16.0")}", RegistryText.Profile(User, "16.0", profile, ("a@a.test", "")));
        var theirs = await wine.ImportAsync($@"HKEY_USERS\{sid}", RegistryText.Profile($@"HKEY_USERS\{sid}", "16.0", profile, ("a@a.test", "")));
        var (exitCode, output) = await wine.ScriptAsync($$"""
            $set = Set-OutlookSmtpProfile a@a.test -Port 2525 -UserSid {{sid}}
            "$($set.Status) $($set.BackupPath -like '*\MailOps\Outlook\{{sid}}\*')"
            try { Set-OutlookSmtpProfile a@a.test -Port 1 -UserSid S-1-5-21-9-9-9-9 -ErrorAction Stop } catch { "$($_.FullyQualifiedErrorId.Split(',')[0]) $($_.ErrorDetails.RecommendedAction -like '*{{sid}}*')" }
            """);
        Assert.True(exitCode == 0, output);
        Assert.Equal("Changed True OutlookUserNotFound True", output.ReplaceLineEndings(" ").Trim());
        Assert.Equal(own, await wine.ExportAsync($@"{User}\{RegistryText.Profiles("16.0")}"));
        Assert.Equal(["+\"SMTP Port\"=dword:000009dd"], RegistryText.Difference(theirs, await wine.ExportAsync($@"HKEY_USERS\{sid}")));
    }

    [Fact]
    public async Task Outlook_that_runs_is_a_refusal_unless_it_is_forced()
    {
        var wine = await machine.ReadyAsync();
        var profile = Unique();
        var key = $@"{User}\{RegistryText.Profiles("15.0")}";
        var before = await wine.ImportAsync(key, RegistryText.Profile(User, "15.0", profile, ("a@a.test", "")));
        await using (var outlook = wine.StartScript("'begun'; while ($true) { [System.Threading.Thread]::Sleep(100) }", WineMachine.HostAs("OUTLOOK.EXE")))
        {
            await Until.TrueAsync(() => outlook.Lines.Contains("begun"), () => outlook.Output);
            var (_, output) = await wine.ScriptAsync($"$set = Set-OutlookSmtpProfile a@a.test -ProfileName {profile} -Port 2525 -ErrorAction SilentlyContinue -Summary; \"$($set.ExitCode) $($set.Results[0].ErrorId)\"");
            Assert.StartsWith("1618 OutlookRunning", output, StringComparison.Ordinal);
            Assert.Equal(before, await wine.ExportAsync(key));
            (_, output) = await wine.ScriptAsync($"(Set-OutlookSmtpProfile a@a.test -ProfileName {profile} -Port 2525 -Force).Status");
            Assert.Equal("Changed", output.Trim());
        }
        Assert.Equal(["+\"SMTP Port\"=dword:000009dd"], RegistryText.Difference(before, await wine.ExportAsync(key)));
    }

    [Fact]
    public async Task Killed_in_the_middle_each_account_is_wholly_old_or_wholly_new_after_the_next_run()
    {
        var wine = await machine.ReadyAsync();
        var (profile, key) = (Unique(), $@"{User}\{RegistryText.Profiles("16.0")}");
        var accounts = Enumerable.Range(1, 150).Select(i => ($"u{i}@kill.test", "\"SMTP Port\"=dword:00000019")).ToArray();
        var before = await wine.ImportAsync(key, RegistryText.Profile(User, "16.0", profile, accounts));
        for (var round = 0; round < 3; round++)
        {
            await using (var host = wine.StartScript($"'begun'; Set-OutlookSmtpProfile *@kill.test -ProfileName {profile} -SmtpServer r{round}.new.test -Port {2525 + round} -UserName r{round} -Organization r{round} | ForEach-Object {{ 'one' }}"))
            {
                await Until.TrueAsync(() => host.Lines.Count > 10 + (7 * round), () => host.Output);
                host.Kill();
            }
            var (exitCode, output) = await wine.ScriptAsync("Restore-OutlookSmtpProfile -Unfinished -WarningAction SilentlyContinue; 'done'");
            Assert.Equal((0, "done"), (exitCode, output.Trim()));
            var after = await wine.ExportAsync(key);
            var states = Enumerable.Range(1, 150).Select(i => State(RegistryText.AccountLines(before, profile, $"{i:X8}"), RegistryText.AccountLines(after, profile, $"{i:X8}"), round)).ToArray();
            Assert.DoesNotContain("mixed", states);
            Assert.Contains("new", states);
            Assert.Contains("old", states);
            before = after;
        }
    }

    [Fact]
    public async Task An_account_is_staged_and_its_state_followed_until_Outlook_has_made_it()
    {
        var wine = await machine.ReadyAsync();
        var (profile, key) = (Unique(), $@"{User}\Software\Microsoft\Office\16.0\Outlook\Setup");
        using var folder = new TestFolder();
        var before = await wine.ImportAsync(key, $"[{key}]\n\"First-Run\"=hex:01\n\"FirstRun\"=hex:02\n\"Other\"=dword:00000003\n");
        string Staging(string more = "") => $$"""
            $new = New-OutlookSmtpProfile new@staged.test -Pop3Server pop.staged.test -SmtpServer smtp.staged.test -Organization {{profile}} -OutlookVersion 16.0 -StagingPath '{{WineMachine.Windows(folder.Location)}}' {{more}}
            $seen = @(Get-OutlookSmtpProfile new@staged.test -ProfileName {{profile}})
            "$($new.State) $($seen.Count) $($seen.State) $($seen.PrfPath -eq $new.Path) $($seen.AccountType) $($seen.SmtpServer)"
            """;
        Assert.Equal((0, " 0  True  "), Trimmed(await wine.ScriptAsync(Staging("-WhatIf") + "; exit 0")));
        Assert.Equal(before, await wine.ExportAsync(key));

        Assert.Equal((0, "Staged 1 Staged True Pop3 smtp.staged.test"), Trimmed(await wine.ScriptAsync(Staging())));
        var file = Assert.Single(Directory.GetFiles(folder.Location));
        var staged = await wine.ExportAsync(key);
        Assert.Equal(["+\"ImportPRF\"=\"" + WineMachine.Windows(file).Replace("\\", "\\\\", StringComparison.Ordinal) + "\"", "-\"First-Run\"=hex:01", "-\"FirstRun\"=hex:02"], RegistryText.Difference(before, staged).Order(StringComparer.Ordinal));

        // What Outlook does when it starts.
        await wine.ImportAsync(key, $"[{key}]\n\"ImportPRF\"=-\n\"First-Run\"=hex:01\n");
        Assert.Equal((0, "Consumed 1 Consumed True Pop3 smtp.staged.test"), Trimmed(await wine.ScriptAsync(Staging())));
        var profiles = $@"{User}\{RegistryText.Profiles("16.0")}";
        await wine.ImportAsync(profiles, RegistryText.Profile(User, "16.0", profile, ("new@staged.test", "\"clsid\"=\"{ED475411-B0D6-11D2-8C3B-00104B2A6676}\"\n\"POP3 Server\"=\"pop.staged.test\"\n\"SMTP Server\"=\"smtp.staged.test\"")));
        Assert.Equal((0, "Verified 1 Verified True Pop3 smtp.staged.test"), Trimmed(await wine.ScriptAsync(Staging())));
        Assert.DoesNotContain("ImportPRF", await wine.ExportAsync(key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_is_staged_for_another_user_and_no_other_hive_is_touched()
    {
        var wine = await machine.ReadyAsync();
        var (profile, sid) = (Unique(), "S-1-5-21-44-55-66-" + Random.Shared.Next(1000, 9999).ToString(CultureInfo.InvariantCulture));
        using var folder = new TestFolder();
        await wine.ImportAsync($@"HKEY_USERS\{sid}", $"[HKEY_USERS\\{sid}\\Software]\n");
        var (exitCode, output) = await wine.ScriptAsync($$"""
            $new = New-OutlookSmtpProfile new@staged.test -Pop3Server pop.staged.test -SmtpServer smtp.staged.test -Organization {{profile}} -UserSid {{sid}} -StagingPath '{{WineMachine.Windows(folder.Location)}}' -WarningAction SilentlyContinue
            $seen = Get-OutlookSmtpProfile -UserSid {{sid}}
            "$($new.State) $($new.UserSid -eq '{{sid}}') $($seen.State) $($seen.EmailAddress)"
            @(Get-OutlookSmtpProfile *@staged.test -ProfileName {{profile}}).Count
            """);
        Assert.True(exitCode == 0, output);
        Assert.Equal("Staged True Staged new@staged.test 0", output.ReplaceLineEndings(" ").Trim());
        Assert.Contains("\"ImportPRF\"=", await wine.ExportAsync($@"HKEY_USERS\{sid}"), StringComparison.Ordinal);
    }

    private static (int ExitCode, string Output) Trimmed((int ExitCode, string Output) run) => (run.ExitCode, run.Output.Split('\n').Last(line => !line.StartsWith("What if", StringComparison.Ordinal) && line.Length > 0));

    // What a round writes is all there, or what was there before it is.
    private static string State(IReadOnlyList<string> before, IReadOnlyList<string> after, int round)
    {
        if (before.SequenceEqual(after)) return "old";
        string[] written = [$"\"SMTP Server\"=\"r{round}.new.test\"", $"\"SMTP Port\"=dword:{2525 + round:x8}", $"\"SMTP User\"=\"r{round}\"", $"\"Organization\"=\"r{round}\"", "\"SMTP Use Auth\"=dword:00000001", "\"SMTP Auth Method\"=dword:00000001"];
        return written.All(after.Contains) ? "new" : "mixed";
    }

    private static string Unique() => "P" + Guid.NewGuid().ToString("N")[..10];

    private static IEnumerable<string> Changed(string before, string after, string profile, string key)
    {
        var (old, now) = (RegistryText.AccountLines(before, profile, key), RegistryText.AccountLines(after, profile, key));
        return [.. old.Except(now).Select(line => "-" + line), .. now.Except(old).Select(line => "+" + line)];
    }

    // The export without the values of one account.
    private static string Without(string export, string profile, string key)
    {
        var lines = RegistryText.AccountLines(export, profile, key).ToHashSet();
        var from = export.IndexOf($"\\{profile}\\{RegistryText.Accounts}\\{key}]", StringComparison.OrdinalIgnoreCase);
        return export[..from] + string.Join('\n', export[from..].Split('\n').Skip(1).SkipWhile(lines.Contains));
    }
}
