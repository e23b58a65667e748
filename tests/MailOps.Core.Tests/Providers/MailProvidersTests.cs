using MailOps.Messages;
using MailOps.Providers;

namespace MailOps.Core.Tests.Providers;

public sealed class MailProvidersTests
{
    [Theory]
    [InlineData("gmail.com", "Gmail")]
    [InlineData("GMX.De", "GmxNet")]
    [InlineData("contoso.onmicrosoft.com", "Microsoft365")]
    [InlineData("hotmail.com", "OutlookCom")]
    [InlineData("me.com", "ICloud")]
    [InlineData("onmicrosoft.com", null)]
    [InlineData("notgmail.com", null)]
    [InlineData("gmail.com.example", null)]
    [InlineData("[192.0.2.1]", null)]
    public void A_provider_is_known_by_its_users_domains(string domain, string? name) => Assert.Equal(name, MailProviders.ForDomain(domain)?.Name);

    [Theory]
    [InlineData("example-test.mail.protection.outlook.com", "Microsoft365")]
    [InlineData("outlook-com.olc.protection.outlook.com", "OutlookCom")]
    [InlineData("ALT1.ASPMX.L.GOOGLE.COM", "Gmail")]
    [InlineData("mta5.am0.yahoodns.net", "Yahoo")]
    [InlineData("mx-aol.mail.gm0.yahoodns.net", "Aol")]
    [InlineData("in1-smtp.messagingengine.com", "Fastmail")]
    [InlineData("mx.example.test", null)]
    [InlineData("aspmx.l.google.com.example", null)]
    public void A_provider_is_known_by_its_mail_exchangers(string host, string? name) => Assert.Equal(name, MailProviders.ForMailExchanger(host)?.Name);

    [Fact]
    public void Each_provider_has_a_name_of_its_own_servers_and_a_day()
    {
        Assert.Equal(19, MailProviders.All.Count);
        Assert.Equal(19, MailProviders.All.Select(provider => provider.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(MailProviders.All, provider =>
        {
            Assert.NotEmpty(provider.DisplayName);
            Assert.NotNull(provider.SmtpServer);
            Assert.InRange(provider.Checked, new DateTime(2026, 1, 1), new DateTime(2100, 1, 1));
        });
        var domains = MailProviders.All.SelectMany(provider => provider.Domain).ToArray();
        Assert.Equal(domains.Length, domains.Distinct().Count());
    }

    [Fact]
    public void Each_server_has_the_TLS_of_its_port_and_a_way_to_log_in()
    {
        Assert.All(MailProviders.All.SelectMany(provider => provider.Servers), server =>
        {
            Assert.Equal(server.Port is 465 or 2465 or 993 or 995 ? TlsMode.Implicit : TlsMode.StartTls, server.Tls);
            Assert.NotEmpty(server.Authentication);
            if (!server.Server.Contains('{', StringComparison.Ordinal)) Assert.True(EmailAddress.IsDomain(server.Server), server.Server);
        });
    }

    [Fact]
    public void What_the_presets_warn_of_is_in_the_data()
    {
        var microsoft = MailProviders.All.Single(provider => provider.Name == "Microsoft365");
        Assert.DoesNotContain(microsoft.Servers, server => server.Port == 465);
        Assert.Equal(30, microsoft.MessagesPerMinute);
        Assert.Equal([MailAuthentication.OAuth2], MailProviders.All.Single(provider => provider.Name == "OutlookCom").Authentication);
        var icloud = MailProviders.All.Single(provider => provider.Name == "ICloud");
        Assert.DoesNotContain(icloud.Servers, server => server.Protocol == MailProtocol.Pop3);
        Assert.Equal("%EMAILLOCALPART%", icloud.Servers.Single(server => server.Protocol == MailProtocol.Imap).UserName);
        Assert.Equal("apikey", MailProviders.All.Single(provider => provider.Name == "SendGrid").Servers[0].UserName);
    }
}
