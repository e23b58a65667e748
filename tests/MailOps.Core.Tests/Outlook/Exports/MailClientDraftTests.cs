using MailOps.Outlook.Exports;
using MailOps.Providers;

namespace MailOps.Core.Tests.Outlook.Exports;

public sealed class MailClientDraftTests
{
    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var draft = new MailClientDraft
        {
            Name = "two\nlines",
            Domains = ["good.example", "not a domain"],
            Servers =
            [
                Contoso.Server(MailProtocol.Smtp, "smtp.{region}.example", 587, TlsMode.StartTls),
                Contoso.Server(MailProtocol.Smtp, "bad host", 0, TlsMode.StartTls, "%EMAILNAME%"),
                Contoso.Server(MailProtocol.Smtp, "smtp.example", 70000, TlsMode.StartTls, "a\0b"),
            ],
        };
        var error = Assert.Throws<MailOpsException>(draft.Check);
        Assert.Equal(ErrorCode.MailClientSettingsInvalid, error.Code);
        Assert.NotEmpty(error.Hint);
        Assert.Contains("for 9 reasons", error.Message, StringComparison.Ordinal);
        foreach (var part in new[] { "'not a domain' is no domain", "in braces", "'bad host' is no host", "port 0", "port 70000", "%EMAILNAME%", "'a\\u0000b'", "no server for reading", "'two\\u000Alines'" })
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Fact]
    public void Nothing_at_all_lacks_a_server_for_sending_and_one_for_reading()
    {
        var error = Assert.Throws<MailOpsException>(new MailClientDraft().Check);
        Assert.Contains("(SMTP); there is no server for reading", error.Message, StringComparison.Ordinal);
    }

    // As numbers: half a character does not survive in an attribute.
    [Theory]
    [InlineData('\r')]
    [InlineData('\n')]
    [InlineData(0x85)]
    [InlineData(0x2028)]
    [InlineData(0x2029)]
    [InlineData(0x1B)]
    [InlineData(0)]
    [InlineData(0x7F)]
    [InlineData(0xFFFE)]
    [InlineData(0xD800)]
    [InlineData(0xDC00)]
    public void No_text_may_break_a_line_or_be_no_text(int letter) => Refused($"a{(char)letter}b");

    [Fact]
    public void No_text_may_be_empty_but_for_spaces() => Refused(" ");

    private static void Refused(string text)
    {
        Assert.Equal(ErrorCode.MailClientSettingsInvalid, Assert.Throws<MailOpsException>((Contoso.Draft with { Name = text }).Check).Code);
        Assert.Equal(ErrorCode.MailClientSettingsInvalid, Assert.Throws<MailOpsException>((Contoso.Draft with { ShortName = text }).Check).Code);
        Assert.Equal(ErrorCode.MailClientSettingsInvalid, Assert.Throws<MailOpsException>(Contoso.Draft.With(null, text, MailProtocol.Imap).Check).Code);
        Assert.Equal(ErrorCode.MailClientSettingsInvalid, Assert.Throws<MailOpsException>(() => MailClientUser.Create("a@contoso.example", text, null)).Code);
        Assert.Equal(ErrorCode.MailClientSettingsInvalid, Assert.Throws<MailOpsException>(() => MailClientUser.Create("a@contoso.example", null, text)).Code);
        Assert.Equal(ErrorCode.InvalidAddress, Assert.Throws<MailOpsException>(() => MailClientUser.Create($"{text}@contoso.example", null, null)).Code);
    }

    [Fact]
    public void What_is_said_of_OAuth_is_looked_at_too() => Assert.Contains(
        "OAuth", Assert.Throws<MailOpsException>((Contoso.Draft with { OAuth = new OAuthReading("issuer", "scope\n<x>", null, null) }).Check).Message, StringComparison.Ordinal);

    [Fact]
    public void An_address_and_names_that_are_all_wrong_are_one_error()
    {
        var error = Assert.Throws<MailOpsException>(() => MailClientUser.Create("nobody", "a\nb", new string('x', 300)));
        Assert.Equal(ErrorCode.InvalidAddress, error.Code);
        Assert.Equal("No profile can be made: 'nobody' is not an e-mail address; the display name 'a\\u000Ab' has a line break, a control character or half a character in it; the user name has 300 characters, more than 256.", error.Message);
    }

    [Theory]
    [InlineData(MailProtocol.Smtp, null, null, "465 Implicit")]
    [InlineData(MailProtocol.Smtp, 587, null, "587 StartTls")]
    [InlineData(MailProtocol.Smtp, null, TlsMode.StartTls, "587 StartTls")]
    [InlineData(MailProtocol.Smtp, null, TlsMode.Auto, "587 Auto")]
    [InlineData(MailProtocol.Smtp, null, TlsMode.None, "25 None")]
    [InlineData(MailProtocol.Smtp, 2525, null, "2525 Implicit")]
    [InlineData(MailProtocol.Imap, null, null, "993 Implicit")]
    [InlineData(MailProtocol.Imap, null, TlsMode.StartTls, "143 StartTls")]
    [InlineData(MailProtocol.Pop3, null, null, "995 Implicit")]
    [InlineData(MailProtocol.Pop3, 110, null, "110 StartTls")]
    public void Port_and_TLS_follow_from_each_other(MailProtocol protocol, int? port, TlsMode? tls, string expected)
    {
        var server = Assert.Single(new MailClientDraft().With(protocol, "a.example", port, tls).Servers);
        Assert.Equal(expected, $"{server.Port} {server.Tls}");
    }

    [Fact]
    public void A_server_by_hand_takes_the_place_of_those_of_its_protocol()
    {
        var draft = MailClientDraft.Of(MailProviders.Named("Gmail")).With(MailProtocol.Smtp, "relay.example", 25, null);
        Assert.Equal(["Imap imap.gmail.com:993 Implicit", "Pop3 pop.gmail.com:995 Implicit", "Smtp relay.example:25 StartTls"], draft.Servers.Select(server => server.ToString()));
        Assert.Equal("Gmail and Google Workspace", draft.Name);
    }

    [Fact]
    public void A_port_or_TLS_without_a_server_says_which_of_those_there_are_is_meant()
    {
        string Sent(int? port, TlsMode? tls) => string.Join(' ', MailClientDraft.Of(MailProviders.Named("Gmail")).Only(MailProtocol.Smtp, port, tls).Check().Of(MailProtocol.Smtp).Select(server => $"{server.Port}"));
        Assert.Equal(["465 587", "587", "587", "465", "465 587"], [Sent(null, null), Sent(587, null), Sent(null, TlsMode.StartTls), Sent(465, TlsMode.Implicit), Sent(null, TlsMode.Auto)]);
        string Fault(int? port, TlsMode? tls) => Assert.Throws<MailOpsException>(() => Sent(port, tls)).Message;
        Assert.Contains("no server for Smtp with the port 2525, but Smtp smtp.gmail.com:465 Implicit, Smtp smtp.gmail.com:587 StartTls", Fault(2525, null), StringComparison.Ordinal);
        Assert.Contains("the port 465 and the TLS StartTls", Fault(465, TlsMode.StartTls), StringComparison.Ordinal);
        Assert.Contains("the port 143 is said of a server for Imap, and nothing names one", Assert.Throws<MailOpsException>(new MailClientDraft().Only(MailProtocol.Imap, 143, null).Check).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AmazonSes", "in braces")]
    [InlineData("SendGrid", "no server for reading")]
    public void A_provider_that_is_not_enough_says_why(string name, string why) =>
        Assert.Contains(why, Assert.Throws<MailOpsException>(MailClientDraft.Of(MailProviders.Named(name)).Check).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_what_was_found_the_most_trusted_source_of_each_protocol_counts()
    {
        MailSettings Found(int rank, MailProtocol protocol, string host, MailSettingsSource source, string? doubt = null) => new()
        {
            Address = "a@example.test",
            Rank = rank,
            Protocol = protocol,
            Server = host,
            Port = 993,
            Tls = TlsMode.Implicit,
            UserName = "a",
            UserNameForm = "%EMAILLOCALPART%",
            Source = source,
            DisplayName = source == MailSettingsSource.Ispdb ? "Example" : null,
            Warnings = doubt is null ? [] : [doubt],
        };
        var definition = MailClientDraft.Of(
        [
            Found(1, MailProtocol.Smtp, "s1.example.test", MailSettingsSource.Srv), Found(2, MailProtocol.Smtp, "s2.example.test", MailSettingsSource.Srv),
            Found(3, MailProtocol.Smtp, "s3.example.test", MailSettingsSource.Ispdb, "not this"), Found(4, MailProtocol.Imap, "i1.example.test", MailSettingsSource.Ispdb, "a doubt"),
            Found(5, MailProtocol.Exchange, "e.example.test", MailSettingsSource.Autodiscover),
        ]).Check();
        Assert.Equal(["s1.example.test", "s2.example.test", "i1.example.test"], definition.Servers.Select(server => server.Server));
        Assert.All(definition.Servers, server => Assert.Equal("%EMAILLOCALPART%", server.UserName));
        Assert.Equal(["a doubt"], definition.Warnings);
        Assert.Equal(["example.test"], definition.Domains);
        Assert.Equal("Example", definition.Name);
    }

    [Fact]
    public void Settings_of_several_addresses_are_no_definition()
    {
        MailSettings Of(string address) => new() { Address = address, Protocol = MailProtocol.Imap, Server = "imap.example.test", Port = 993, Tls = TlsMode.Implicit };
        Assert.Contains("several addresses (a@example.test, b@example.test)", Assert.Throws<MailOpsException>(MailClientDraft.Of([Of("a@example.test"), Of("b@example.test")]).Check).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_beyond_ASCII_become_A_labels()
    {
        var definition = (Contoso.Draft with { Domains = ["Müller.Example"] }).With(MailProtocol.Imap, "IMAP.müller.example", null, null).Check();
        Assert.Equal(["xn--mller-kva.example"], definition.Domains);
        Assert.Contains(definition.Servers, server => server.Server == "imap.xn--mller-kva.example");
    }

    [Theory]
    [InlineData("a@b.example", "%EMAILADDRESS%", "a@b.example")]
    [InlineData("a@b.example", "%EMAILLOCALPART%.%EMAILDOMAIN%", "a.b.example")]
    [InlineData("%EMAILDOMAIN%@b.example", "%EMAILADDRESS%", "%EMAILDOMAIN%@b.example")]
    [InlineData("a@b.example", "%EMAILADDRESS", "%EMAILADDRESS")]
    public void A_form_is_filled_in_once(string address, string form, string expected) =>
        Assert.Equal(expected, UserNameForm.Fill(form, MailClientUser.Create(address, null, null).Address));

    [Fact]
    public void What_stands_in_an_address_is_no_place_holder_for_settings_either() =>
        Assert.Equal("%EMAILDOMAIN%@b.example", new SettingsQuestion(MailClientUser.Create("%EMAILDOMAIN%@b.example", null, null).Address, "b.example").Fill("%EMAILADDRESS%"));
}
