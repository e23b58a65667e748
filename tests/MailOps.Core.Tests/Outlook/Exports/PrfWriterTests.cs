using System.Text;
using MailOps.Outlook.Exports;
using MailOps.Providers;

namespace MailOps.Core.Tests.Outlook.Exports;

public sealed class PrfWriterTests
{
    /// <summary>The template, with the parts that differ for POP3 in braces.</summary>
    private const string Template =
        """
        ;Section 1
        [General]
        Custom=1
        ProfileName=Contoso
        DefaultProfile=Yes
        OverwriteProfile=Append
        ModifyDefaultProfileIfPresent=FALSE
        BackupProfile=No

        ;Section 2
        [Service List]

        ;Section 3
        [Internet Account List]
        Account1={section}

        ;Section 4 (none)

        ;Section 5
        [Account1]
        UniqueService=No
        AccountName=user@contoso.example
        DisplayName=User Name
        EmailAddress=user@contoso.example
        {type}Server={host}.contoso.example
        {type}UserName=user@contoso.example
        {type}Port={port}
        {type}UseSSL=1
        {type}UseSPA=0
        SMTPServer=smtp.contoso.example
        SMTPPort=587
        SMTPUseSSL=1
        SMTPSecureConnection=2
        SMTPUseAuth=1
        SMTPAuthMethod=0
        ConnectionType=0
        ServerTimeOut=60{leave}

        ;Section 6 (none)

        ;Section 7
        [{section}]
        AccountType={type}
        AccountName=PT_UNICODE,0x0002
        DisplayName=PT_UNICODE,0x000B
        EmailAddress=PT_UNICODE,0x000C
        {type}Server=PT_UNICODE,0x0100
        {type}UserName=PT_UNICODE,0x0101
        ReplyEmailAddress=PT_UNICODE,0x0103
        {type}Port=PT_LONG,0x0104
        {type}UseSSL=PT_LONG,0x0105
        Organization=PT_UNICODE,0x0107
        {type}UseSPA=PT_LONG,0x0108
        ConnectionType=PT_LONG,0x000F
        ConnectionOID=PT_UNICODE,0x0010
        SMTPServer=PT_UNICODE,0x0200
        SMTPPort=PT_LONG,0x0201
        SMTPUseSSL=PT_LONG,0x0202
        SMTPUseAuth=PT_LONG,0x0203
        SMTPUserName=PT_UNICODE,0x0204
        SMTPUseSPA=PT_LONG,0x0207
        SMTPAuthMethod=PT_LONG,0x0208
        ServerTimeOut=PT_LONG,0x0209
        SMTPSecureConnection=PT_LONG,0x020A

        """;

    [Fact]
    public void An_IMAP_account_is_the_template_byte_for_byte() => AssertBytes(
        Template.Replace("{section}", "IMAP_I_Mail", StringComparison.Ordinal).Replace("{type}", "IMAP", StringComparison.Ordinal).Replace("{host}", "imap", StringComparison.Ordinal).Replace("{port}", "993", StringComparison.Ordinal).Replace("{leave}", "", StringComparison.Ordinal)
            + "CheckNewImap=PT_LONG,0x1100\nRootFolder=PT_UNICODE,0x1101\n",
        Contoso.Definition.Export(MailClientFormat.Prf, Contoso.User));

    [Fact]
    public void A_POP3_account_is_the_template_byte_for_byte() => AssertBytes(
        Template.Replace("{section}", "I_Mail", StringComparison.Ordinal).Replace("{type}", "POP3", StringComparison.Ordinal).Replace("{host}", "pop", StringComparison.Ordinal).Replace("{port}", "995", StringComparison.Ordinal).Replace("{leave}", "\nLeaveOnServer=0x1", StringComparison.Ordinal)
            + "LeaveOnServer=PT_LONG,0x1000\n",
        Contoso.Draft.With(MailProtocol.Pop3, "pop.contoso.example", null, null).Check().Export(MailClientFormat.Prf, Contoso.User, new MailClientExportOptions { AccountType = MailProtocol.Pop3 }));

    [Theory]
    [InlineData(465, TlsMode.Implicit, "SMTPPort=465 SMTPUseSSL=1 SMTPSecureConnection=1")]
    [InlineData(587, TlsMode.StartTls, "SMTPPort=587 SMTPUseSSL=1 SMTPSecureConnection=2")]
    [InlineData(587, TlsMode.Auto, "SMTPPort=587 SMTPUseSSL=1 SMTPSecureConnection=3")]
    [InlineData(25, TlsMode.None, "SMTPPort=25 SMTPUseSSL=0 SMTPSecureConnection=0")]
    public void Encryption_is_a_pair_that_agrees(int port, TlsMode tls, string expected) =>
        Assert.Equal(expected, Lines(Contoso.With(Contoso.Server(MailProtocol.Smtp, "smtp.contoso.example", port, tls)), "SMTPPort", "SMTPUseSSL", "SMTPSecureConnection"));

