using MailOps.Dns;
using MailOps.Providers;

namespace MailOps.Core.Tests.Providers;

public sealed class MailSettingsFinderTests : IDisposable
{
    private const string Config = """
        <clientConfig version="1.1"><emailProvider id="example.test"><domain>example.test</domain><displayName>Example</displayName>
        <incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>993</port><socketType>SSL</socketType><authentication>OAuth2</authentication><authentication>password-cleartext</authentication><username>%EMAILLOCALPART%</username></incomingServer>
        <outgoingServer type="smtp"><hostname>smtp.example.test</hostname><port>587</port><socketType>STARTTLS</socketType><authentication>password-cleartext</authentication><username>%EMAILADDRESS%</username></outgoingServer>
        </emailProvider><oAuth2><issuer>login.example.test</issuer><scope>mail</scope><authURL>https://login.example.test/a</authURL><tokenURL>https://login.example.test/t</tokenURL></oAuth2></clientConfig>
        """;

    private const string Discovered = """
        <Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
        <Account><AccountType>email</AccountType><Action>settings</Action>
        <Protocol><Type>IMAP</Type><Server>imap.example.test</Server><Port>993</Port><LoginName>someone</LoginName><SPA>off</SPA><SSL>on</SSL><Encryption>SSL</Encryption></Protocol>
        <Protocol><Type>SMTP</Type><Server>smtp.example.test</Server><Port>465</Port><SPA>off</SPA><SSL>on</SSL><Encryption>TLS</Encryption></Protocol>
        </Account></Response></Autodiscover>
        """;

    private readonly FakeWeb _web = new();

    public void Dispose() => _web.Dispose();

    [Fact]
    public async Task All_sources_are_given_in_their_order_of_trust()
    {
        var zone = new FakeZone { Srv = { ["_submissions._tcp.gmx.net"] = [new(0, 1, 465, "mail.gmx.net")] }, Mx = { ["gmx.net"] = [new(10, "mx.hoster.test.example")] } };
        _web["https://gmx.net/.well-known/autoconfig/mail/config-v1.1.xml"] = new(200, Config);
        _web["https://autoconfig.thunderbird.net/v1.1/gmx.net"] = new(200, Config);
        _web["https://autoconfig.hoster.test.example/mail/config-v1.1.xml"] = new(200, Config);
        _web["https://autodiscover.gmx.net/autodiscover/autodiscover.xml"] = new(200, Discovered);

        var found = await FindAsync("someone@gmx.net", zone, ispdb: true);

        Assert.Equal(
            [MailSettingsSource.Srv, MailSettingsSource.Autoconfig, MailSettingsSource.Ispdb, MailSettingsSource.AutoconfigByMx, MailSettingsSource.Autodiscover, MailSettingsSource.Preset],
            found.Select(settings => settings.Source).Distinct());
        Assert.Equal(Enumerable.Range(1, found.Count), found.Select(settings => settings.Rank));
        Assert.All(found, settings => Assert.NotEmpty(settings.SourceDetail));
        Assert.All(found, settings => Assert.Equal(settings.Source != MailSettingsSource.AutoconfigByMx, settings.IsTrusted));
        Assert.All(found.Where(settings => !settings.IsTrusted), settings => Assert.NotEmpty(settings.Warnings));
    }

    [Fact]
    public async Task Service_records_count_by_priority_and_what_is_encrypted_at_once_comes_first()
    {
        var zone = new FakeZone
        {
            Srv =
            {
                ["_submission._tcp.example.test"] = [new(0, 1, 587, "a.example.test")],
                ["_submissions._tcp.example.test"] = [new(20, 1, 465, "late.example.test"), new(10, 5, 465, "b.example.test"), new(10, 50, 465, "c.example.test")],
                ["_imaps._tcp.example.test"] = [new(0, 0, 0, "")],
                ["_pop3s._tcp.example.test"] = [new(0, 1, 995, "pop.elsewhere.example")],
            },
        };

        var found = await FindAsync("someone@example.test", zone);

        Assert.Equal(
            ["Smtp c.example.test:465 Implicit True", "Smtp b.example.test:465 Implicit True", "Smtp late.example.test:465 Implicit True", "Smtp a.example.test:587 StartTls True", "Pop3 pop.elsewhere.example:995 Implicit False"],
            found.Select(Text));
        Assert.Contains("pop.elsewhere.example", Assert.Single(found[4].Warnings), StringComparison.Ordinal);
        Assert.Equal("someone@example.test", found[0].UserName);
    }

