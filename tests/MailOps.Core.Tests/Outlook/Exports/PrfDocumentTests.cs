using System.Text;
using MailOps.Outlook.Exports;

namespace MailOps.Core.Tests.Outlook.Exports;

public sealed class PrfDocumentTests
{
    private static readonly string Good = Contoso.Definition.Export(MailClientFormat.Prf, Contoso.User).Text();

    [Fact]
    public void A_good_file_has_no_fault_and_tells_its_accounts()
    {
        var document = PrfDocument.Parse(Encoding.ASCII.GetBytes(Good));
        Assert.Empty(document.Faults);
        Assert.Equal("Contoso", document.ProfileName);
        Assert.Equal(new PrfAccount(MailProtocol.Imap, "user@contoso.example", "imap.contoso.example", "smtp.contoso.example"), Assert.Single(document.Accounts));
        document.ThrowIfFaulty("good.prf");
    }

    [Theory]
    [InlineData("AccountType=IMAP\r\n", "AccountType=POP3\r\n", "[IMAP_I_Mail] has no AccountType=IMAP")]
    [InlineData("IMAPServer=PT_UNICODE,0x0100\r\n", "", "does not map IMAPServer")]
    [InlineData("SMTPPort=PT_LONG,0x0201", "SMTPPort=PT_LONG,0x0202", "SMTPPort is PT_LONG,0x0201, and not PT_LONG,0x0202")]
    [InlineData("SMTPPort=PT_LONG,0x0201", "SMTPPort=PT_UNICODE,0x0201", "SMTPPort is PT_LONG")]
    [InlineData("DisplayName=PT_UNICODE,0x000B", "DisplayName=PT_BINARY,0x000B", "DisplayName is PT_UNICODE")]
    [InlineData("SMTPPort=PT_LONG,0x0201", "SMTPPort=513", "maps nothing")]
    [InlineData("RootFolder=PT_UNICODE,0x1101", "IMAPPassword=PT_BINARY,0x0102", "an account has no key IMAPPassword")]
    [InlineData("IMAPPort=993", "IMAPPassword=geheim", "does not map IMAPPassword")]
    [InlineData("IMAPPort=993", "SMTPTimeout=60", "does not map SMTPTimeout")]
    [InlineData("Account1=IMAP_I_Mail", "Account1=My_Mail", "'My_Mail' is not a kind of account")]
    [InlineData("Account1=IMAP_I_Mail", "Account2=IMAP_I_Mail", "'Account2' stands where Account1 is to be")]
    [InlineData("Account1=IMAP_I_Mail\r\n", "", "names no account")]
    [InlineData("[Account1]", "[Konto1]", "there is no section [Account1]")]
    [InlineData("[IMAP_I_Mail]", "[I_Mail]", "there is no section [IMAP_I_Mail]")]
    [InlineData("[Service List]\r\n", "", "does not begin with the sections")]
    [InlineData("[Internet Account List]", "[Other]", "does not begin with the sections")]
    [InlineData("[Account1]", "[Spare]\r\na=b\r\n[Account1]", "nothing refers to the section [Spare]")]
    [InlineData("ProfileName=Contoso\r\n", "", "no ProfileName")]
    [InlineData("Custom=1\r\n", "", "no Custom=1")]
    [InlineData("ProfileName=Contoso", @"ProfileName=Con\toso", "a backslash")]
    [InlineData("ProfileName=Contoso", "ProfileName='Contoso'", "ProfileName stands in quotes")]
    [InlineData("DisplayName=User Name", "DisplayName=\"User Name\"", "DisplayName stands in quotes")]
    [InlineData("OverwriteProfile=Append", "OverwriteProfile=Maybe", "OverwriteProfile is Yes or No or Append")]
    [InlineData("BackupProfile=No", "BackupProfil=No", "[General] has no key BackupProfil")]
    [InlineData("BackupProfile=No", "DefaultStore=Service1", "DefaultStore is 'Service1'")]
    [InlineData("BackupProfile=No", "Custom=1", "the key Custom is there twice")]
    [InlineData("[Service List]", "[General]", "the section [General] is there twice")]
    [InlineData("IMAPPort=993", "IMAPPort=0", "IMAPPort is a number from 1 to 65535")]
    [InlineData("IMAPPort=993", "IMAPPort=0x10000", "IMAPPort is a number from 1 to 65535")]
    [InlineData("IMAPPort=993", "IMAPPort=-1", "IMAPPort is a number")]
    [InlineData("IMAPUseSSL=1", "IMAPUseSSL=2", "IMAPUseSSL is a number from 0 to 1")]
    [InlineData("SMTPSecureConnection=2", "SMTPSecureConnection=4", "SMTPSecureConnection is a number from 0 to 3")]
    [InlineData("SMTPSecureConnection=2", "SMTPSecureConnection=0", "contradict each other")]
    [InlineData("SMTPSecureConnection=2\r\n", "", "are both needed")]
    [InlineData("SMTPAuthMethod=0", "SMTPAuthMethod=1", "go together")]
    [InlineData("SMTPAuthMethod=0", "SMTPAuthMethod=3", "SMTPAuthMethod is a number from 0 to 2")]
    [InlineData("SMTPServer=smtp.contoso.example", "SMTPServer=smtp contoso", "'smtp contoso' is no host name")]
    [InlineData("SMTPServer=smtp.contoso.example\r\n", "", "has no SMTPServer")]
    [InlineData("EmailAddress=user@contoso.example", "EmailAddress=user", "'user' is not an e-mail address")]
    [InlineData("DisplayName=User Name", "DisplayName", "neither a section nor key=value")]
    [InlineData("DisplayName=User Name", "=User Name", "neither a section nor key=value")]
    [InlineData("[Account1]", "[Account1", "begins as a section")]
    [InlineData(";Section 1\r\n", "Custom=1\r\n", "before the first section")]
    [InlineData("User Name", "User\tName", "a control character")]
    [InlineData("User Name\r\n", "User Name\n", "does not end in CRLF")]
    [InlineData("User Name", "User\rName", "a control character")]
    public void A_fault_is_found(string text, string instead, string fault)
    {
        Assert.Contains(text, Good, StringComparison.Ordinal);
        var document = PrfDocument.Parse(Encoding.ASCII.GetBytes(Replaced(text, instead)));
        Assert.Contains(document.Faults, one => one.Contains(fault, StringComparison.Ordinal));
        var error = Assert.Throws<MailOpsException>(() => document.ThrowIfFaulty("bad.prf"));
        Assert.Equal(ErrorCode.PrfInvalid, error.Code);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Theory]
    [InlineData("AccountType=IMAP", "accounttype=imap")]
    [InlineData("IMAPPort=993", "imapport = 0x3E1")]
    [InlineData("SMTPServer=PT_UNICODE,0x0200", "SMTPServer=PT_STRING8, 0x0200")]
    [InlineData("BackupProfile=No", "BackupProfile=False")]
    [InlineData("SMTPAuthMethod=0\r\n", "SMTPAuthMethod=1\r\nSMTPUserName=u\r\n")]
    public void What_Outlook_takes_as_well_is_no_fault(string text, string instead) => Assert.Empty(PrfDocument.Parse(Encoding.ASCII.GetBytes(Replaced(text, instead))).Faults);

