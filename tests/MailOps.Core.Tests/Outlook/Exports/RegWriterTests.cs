using System.Text;
using MailOps.Outlook.Exports;

namespace MailOps.Core.Tests.Outlook.Exports;

public sealed class RegWriterTests
{
    private static readonly MailClientExportOptions Options = new() { ProfileName = "Con [1] \"toso\"", AccountKey = "0000000A" };

    [Fact]
    public void It_says_first_that_it_is_for_review_and_has_the_values_that_may_be_set()
    {
        const string Expected =
            """
            ; For review only: Set-OutlookSmtpProfile makes this change, with a backup; regedit does not take this file.
            Windows Registry Editor Version 5.00

            ; user@contoso.example, Imap account, Outlook 16.0; Outlook must be closed, and asks for the password afterwards.
            [HKEY_CURRENT_USER\Software\Microsoft\Office\16.0\Outlook\Profiles\Con [1] "toso"\9375CFF0413111d3B88A00104B2A6676\0000000A]
            "IMAP Server"="imap.contoso.example"
            "IMAP User"="user@contoso.example"
            "IMAP Port"=dword:000003e1
            "IMAP Use SSL"=dword:00000001
            "SMTP Server"="smtp.contoso.example"
            "SMTP Port"=dword:0000024b
            "SMTP Secure Connection"=dword:00000002
            "SMTP Use SSL"=dword:00000001
            "SMTP Use Auth"=dword:00000001
            "SMTP Auth Method"=-
            "SMTP User"=-

            """;
        var file = Contoso.Definition.Export(MailClientFormat.Reg, Contoso.User, Options);
        Assert.Equal(Expected.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n", Text(file));
        Assert.Equal("user@contoso.example.reg", file.FileName);
    }

    [Theory]
    [InlineData("15.0", @"Software\Microsoft\Office\15.0\Outlook\Profiles\")]
    [InlineData("14.0", @"Software\Microsoft\Windows NT\CurrentVersion\Windows Messaging Subsystem\Profiles\")]
    public void Older_versions_have_other_keys_and_keep_texts_as_bytes(string version, string path)
    {
        var text = Text(Contoso.With(Contoso.Server(MailProtocol.Smtp, "s.ab", 465, TlsMode.Implicit, "\\a")).Export(MailClientFormat.Reg, Contoso.User, Options with { OutlookVersion = version }));
        Assert.Contains(path, text, StringComparison.Ordinal);
        Assert.Contains("\"SMTP Server\"=hex:73,00,2e,00,61,00,62,00,00,00\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\"SMTP User\"=hex:5c,00,61,00,00,00\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\"SMTP Auth Method\"=dword:00000001\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_are_escaped_and_never_a_password_or_an_identity()
    {
        var text = Text(Contoso.Definition.Export(MailClientFormat.Reg, MailClientUser.Create("user@contoso.example", null, "DOMAIN\\\"u\""), Options));
        Assert.Contains("\"IMAP User\"=\"DOMAIN\\\\\\\"u\\\"\"\r\n", text, StringComparison.Ordinal);
        var names = text.Split("\r\n").Where(line => line.StartsWith('"')).Select(line => line.Split('"')[1]).ToArray();
        Assert.Equal(11, names.Length);
        Assert.DoesNotContain(names, name => name.Contains("Password", StringComparison.Ordinal) || name.Contains("UID", StringComparison.Ordinal) || name is "clsid" or "Email" or "Account Name");
    }

    [Fact]
    public void STARTTLS_for_reading_is_left_out_with_a_warning()
    {
        var file = Contoso.With(Contoso.Server(MailProtocol.Pop3, "pop.contoso.example", 110, TlsMode.StartTls)).Export(MailClientFormat.Reg, Contoso.User, Options);
        Assert.DoesNotContain("\"POP3", Text(file), StringComparison.Ordinal);
        Assert.Contains(file.Warnings, text => text.Contains("left out", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "00000001")]
    [InlineData("P", null)]
    [InlineData("P", "1")]
    [InlineData("P", @"00000001\..")]
    [InlineData(@"P\Q", "00000001")]
    [InlineData("P]\r\n[HKEY_LOCAL_MACHINE", "00000001")]
    [InlineData(" ", "00000001")]
    public void Profile_and_account_are_needed_and_lead_nowhere_else(string? profile, string? account)
    {
        var error = Assert.Throws<MailOpsException>(() => Contoso.Definition.Export(MailClientFormat.Reg, Contoso.User, new MailClientExportOptions { ProfileName = profile, AccountKey = account }));
        Assert.Equal(ErrorCode.MailClientFormatUnfit, error.Code);
        Assert.NotEmpty(error.Hint);
    }

    private static string Text(MailClientContent file)
    {
        Assert.Equal([0xFF, 0xFE], file.Content[..2]);
        return Encoding.Unicode.GetString(file.Content[2..]);
    }
}
