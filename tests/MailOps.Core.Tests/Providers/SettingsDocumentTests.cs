using System.Diagnostics;
using System.Text;
using MailOps.Providers;

namespace MailOps.Core.Tests.Providers;

/// <summary>Documents that are hostile, broken, or merely odd.</summary>
public sealed class SettingsDocumentTests
{
    [Theory]
    [InlineData("")]
    [InlineData("<html><body>Not found<br></body></html>")]
    [InlineData("<!DOCTYPE clientConfig [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><clientConfig><emailProvider id=\"&a;\"/></clientConfig>")]
    [InlineData("<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><clientConfig>&b;</clientConfig>")]
    [InlineData("<?xml version=\"1.0\" encoding=\"no-such-encoding\"?><clientConfig/>")]
    [InlineData("<clientConfig>\0</clientConfig>")]
    public void What_is_not_XML_or_has_a_document_type_is_a_fault(string text)
    {
        Assert.StartsWith("what came is not XML", AutoconfigDocument.Parse(Encoding.UTF8.GetBytes(text)).Fault, StringComparison.Ordinal);
        Assert.StartsWith("what came is not XML", AutodiscoverDocument.Parse(Encoding.UTF8.GetBytes(text)).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_and_number_do_no_harm()
    {
        var deep = string.Concat(Enumerable.Repeat("<a>", 36_000)) + string.Concat(Enumerable.Repeat("</a>", 36_000));
        var many = string.Concat(Enumerable.Repeat("<incomingServer type=\"imap\"><hostname>a.test</hostname><port>993</port><socketType>SSL</socketType></incomingServer>", 2_000));
        var clock = Stopwatch.StartNew();

        Assert.NotNull(AutodiscoverDocument.Parse(Encoding.UTF8.GetBytes("<Autodiscover>" + deep + "</Autodiscover>")).Fault);
        Assert.NotNull(AutoconfigDocument.Parse(Encoding.UTF8.GetBytes("<clientConfig><emailProvider><displayName>" + deep + "</displayName></emailProvider></clientConfig>")).Fault);
        Assert.Equal(50, AutoconfigDocument.Parse(Encoding.UTF8.GetBytes("<clientConfig><emailProvider>" + many + "</emailProvider></clientConfig>")).Incoming.Count);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Theory]
    [InlineData("<incomingServer type=\"imap\"><port>993</port><socketType>SSL</socketType></incomingServer>")]
    [InlineData("<incomingServer type=\"imap\"><hostname>a.test</hostname><port>0</port><socketType>SSL</socketType></incomingServer>")]
    [InlineData("<incomingServer type=\"imap\"><hostname>a.test</hostname><port>70000</port><socketType>SSL</socketType></incomingServer>")]
    [InlineData("<incomingServer type=\"imap\"><hostname>a.test</hostname><port>993</port><socketType>magic</socketType></incomingServer>")]
    [InlineData("<incomingServer type=\"nntp\"><hostname>a.test</hostname><port>993</port><socketType>SSL</socketType></incomingServer>")]
    [InlineData("<incomingServer type=\"ews\"><url>http://a.test/</url></incomingServer>")]
    public void A_server_that_cannot_be_used_is_a_fault_and_the_others_count(string server)
    {
        var read = AutoconfigDocument.Parse(Encoding.UTF8.GetBytes(
            $"<clientConfig><emailProvider>{server}<incomingServer type=\"pop3\"><hostname>b.test</hostname><port>995</port><socketType>SSL</socketType></incomingServer></emailProvider></clientConfig>"));

        Assert.NotNull(read.Fault);
        Assert.Equal("b.test", Assert.Single(read.Incoming).Host);
    }

    [Theory]
    [InlineData("<Type>SMTP</Type><Server>a.test</Server>", "Smtp a.test:465 Implicit Ntlm")]
    [InlineData("<Type>SMTP</Type><Server>a.test</Server><Port>587</Port><SPA>off</SPA>", "Smtp a.test:587 StartTls Password")]
    [InlineData("<Type>SMTP</Type><Server>a.test</Server><SSL>off</SSL><SPA>off</SPA>", "Smtp a.test:25 None Password")]
    [InlineData("<Type>SMTP</Type><Server>a.test</Server><Port>587</Port><SSL>off</SSL><Encryption>TLS</Encryption><SPA>off</SPA>", "Smtp a.test:587 StartTls Password")]
    [InlineData("<Type>IMAP</Type><Server>a.test</Server><Encryption>TLS</Encryption><AuthRequired>off</AuthRequired>", "Imap a.test:143 StartTls None")]
    [InlineData("<Type>POP3</Type><Server>a.test</Server><Encryption>None</Encryption><SSL>on</SSL><SPA>on</SPA>", "Pop3 a.test:110 None Ntlm")]
    [InlineData("<Type>IMAP</Type><Server>a.test</Server><Port>993</Port><Encryption>TLS</Encryption><SPA>off</SPA>", "Imap a.test:993 Implicit Password")]
    public void Defaults_of_Autodiscover_are_those_of_its_specification(string protocol, string text)
    {
        var read = AutodiscoverDocument.Parse(Encoding.UTF8.GetBytes($"<Autodiscover><Response><Account><Protocol>{protocol}</Protocol></Account></Response></Autodiscover>"));
        var server = Assert.Single(read.Servers);
        Assert.Equal(text, $"{server.Protocol} {server.Host}:{server.Port} {server.Tls} {string.Join(',', server.Authentication)}");
    }
}
