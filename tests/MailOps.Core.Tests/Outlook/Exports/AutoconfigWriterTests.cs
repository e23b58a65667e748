using System.Xml.Linq;
using MailOps.Core.Tests.Providers;
using MailOps.Outlook.Exports;
using MailOps.Providers;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Outlook.Exports;

public sealed class AutoconfigWriterTests(ITestOutputHelper output)
{
    [Fact]
    public void For_all_users_it_keeps_the_place_holders()
    {
        const string Expected =
            """
            <?xml version="1.0" encoding="utf-8"?>
            <clientConfig version="1.1">
              <emailProvider id="contoso.example">
                <domain>contoso.example</domain>
                <displayName>Contoso</displayName>
                <displayShortName>Contoso</displayShortName>
                <incomingServer type="imap">
                  <hostname>imap.contoso.example</hostname>
                  <port>993</port>
                  <socketType>SSL</socketType>
                  <username>%EMAILADDRESS%</username>
                  <authentication>password-cleartext</authentication>
                </incomingServer>
                <outgoingServer type="smtp">
                  <hostname>smtp.contoso.example</hostname>
                  <port>587</port>
                  <socketType>STARTTLS</socketType>
                  <username>%EMAILADDRESS%</username>
                  <authentication>password-cleartext</authentication>
                </outgoingServer>
              </emailProvider>
            </clientConfig>

            """;
        var file = Contoso.Definition.Export(MailClientFormat.Autoconfig, null);
        Assert.Equal(Expected, file.Text());
        Assert.Equal("config-v1.1.xml", file.FileName);
    }

    [Fact]
    public void For_one_user_they_are_filled_in() => Assert.All(
        AutoconfigDocument.Parse(Contoso.Draft.With(null, "%EMAILLOCALPART%", MailProtocol.Smtp, MailProtocol.Imap).Check().Export(MailClientFormat.Autoconfig, Contoso.User).Content).Incoming,
        server => Assert.Equal("user", server.UserName));

    [Theory]
    [InlineData(MailAuthentication.Password, "password-cleartext")]
    [InlineData(MailAuthentication.AppPassword, "password-cleartext")]
    [InlineData(MailAuthentication.SmtpCredential, "password-cleartext")]
    [InlineData(MailAuthentication.EncryptedPassword, "password-encrypted")]
    [InlineData(MailAuthentication.OAuth2, "OAuth2")]
    [InlineData(MailAuthentication.Ntlm, "NTLM")]
    [InlineData(MailAuthentication.Kerberos, "GSSAPI")]
    [InlineData(MailAuthentication.ClientCertificate, "TLS-client-cert")]
    [InlineData(MailAuthentication.ClientAddress, "client-IP-address")]
    [InlineData(MailAuthentication.None, "none")]
    public void Proofs_have_the_words_that_Thunderbird_knows(MailAuthentication proof, string word) => Assert.Equal(
        word,
        Contoso.With(Contoso.Server(MailProtocol.Smtp, "smtp.contoso.example", 587, TlsMode.StartTls, proofs: proof)).Export(MailClientFormat.Autoconfig, null).Xml()
            .Descendants("outgoingServer").Single().Element("authentication")!.Value);

    [Fact]
    public void Without_a_word_about_the_proof_a_password_is_assumed_and_that_is_said()
    {
        var server = new MailServer { Protocol = MailProtocol.Smtp, Server = "smtp.contoso.example", Port = 465, Tls = TlsMode.Implicit };
        var file = Contoso.With(server).Export(MailClientFormat.Autoconfig, null);
        Assert.Equal("password-cleartext", file.Xml().Descendants("outgoingServer").Single().Element("authentication")!.Value);
        Assert.Contains(file.Warnings, text => text.Contains("a password is assumed", StringComparison.Ordinal));
    }

    [Fact]
    public void Tokens_stand_beside_the_provider()
    {
        var oauth = new OAuthReading("login.contoso.example", "mail <all>", "https://login.contoso.example/a?b=c&d=e", "https://login.contoso.example/t");
        var definition = (Contoso.Draft with { OAuth = oauth }).With([MailAuthentication.OAuth2], null, MailProtocol.Imap).Check();
        Assert.Equal(oauth, Assert.Single(AutoconfigDocument.Parse(definition.Export(MailClientFormat.Autoconfig, null).Content).OAuth));
        Assert.Empty(AutoconfigDocument.Parse((Contoso.Draft with { OAuth = oauth }).Check().Export(MailClientFormat.Autoconfig, null).Content).OAuth);
    }

