namespace MailOps.PowerShell.Tests.Formats;

/// <summary>Accounts of Outlook, and the files that set mail clients up.</summary>
public sealed partial class FormatViewTests
{
    [Fact]
    public void Accounts_of_Outlook_and_what_became_of_them()
    {
        Shows(
            """
            EmailAddress             Type     Profile      Outlook SmtpServer             Port Encryption  Authentication State
            ------------             ----     -------      ------- ----------             ---- ----------  -------------- -----
            ada@example.test         Imap     Outlook      16.0    smtp.example.test       587 StartTls    SameAsIncoming
            ada                      Exchange Outlook      16.0
            bob@example.test         Pop3     Work         16.0    smtp.example.test                                      Staged
            """,
            """
            [MailOps.OutlookSmtpProfile]@{ OutlookVersion = '16.0'; ProfileName = 'Outlook'; AccountKey = '00000002'; AccountType = 'Imap'; EmailAddress = 'ada@example.test'; SmtpServer = 'smtp.example.test'; Port = 587
                Encryption = 'StartTls'; Authentication = 'SameAsIncoming'; UserSid = 'S'; RegistryPath = 'HKCU' }
            [MailOps.OutlookSmtpProfile]@{ OutlookVersion = '16.0'; ProfileName = 'Outlook'; AccountKey = '00000003'; AccountType = 'Exchange'; AccountName = 'ada'; UserSid = 'S'; RegistryPath = 'HKCU' }
            [MailOps.OutlookSmtpProfile]@{ OutlookVersion = '16.0'; ProfileName = 'Work'; AccountKey = ''; AccountType = 'Pop3'; EmailAddress = 'bob@example.test'; SmtpServer = 'smtp.example.test'; State = 'Staged'; UserSid = 'S'; RegistryPath = 'HKCU' }
            """);
        Shows(
            """
            EmailAddress                 Profile      Outlook Status        Prompt Changes, or the reason
            ------------                 -------      ------- ------        ------ ----------------------
            ada@example.test             Outlook      16.0    Changed       yes    SMTP Port: (not set) -> 587
            bob@example.test                                  Failed               It is so.
            """,
            """
            $change = [MailOps.OutlookValueChange]::new('SMTP Port', [NullString]::Value, '587', 'REG_DWORD')
            [MailOps.OutlookSmtpChange]@{ EmailAddress = 'ada@example.test'; ProfileName = 'Outlook'; OutlookVersion = '16.0'; Status = 'Changed'; PasswordPromptExpected = $true; Changes = [MailOps.OutlookValueChange[]]@($change) }
            [MailOps.OutlookSmtpChange]@{ EmailAddress = 'bob@example.test'; Status = 'Failed'; Reason = 'It is so.' }
            """);
        Shows(
            """
            Records Changed Unchanged NotApplicable NotHere Failed Skipped ExitCode BackupPath
            ------- ------- --------- ------------- ------- ------ ------- -------- ----------
               1000       2         1             0     996      1       0        1 /b.json
            """,
            "[MailOps.OutlookChangeSummary]@{ ComputerName = 'PC'; UserSid = 'S'; Records = 1000; Changed = 2; Unchanged = 1; NotHere = 996; Failed = 1; ExitCode = 1; BackupPath = '/b.json' }");
        Shows(
            """
            EmailAddress                 Profile      Outlook Verdict       Details
            ------------                 -------      ------- -------       -------
            ada@example.test             Outlook      16.0    Fail          It is so. Do that. (+1 more)
            """,
            """
            $profile = [MailOps.OutlookSmtpProfile]@{ OutlookVersion = '16.0'; ProfileName = 'Outlook'; AccountKey = '00000002'; UserSid = 'S'; RegistryPath = 'HKCU' }
            $findings = [MailOps.OutlookSmtpFinding]::new('A', 'Fail', 'It is so.', 'Do that.'), [MailOps.OutlookSmtpFinding]::new('B', 'Warning', 'x', 'y')
            [MailOps.OutlookSmtpTest]@{ EmailAddress = 'ada@example.test'; ProfileName = 'Outlook'; OutlookVersion = '16.0'; Verdict = 'Fail'; Details = 'It is so. Do that.'; Findings = $findings; Profile = $profile }
            """);
        Shows(
            """
            Name                     Kind          Before                           After
            ----                     ----          ------                           -----
            SMTP Server              REG_SZ        old.test                         new.test
            """,
            "[MailOps.OutlookValueChange]::new('SMTP Server', 'old.test', 'new.test', 'REG_SZ')");
    }

    [Fact]
    public void Files_for_mail_clients() => Shows(
        """
        Format          EmailAddress                     Warnings Path
        ------          ------------                     -------- ----
        Autoconfig                                              0 /web/config-v1.1.xml
        MobileConfig    a@example.test                          2 /profiles/a@example.test.mobileconfig
        """,
        """
        [MailOps.MailClientProfileFile]@{ Path = '/web/config-v1.1.xml'; Format = 'Autoconfig' }
        [MailOps.MailClientProfileFile]@{ Path = '/profiles/a@example.test.mobileconfig'; Format = 'MobileConfig'; EmailAddress = 'a@example.test'; Warnings = [string[]]@('one', 'two') }
        """);

    [Fact]
    public void Profiles_that_are_made() => Shows(
        """
        State     EmailAddress                     ProfileName          AccountType Path
        -----     ------------                     -----------          ----------- ----
        Staged    a@example.test                   Example Ltd          Pop3        C:\Prf\a@example.test.prf
        """,
        """
        [MailOps.OutlookNewProfile]@{ State = 'Staged'; EmailAddress = 'a@example.test'; ProfileName = 'Example Ltd'; AccountType = 'Pop3'; Path = 'C:\Prf\a@example.test.prf' }
        """);
}