    [Theory]
    [InlineData("%EMAILADDRESS%", MailAuthentication.Password, "SMTPUseAuth=1 SMTPAuthMethod=0")]
    [InlineData("%EMAILLOCALPART%", MailAuthentication.Password, "SMTPUseAuth=1 SMTPAuthMethod=1 SMTPUserName=user")]
    [InlineData("%EMAILADDRESS%", MailAuthentication.None, "SMTPUseAuth=0 SMTPAuthMethod=0")]
    [InlineData("%EMAILADDRESS%", MailAuthentication.Ntlm, "SMTPUseAuth=1 SMTPAuthMethod=0 SMTPUseSPA=1")]
    public void Login_follows_from_proof_and_name(string form, MailAuthentication proof, string expected) => Assert.Equal(
        expected, Lines(Contoso.With(Contoso.Server(MailProtocol.Smtp, "smtp.contoso.example", 587, TlsMode.StartTls, form, proof)), "SMTPUseAuth", "SMTPAuthMethod", "SMTPUserName", "SMTPUseSPA"));

    // Bit 0 leaves, bit 1 removes after days, which are in the upper half.
    [Theory]
    [InlineData(null, null, 0x1)]
    [InlineData(true, null, 0x1)]
    [InlineData(false, null, 0x0)]
    [InlineData(null, 14, 0xE0003)]
    [InlineData(true, 9999, 0x270F0003)]
    public void A_POP3_account_is_told_what_to_leave_on_the_server(bool? leaves, int? days, int expected)
    {
        var options = new MailClientExportOptions { AccountType = MailProtocol.Pop3, LeavesOnServer = leaves, DaysOnServer = days };
        var file = Contoso.With(Contoso.Server(MailProtocol.Pop3, "pop.contoso.example", 995, TlsMode.Implicit)).Export(MailClientFormat.Prf, Contoso.User, options);
        Assert.Contains($"LeaveOnServer=0x{expected:X}\r\n", file.Text(), StringComparison.Ordinal);
        Assert.Contains("LeaveOnServer=PT_LONG,0x1000\r\n", file.Text(), StringComparison.Ordinal);
        Assert.Empty(PrfDocument.Parse(file.Content).Faults);
        Assert.DoesNotContain(file.Warnings, text => text.Contains("LeaveOnServer", StringComparison.Ordinal));
    }

    [Fact]
    public void What_stays_on_the_server_does_not_contradict_itself_and_is_not_for_IMAP()
    {
        var pop = Contoso.With(Contoso.Server(MailProtocol.Pop3, "pop.contoso.example", 995, TlsMode.Implicit));
        Assert.Equal(ErrorCode.MailClientFormatUnfit, Assert.Throws<MailOpsException>(() => pop.Export(MailClientFormat.Prf, Contoso.User, new MailClientExportOptions { LeavesOnServer = false, DaysOnServer = 3 })).Code);
        var imap = Contoso.Definition.Export(MailClientFormat.Prf, Contoso.User, new MailClientExportOptions { DaysOnServer = 3 });
        Assert.DoesNotContain("LeaveOnServer", imap.Text(), StringComparison.Ordinal);
        Assert.Contains(imap.Warnings, text => text.Contains("-DaysOnServer", StringComparison.Ordinal));
    }

    [Fact]
    public void The_profile_that_Outlook_starts_with_can_stay()
    {
        var file = Contoso.Definition.Export(MailClientFormat.Prf, Contoso.User, new MailClientExportOptions { KeepsDefaultProfile = true });
        Assert.Contains("DefaultProfile=No\r\n", file.Text(), StringComparison.Ordinal);
        Assert.Empty(PrfDocument.Parse(file.Content).Faults);
    }

    [Theory]
    [InlineData(" Work")]
    [InlineData("Work ")]
    [InlineData("'Work'")]
    [InlineData("\"Work\"")]
    [InlineData("''")]
    [InlineData(@"Work\Home")]
    public void The_name_of_a_profile_that_Outlook_would_not_take_as_it_is_is_refused(string name)
    {
        var error = Assert.Throws<MailOpsException>(() => Contoso.Definition.Export(MailClientFormat.Prf, Contoso.User, new MailClientExportOptions { ProfileName = name }));
        Assert.Equal(ErrorCode.MailClientFormatUnfit, error.Code);
    }

