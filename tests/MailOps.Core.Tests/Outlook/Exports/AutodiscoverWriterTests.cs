using System.Text;
using System.Xml.Linq;
using MailOps.Outlook.Exports;
using MailOps.Providers;

namespace MailOps.Core.Tests.Outlook.Exports;

public sealed class AutodiscoverWriterTests
{
    [Fact]
    public void It_is_the_answer_that_the_reference_shows()
    {
        const string Expected =
            """
            <?xml version="1.0" encoding="utf-8"?>
            <Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
              <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
                <Account>
                  <AccountType>email</AccountType>
                  <Action>settings</Action>
                  <Protocol>
                    <Type>IMAP</Type>
                    <Server>imap.contoso.example</Server>
                    <Port>993</Port>
                    <LoginName>user@contoso.example</LoginName>
                    <DomainRequired>off</DomainRequired>
                    <SPA>off</SPA>
                    <SSL>on</SSL>
                    <Encryption>SSL</Encryption>
                    <AuthRequired>on</AuthRequired>
                  </Protocol>
                  <Protocol>
                    <Type>SMTP</Type>
                    <Server>smtp.contoso.example</Server>
                    <Port>587</Port>
                    <LoginName>user@contoso.example</LoginName>
                    <DomainRequired>off</DomainRequired>
                    <SPA>off</SPA>
                    <SSL>on</SSL>
                    <Encryption>TLS</Encryption>
                    <AuthRequired>on</AuthRequired>
                    <UsePOPAuth>on</UsePOPAuth>
                    <SMTPLast>off</SMTPLast>
                  </Protocol>
                </Account>
              </Response>
            </Autodiscover>

            """;
        var file = Contoso.Definition.Export(MailClientFormat.AutodiscoverXml, Contoso.User);
        Assert.Equal(Expected, file.Text());
        Assert.Equal("user@contoso.example.autodiscover.xml", file.FileName);
    }

    [Theory]
    [InlineData(MailProtocol.Smtp, 465, TlsMode.Implicit, "on", "SSL")]
    [InlineData(MailProtocol.Imap, 993, TlsMode.Implicit, "on", "SSL")]
    [InlineData(MailProtocol.Pop3, 995, TlsMode.Implicit, "on", "SSL")]
    [InlineData(MailProtocol.Smtp, 587, TlsMode.StartTls, "on", "TLS")]
    [InlineData(MailProtocol.Imap, 143, TlsMode.StartTls, "on", "TLS")]
    [InlineData(MailProtocol.Pop3, 110, TlsMode.StartTls, "on", "TLS")]
    [InlineData(MailProtocol.Smtp, 25, TlsMode.None, "off", "None")]
    [InlineData(MailProtocol.Imap, 143, TlsMode.None, "off", "None")]
    [InlineData(MailProtocol.Pop3, 110, TlsMode.None, "off", "None")]
    [InlineData(MailProtocol.Smtp, 587, TlsMode.Auto, "on", "Auto")]
    public void SSL_and_Encryption_agree_and_are_read_back(MailProtocol protocol, int port, TlsMode tls, string ssl, string encryption)
    {
        var file = Contoso.With(Contoso.Server(protocol, "mail.contoso.example", port, tls)).Export(MailClientFormat.AutodiscoverXml, Contoso.User);
        var element = file.Xml().Descendants().Single(one => one.Name.LocalName == "Protocol" && Value(one, "Server") == "mail.contoso.example");
        Assert.Equal($"{ssl} {encryption} off", $"{Value(element, "SSL")} {Value(element, "Encryption")} {Value(element, "SPA")}");

        var read = Assert.Single(AutodiscoverDocument.Parse(file.Content).Servers, server => server.Host == "mail.contoso.example");
        Assert.Equal($"{protocol} {port} {tls} user@contoso.example Password", $"{read.Protocol} {read.Port} {read.Tls} {read.UserName} {string.Join(',', read.Authentication)}");
    }

    [Theory]
    [InlineData(MailAuthentication.None, "off off", "")]
    [InlineData(MailAuthentication.ClientAddress, "off off", "")]
    [InlineData(MailAuthentication.Ntlm, "on off", "user@contoso.example")]
    [InlineData(MailAuthentication.AppPassword, "on off", "user@contoso.example")]
    public void Login_follows_from_the_proof_and_SPA_is_always_off(MailAuthentication proof, string expected, string login)
    {
        var element = Contoso.With(Contoso.Server(MailProtocol.Smtp, "mail.contoso.example", 587, TlsMode.StartTls, proofs: proof)).Export(MailClientFormat.AutodiscoverXml, Contoso.User)
            .Xml().Descendants().Single(one => one.Name.LocalName == "Protocol" && Value(one, "Type") == "SMTP");
        Assert.Equal(expected, $"{Value(element, "AuthRequired")} {Value(element, "SPA")}");
        Assert.Equal(login, Value(element, "LoginName") ?? "");
        Assert.Equal(login.Length > 0 ? "on" : "off", Value(element, "UsePOPAuth"));
    }