    [Fact]
    public async Task A_server_elsewhere_is_trusted_where_DNSSEC_proves_it()
    {
        var zone = new FakeZone { Secure = true, Srv = { ["_imaps._tcp.example.test"] = [new(0, 1, 993, "imap.elsewhere.example")] } };
        Assert.True(Assert.Single(await FindAsync("someone@example.test", zone)).IsTrusted);
    }

    [Fact]
    public async Task A_file_for_mail_programs_is_filled_in_for_the_address()
    {
        _web["https://autoconfig.example.test/mail/config-v1.1.xml"] = new(302, "https://files.example/config.xml");
        _web["https://files.example/config.xml"] = new(200, Config);

        var found = await FindAsync("some.one@example.test", new FakeZone());

        Assert.Equal(["Smtp smtp.example.test:587 StartTls True", "Imap imap.example.test:993 Implicit True"], found.Select(Text));
        Assert.Equal(["some.one@example.test", "some.one"], found.Select(settings => settings.UserName));
        Assert.Equal("%EMAILLOCALPART%", found[1].UserNameForm);
        Assert.Equal([MailAuthentication.OAuth2, MailAuthentication.Password], found[1].Authentication);
        Assert.Equal("login.example.test", found[1].OAuthIssuer);
        Assert.Null(found[0].OAuthIssuer);
        Assert.Equal("Example", found[0].DisplayName);
        Assert.Equal(["https://files.example/config.xml"], found[0].Redirects);
    }