    [Fact]
    public void A_file_with_a_data_file_and_two_accounts_is_good_and_their_values_stand_before_the_mappings()
    {
        var pop = Contoso.Draft.With(MailProtocol.Pop3, "pop.contoso.example", null, null).Check().Export(MailClientFormat.Prf, Contoso.User, new MailClientExportOptions { AccountType = MailProtocol.Pop3 }).Text();
        var second = pop[pop.IndexOf("[Account1]", StringComparison.Ordinal)..pop.IndexOf(";Section 6", StringComparison.Ordinal)].Replace("[Account1]", "[Account2]", StringComparison.Ordinal);
        var whole = Good.Replace("Account1=IMAP_I_Mail\r\n", "Account1=IMAP_I_Mail\r\nAccount2=I_Mail\r\n", StringComparison.Ordinal)
            .Replace("[Service List]\r\n", "[Service List]\r\nService1=Unicode Personal Folders\r\n", StringComparison.Ordinal)
            .Replace(";Section 4 (none)\r\n", "[Service1]\r\nName=Unicode Personal Folders\r\nPathAndFilenameToPersonalFolders=C:\\mail.pst\r\nEncryptionType=0x80000000\r\n", StringComparison.Ordinal)
            .Replace(";Section 6 (none)\r\n", second + "[Unicode Personal Folders]\r\nServiceName=MSUPST MS\r\nName=PT_UNICODE,0x3001\r\nPathAndFilenameToPersonalFolders=PT_STRING8,0x6700\r\nEncryptionType=PT_LONG,0x6702\r\n", StringComparison.Ordinal)
            + pop[pop.IndexOf("[I_Mail]", StringComparison.Ordinal)..];
        var document = PrfDocument.Parse(Encoding.ASCII.GetBytes(whole));
        Assert.Empty(document.Faults);
        Assert.Equal([MailProtocol.Imap, MailProtocol.Pop3], document.Accounts.Select(account => account.Protocol));

        var moved = whole.Replace(second, "", StringComparison.Ordinal) + second;
        Assert.Contains(PrfDocument.Parse(Encoding.ASCII.GetBytes(moved)).Faults, fault => fault.Contains("[Account2] stand behind", StringComparison.Ordinal));
        var unmapped = whole.Replace("EncryptionType=PT_LONG,0x6702\r\n", "", StringComparison.Ordinal);
        Assert.Contains(PrfDocument.Parse(Encoding.ASCII.GetBytes(unmapped)).Faults, fault => fault.Contains("does not map EncryptionType", StringComparison.Ordinal));
        var same = whole.Replace("Account2=I_Mail", "Account2=IMAP_I_Mail", StringComparison.Ordinal);
        Assert.Contains(PrfDocument.Parse(Encoding.ASCII.GetBytes(same)).Faults, fault => fault.Contains("two accounts of one kind", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0xEF, 0xBB, "mark of a Unicode encoding")]
    [InlineData(0xFF, 0xFE, "mark of a Unicode encoding")]
    [InlineData(0x3B, 0x81, "a byte that code page 1252 does not have")]
    public void An_encoding_that_is_not_code_page_1252_is_found(int first, int second, string fault) =>
        Assert.Contains(PrfDocument.Parse([(byte)first, (byte)second, (byte)'\r', (byte)'\n', .. Encoding.ASCII.GetBytes(Good)]).Faults, one => one.Contains(fault, StringComparison.Ordinal));

    [Fact]
    public void Whatever_it_is_it_does_no_harm()
    {
        Assert.NotEmpty(PrfDocument.Parse([]).Faults);
        Assert.NotEmpty(PrfDocument.Parse(new byte[PrfDocument.MaxSize + 1]).Faults);
        Assert.True(PrfDocument.Parse(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("x\n", 100_000)))).Faults.Count <= 50);
        var random = new Random(1);
        var good = Encoding.ASCII.GetBytes(Good);
        for (var i = 0; i < 2000; i++)
        {
            var damaged = good.ToArray();
            for (var j = random.Next(1, 5); j > 0; j--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            _ = PrfDocument.Parse(damaged).Faults;
        }
    }

    private static string Replaced(string text, string instead)
    {
        var at = Good.IndexOf(text, StringComparison.Ordinal);
        return Good[..at] + instead + Good[(at + text.Length)..];
    }
}