    [Theory]
    [InlineData("%EMAILADDRESS%", "%EMAILADDRESS%", true)]
    [InlineData("%EMAILLOCALPART%", "%EMAILADDRESS%", true)]
    [InlineData("%EMAILLOCALPART%", "%EMAILLOCALPART%", false)]
    [InlineData("%EMAILDOMAIN%\\%EMAILLOCALPART%", "apikey", true)]
    [InlineData("%EMAILLOCALPART%", "apikey", false)]
    public void For_all_users_Outlook_logs_in_with_the_names_of_the_servers(string incoming, string outgoing, bool isTemplate)
    {
        var file = Contoso.Draft.With(null, incoming, MailProtocol.Imap).With(null, outgoing, MailProtocol.Smtp).Check().Export(MailClientFormat.AutodiscoverXml, null);
        Assert.Equal("autodiscover.xml", file.FileName);
        Assert.Equal(isTemplate, file.Text().Contains("<!-- A template", StringComparison.Ordinal));
        Assert.Equal(isTemplate, file.Warnings.Any(text => text.Contains("is a template", StringComparison.Ordinal)));
        Assert.Equal(!isTemplate, file.Warnings.Any(text => text.Contains("Thunderbird", StringComparison.Ordinal)));

        // A service that answers, with the address that was asked for; one that is served as it is has nothing to be filled in.
        var filled = file.Text().Replace("%EMAILADDRESS%", "o'neil&amp;--sons@contoso.example", StringComparison.Ordinal).Replace("%EMAILLOCALPART%", "o'neil&amp;--sons", StringComparison.Ordinal)
            .Replace("%EMAILDOMAIN%", "contoso.example", StringComparison.Ordinal);
        Assert.Equal(isTemplate, filled != file.Text());
        var user = MailClientUser.Create("o'neil&--sons@contoso.example", null, null);
        var elements = XDocument.Parse(filled).Descendants().Where(one => one.Name.LocalName == "Protocol").ToArray();
        Assert.Equal([UserNameForm.Fill(incoming, user.Address), UserNameForm.Fill(outgoing, user.Address)], elements.Select(element => OutlookLogin(element, user.Address.ToString())));
        Assert.Equal(incoming == outgoing ? "on" : "off", Value(elements[1], "UsePOPAuth"));
    }

    // Microsoft's commented schema: where no value is there, it is the text before the at sign.
    private static string OutlookLogin(XElement protocol, string address) => Value(protocol, "LoginName") ?? address.Split('@')[0];

    [Theory]
    [InlineData("\"<&>'\"@contoso.example")]
    [InlineData("o'neil&sons@contoso.example")]
    [InlineData("пример@contoso.example")]
    public void An_address_with_characters_of_XML_comes_back_as_it_was(string address)
    {
        var file = Contoso.Definition.Export(MailClientFormat.AutodiscoverXml, MailClientUser.Create(address, "<b>&amp;]]></b>", null));
        Assert.All(AutodiscoverDocument.Parse(file.Content).Servers, server => Assert.Equal(address, server.UserName));
        Assert.False(file.Content.AsSpan().StartsWith(Encoding.UTF8.Preamble));
    }

    [Theory]
    [InlineData(465, TlsMode.StartTls, "StartTls is unusual on port 465")]
    [InlineData(587, TlsMode.Implicit, "Implicit is unusual on port 587")]
    [InlineData(25, TlsMode.None, "is not encrypted")]
    public void A_doubtful_server_is_a_warning(int port, TlsMode tls, string warning) => Assert.Contains(
        Contoso.With(Contoso.Server(MailProtocol.Smtp, "mail.contoso.example", port, tls)).Export(MailClientFormat.AutodiscoverXml, Contoso.User).Warnings, text => text.Contains(warning, StringComparison.Ordinal));

    [Fact]
    public void NTLM_alone_is_a_warning_and_a_form_without_OAuth_says_which_password_it_takes()
    {
        string[] Warnings(MailClientFormat format, params MailAuthentication[] proofs) =>
            [.. Contoso.With(Contoso.Server(MailProtocol.Smtp, "mail.contoso.example", 587, TlsMode.StartTls, proofs: proofs)).Export(format, Contoso.User).Warnings];
        Assert.Contains(Warnings(MailClientFormat.AutodiscoverXml, MailAuthentication.Ntlm), text => text.StartsWith("mail.contoso.example takes NTLM", StringComparison.Ordinal));
        foreach (var format in new[] { MailClientFormat.AutodiscoverXml, MailClientFormat.Prf })
        {
            Assert.Contains(Warnings(format, MailAuthentication.OAuth2, MailAuthentication.AppPassword), text => text.StartsWith("mail.contoso.example: classic Outlook logs in with an app password", StringComparison.Ordinal));
            Assert.Contains(Warnings(format, MailAuthentication.OAuth2, MailAuthentication.Password), text => text.StartsWith("mail.contoso.example: classic Outlook logs in with a password", StringComparison.Ordinal));
            Assert.DoesNotContain(Warnings(format, MailAuthentication.Password), text => text.Contains("logs in with", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_provider_that_takes_OAuth_alone_is_a_warning_with_the_alternative()
    {
        var warnings = MailClientDraft.Of(MailProviders.Named("OutlookCom")).Check().Export(MailClientFormat.AutodiscoverXml, Contoso.User).Warnings;
        Assert.Contains(warnings, text => text.StartsWith("outlook.office365.com takes OAuth2 and no password", StringComparison.Ordinal) && text.Contains("add the mailbox as an Exchange or Outlook.com account", StringComparison.Ordinal));
        Assert.DoesNotContain(Contoso.Definition.Export(MailClientFormat.AutodiscoverXml, Contoso.User).Warnings, text => text.Contains("no password", StringComparison.Ordinal));
    }

    private static string? Value(XElement element, string name) => element.Elements().SingleOrDefault(one => one.Name.LocalName == name)?.Value;
}