    [Fact]
    public void The_profile_can_have_another_name() => Assert.Contains(
        "ProfileName=Work & Co\r\n", Contoso.Definition.Export(MailClientFormat.Prf, Contoso.User, new MailClientExportOptions { ProfileName = "Work & Co" }).Text(), StringComparison.Ordinal);

    [Fact]
    public void Letters_of_the_code_page_are_one_byte()
    {
        var file = Contoso.Definition.Export(MailClientFormat.Prf, MailClientUser.Create("user@contoso.example", "Zoë “€” Ž", null)).Content;
        Assert.True(file.AsSpan().IndexOf((ReadOnlySpan<byte>)[(byte)'Z', (byte)'o', 0xEB, (byte)' ', 0x93, 0x80, 0x94, (byte)' ', 0x8E, (byte)'\r']) > 0);
        Assert.Empty(PrfDocument.Parse(file).Faults);
    }

    [Theory]
    [InlineData("Ελένη")]
    [InlineData("😀")]
    [InlineData("ş")]
    [InlineData("\"quoted\"")]
    [InlineData("'quoted'")]
    public void What_Outlook_would_not_read_as_it_is_is_refused_with_an_alternative(string name)
    {
        foreach (var export in new Action[]
        {
            () => Contoso.Definition.Export(MailClientFormat.Prf, MailClientUser.Create("user@contoso.example", name, null)),
            () => Contoso.Definition.Export(MailClientFormat.Prf, MailClientUser.Create("user@contoso.example", null, name)),
            () => (Contoso.Draft with { Name = name }).Check().Export(MailClientFormat.Prf, Contoso.User),
            () => Contoso.Definition.Export(MailClientFormat.Prf, Contoso.User, new MailClientExportOptions { ProfileName = name }),
        })
        {
            var error = Assert.Throws<MailOpsException>(export);
            Assert.Equal(ErrorCode.MailClientFormatUnfit, error.Code);
            Assert.NotEmpty(error.Hint);
        }
    }

    [Theory]
    [InlineData("a\r\n[General]")]
    [InlineData("a\nPOP3Password=x")]
    [InlineData("a\0b")]
    [InlineData("a\u0081b")]
    public void The_name_of_a_profile_cannot_break_a_line(string name) =>
        Assert.Equal(ErrorCode.MailClientFormatUnfit, Assert.Throws<MailOpsException>(() => Contoso.Definition.Export(MailClientFormat.Prf, Contoso.User, new MailClientExportOptions { ProfileName = name })).Code);

    [Fact]
    public void STARTTLS_for_reading_is_refused_since_nobody_knows_how_it_is_stored()
    {
        var definition = Contoso.With(Contoso.Server(MailProtocol.Imap, "imap.contoso.example", 143, TlsMode.StartTls));
        Assert.Contains("port 993", Assert.Throws<MailOpsException>(() => definition.Export(MailClientFormat.Prf, Contoso.User)).Hint, StringComparison.Ordinal);
        Assert.Equal("IMAPUseSSL=0", Lines(Contoso.With(Contoso.Server(MailProtocol.Imap, "imap.contoso.example", 143, TlsMode.None)), "IMAPUseSSL"));
    }

    [Fact]
    public void What_is_not_sure_to_work_is_a_warning_with_the_alternative()
    {
        Assert.Contains(Contoso.Definition.Export(MailClientFormat.Prf, Contoso.User).Warnings, text => text.Contains("disputed", StringComparison.Ordinal) && text.Contains("Autodiscover", StringComparison.Ordinal));
        var oauth = MailClientDraft.Of(MailProviders.Named("OutlookCom")).Check().Export(MailClientFormat.Prf, Contoso.User);
        Assert.Contains(oauth.Warnings, text => text.Contains("add the mailbox as an Exchange or Outlook.com account", StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_for_one_user_alone() => Assert.Equal(ErrorCode.MailClientFormatUnfit, Assert.Throws<MailOpsException>(() => Contoso.Definition.Export(MailClientFormat.Prf, null)).Code);

    private static string Lines(MailClientDefinition definition, params string[] keys) => string.Join(
        ' ', definition.Export(MailClientFormat.Prf, Contoso.User).Text().Split("\r\n").Where(line => keys.Contains(line.Split('=')[0]) && !line.Contains("PT_", StringComparison.Ordinal)));

    private static void AssertBytes(string expected, MailClientContent file)
    {
        Assert.Equal(expected.Replace("\n", "\r\n", StringComparison.Ordinal), file.Text());
        Assert.Equal(Encoding.ASCII.GetBytes(expected.Replace("\n", "\r\n", StringComparison.Ordinal)), file.Content);
        Assert.Equal("user@contoso.example.prf", file.FileName);
        Assert.Empty(PrfDocument.Parse(file.Content).Faults);
    }
}