    [Fact]
    public async Task Without_TLS_the_address_is_not_told_and_the_answer_not_trusted()
    {
        _web["http://autoconfig.example.test/mail/config-v1.1.xml"] = new(200, Config);

        var found = await FindAsync("someone@example.test", new FakeZone());

        Assert.All(found, settings => Assert.False(settings.IsTrusted));
        Assert.All(found, settings => Assert.Contains("without TLS", settings.Warnings[0], StringComparison.Ordinal));
        Assert.Contains(_web.Asked, address => address == "https://autoconfig.example.test/mail/config-v1.1.xml?emailaddress=someone%40example.test");
        Assert.All(_web.Asked.Where(address => address.StartsWith("http:", StringComparison.Ordinal)), address => Assert.DoesNotContain("someone", address, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_TLS_answers_plain_is_not_asked_and_a_third_party_never_unless_wanted()
    {
        _web["https://autoconfig.example.test/mail/config-v1.1.xml"] = new(200, Config);
        var zone = new FakeZone { Mx = { ["example.test"] = [new(10, "mx1.mail.hoster.example")] } };

        await FindAsync("someone@example.test", zone);

        Assert.DoesNotContain(_web.Asked, address => address.StartsWith("http:", StringComparison.Ordinal) || address.Contains("thunderbird", StringComparison.Ordinal));
        Assert.Contains("https://autoconfig.mail.hoster.example/mail/config-v1.1.xml", _web.Asked);
        Assert.DoesNotContain(_web.Asked, address => address.Contains("hoster", StringComparison.Ordinal) && address.Contains("someone", StringComparison.Ordinal));
        Assert.All(_web.Asked.Where(address => address.Contains("autodiscover", StringComparison.Ordinal)), address => Assert.StartsWith("https://", address, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Autodiscover_is_asked_for_the_address_and_odd_TLS_is_put_right()
    {
        _web["https://autodiscover.example.test/autodiscover/autodiscover.xml"] = new(200, Discovered);

        var found = await FindAsync("a&b@example.test", new FakeZone());

        Assert.Equal(["Imap imap.example.test:993 Implicit True", "Smtp smtp.example.test:465 Implicit True"], found.Select(Text));
        Assert.Equal(["someone", "a&b@example.test"], found.Select(settings => settings.UserName));
        Assert.Contains("Encryption TLS", Assert.Single(found[1].Warnings), StringComparison.Ordinal);
        Assert.All(_web.Sent, sent => Assert.Contains("<EMailAddress>a&amp;b@example.test</EMailAddress>", sent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Autodiscover_leads_to_other_addresses_and_places_but_not_for_ever()
    {
        _web["https://autodiscover.example.test/autodiscover/autodiscover.xml"] = new(200, "<Autodiscover><Response><Account><Action>redirectAddr</Action><RedirectAddr>someone@two.example</RedirectAddr></Account></Response></Autodiscover>");
        _web["https://autodiscover.two.example/autodiscover/autodiscover.xml"] = new(200, "<Autodiscover><Response><Account><Action>redirectUrl</Action><RedirectUrl>https://three.example/x</RedirectUrl></Account></Response></Autodiscover>");
        _web["https://three.example/x"] = new(200, Discovered);
        _web["https://example.test/autodiscover/autodiscover.xml"] = new(200, "<Autodiscover><Response><Account><RedirectAddr>someone@circle.example</RedirectAddr></Account></Response></Autodiscover>");
        _web["https://autodiscover.circle.example/autodiscover/autodiscover.xml"] = new(200, "<Autodiscover><Response><Account><RedirectAddr>someone@circle.example</RedirectAddr></Account></Response></Autodiscover>");

        var found = await FindAsync("someone@example.test", new FakeZone());

        Assert.Equal(["someone@two.example", "https://three.example/x"], found[0].Redirects);
        Assert.InRange(_web.Asked.Count(address => address.Contains("circle", StringComparison.Ordinal)), 1, 10);
    }

    [Fact]
    public async Task A_hosted_domain_is_known_by_its_mail_exchanger()
    {
        var zone = new FakeZone { Mx = { ["example.test"] = [new(0, "example-test.mail.protection.outlook.com")] } };

        var found = await FindAsync("someone@example.test", zone);

        Assert.All(found, settings => Assert.Equal(MailSettingsSource.PresetByMx, settings.Source));
        Assert.Equal("Smtp smtp.office365.com:587 StartTls True", Text(found[0]));
        Assert.Contains("example-test.mail.protection.outlook.com", found[0].SourceDetail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_want_of_anything_better_it_guesses_but_not_what_the_domain_denies()
    {
        var zone = new FakeZone { Hosts = { "mail.example.test", "imap.example.test" }, Srv = { ["_imaps._tcp.example.test"] = [new(0, 0, 0, "")] } };

        var found = await FindAsync("someone@example.test", zone);

        Assert.Equal(["Smtp mail.example.test:465 Implicit False", "Smtp mail.example.test:587 StartTls False"], found.Select(Text));
        Assert.All(found, settings => Assert.Equal(MailSettingsSource.Guess, settings.Source));
        Assert.All(found, settings => Assert.NotEmpty(settings.Warnings));
    }

    [Theory]
    [InlineData("nobody", DnsStatus.NoRecords, ErrorCode.InvalidAddress)]
    [InlineData("a@[192.0.2.1]", DnsStatus.NoRecords, ErrorCode.InvalidAddress)]
    [InlineData("a@example.test", DnsStatus.NoSuchDomain, ErrorCode.DnsNoSuchDomain)]
    [InlineData("a@example.test", DnsStatus.Failed, ErrorCode.DnsFailed)]
    [InlineData("a@example.test", DnsStatus.NoRecords, ErrorCode.MailSettingsNotFound)]
    public async Task What_cannot_be_found_says_why(string address, DnsStatus otherwise, string code)
    {
        var error = await Assert.ThrowsAsync<MailOpsException>(() => FindAsync(address, new FakeZone { Otherwise = otherwise }));

        Assert.Equal(code, error.Code);
        Assert.NotEmpty(error.Hint!);
        if (code is ErrorCode.DnsNoSuchDomain or ErrorCode.InvalidAddress) Assert.Empty(_web.Asked);
        if (code == ErrorCode.MailSettingsNotFound) Assert.Contains("https://autoconfig.example.test/mail/config-v1.1.xml", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mx.hoster.example", "hoster.example")]
    [InlineData("mx1.eu.hoster.example", "eu.hoster.example")]
    [InlineData("hoster.example", null)]
    [InlineData("hoster.co.uk", null)]
    [InlineData("mx.hoster.co.uk", "hoster.co.uk")]
    [InlineData("localhost", null)]
    public void A_registry_is_not_asked_for_those_in_it(string host, string? domain) => Assert.Equal(domain, AutoconfigSource.DomainOf(host));

    [Fact]
    public async Task Words_of_strangers_cannot_move_the_cursor_and_hosts_are_names()
    {
        _web["https://autoconfig.example.test/mail/config-v1.1.xml"] = new(200, Config
            .Replace(">Example<", ">\u009b2J\u202eExample<", StringComparison.Ordinal).Replace("smtp.example.test", "smtp.example.test -oProxy", StringComparison.Ordinal));

        var found = await FindAsync("someone@example.test", new FakeZone());

        Assert.Equal("\\u009B2J\\u202EExample", Assert.Single(found).DisplayName);
        Assert.Equal(MailProtocol.Imap, found[0].Protocol);
    }

    private static string Text(MailSettings settings) => $"{settings.Protocol} {settings.Server}:{settings.Port} {settings.Tls} {settings.IsTrusted}";

    private async Task<IReadOnlyList<MailSettings>> FindAsync(string address, FakeZone zone, bool ispdb = false)
    {
        using var fetcher = new SettingsFetcher(TimeSpan.FromSeconds(30), _web);
        return (await new MailSettingsFinder(zone, fetcher, ispdb).FindAsync(address, TestContext.Current.CancellationToken)).Settings;
    }
}