    [Fact]
    public void Names_with_characters_of_XML_come_back_as_they_were()
    {
        var name = "Ünal & Söhne <\"GmbH\"> ]]> 😀";
        var file = (Contoso.Draft with { Name = name }).Check().Export(MailClientFormat.Autoconfig, null);
        Assert.Equal(name, AutoconfigDocument.Parse(file.Content).DisplayName);
    }

    [Fact]
    public void Without_a_domain_there_is_no_file_for_all()
    {
        var definition = (Contoso.Draft with { Domains = [] }).Check();
        Assert.Equal(ErrorCode.MailClientFormatUnfit, Assert.Throws<MailOpsException>(() => definition.Export(MailClientFormat.Autoconfig, null)).Code);
        Assert.Equal(["contoso.example"], AutoconfigDocument.Parse(definition.Export(MailClientFormat.Autoconfig, Contoso.User).Content).Domains);
    }

    /// <summary>Each real file goes the whole way: a domain publishes it, Find-MailSettings finds it, it is exported, and read again.</summary>
    [Fact]
    public async Task Real_files_of_providers_are_found_exported_and_read_as_the_same_settings()
    {
        var wrong = new List<string>();
        var (files, servers, skipped) = (0, 0, 0);
        foreach (var path in Conformance.Files("ispdb", "*.xml"))
        {
            files++;
            var content = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            var original = AutoconfigDocument.Parse(content);
            using var fetcher = new SettingsFetcher(TimeSpan.FromSeconds(20), new FakeWeb { ["https://autoconfig.contoso.example/mail/config-v1.1.xml"] = new Page(200, () => new MemoryStream(content)) });
            var found = await new MailSettingsFinder(new FakeZone(), fetcher).FindAsync("user@contoso.example", TestContext.Current.CancellationToken);
            var draft = MailClientDraft.Of([.. found.Settings.Where(one => one.Source == MailSettingsSource.Autoconfig)]);
            if (!draft.Servers.Any(server => server.Protocol != MailProtocol.Smtp))
            {
                skipped++;   // nothing but Exchange
                continue;
            }
            var file = draft.Check().Export(MailClientFormat.Autoconfig, null);
            var again = AutoconfigDocument.Parse(file.Content);
            AssertForm(file.Xml());
            string[] wanted = [.. Known(original.Incoming), .. Known(original.Outgoing)];
            string[] got = [.. Known(again.Incoming), .. Known(again.Outgoing)];
            servers += got.Length;
            var tokens = original.OAuth.Take(1).Where(_ => wanted.Any(server => server.Contains("OAuth2", StringComparison.Ordinal)));
            if (again.Fault is not null || !wanted.SequenceEqual(got) || again.DisplayName != original.DisplayName || !tokens.SequenceEqual(again.OAuth))
                wrong.Add($"{Path.GetFileName(path)}: {again.Fault}\n  {string.Join("\n  ", wanted)}\n got\n  {string.Join("\n  ", got)}");
        }
        output.WriteLine($"{files - wrong.Count - skipped} of {files} files, {servers} servers; {skipped} have no server for IMAP or POP3");
        Assert.Empty(wrong);
        Assert.Equal(89, files);
        Assert.True(skipped <= 2, $"{skipped}");
        Assert.True(servers > 250, $"{servers}");
    }

    private static IEnumerable<string> Known(IEnumerable<ServerReading> servers) => servers.Where(server => server.Protocol is MailProtocol.Imap or MailProtocol.Pop3 or MailProtocol.Smtp)
        .Select(server => $"{server.Protocol} {server.Host.ToLowerInvariant().Replace("%emaildomain%", "contoso.example", StringComparison.Ordinal)}:{server.Port} {server.Tls} {server.UserName} {string.Join(',', server.Authentication)}");

    // What the files of Thunderbird's database have in common: which elements, in which order, and how often.
    private static void AssertForm(XElement root)
    {
        Assert.Equal("1.1", root.Attribute("version")?.Value);
        Assert.Matches("^emailProvider( oAuth2)?$", Names(root));
        var provider = root.Element("emailProvider")!;
        Assert.NotEmpty(provider.Attribute("id")!.Value);
        Assert.Matches("^(domain )+displayName displayShortName( incomingServer)+( outgoingServer)+$", Names(provider));
        foreach (var server in provider.Elements().Where(one => one.Name.LocalName.EndsWith("Server", StringComparison.Ordinal)))
        {
            Assert.Matches("^(imap|pop3|smtp)$", server.Attribute("type")!.Value);
            Assert.Matches("^hostname port socketType( username)?( authentication)+$", Names(server));
        }
    }

    private static string Names(XElement element) => string.Join(' ', element.Elements().Select(one => one.Name.LocalName));
}
