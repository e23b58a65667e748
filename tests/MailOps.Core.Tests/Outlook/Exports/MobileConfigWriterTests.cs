using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;
using MailOps.Outlook.Exports;
using MailOps.Providers;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Outlook.Exports;

public sealed class MobileConfigWriterTests
{
    [Fact]
    public void It_has_the_keys_that_Apple_demands_and_no_password()
    {
        var mail = Mail(Contoso.Definition);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["EmailAccountDescription"] = "Contoso",
                ["EmailAccountName"] = "User Name",
                ["EmailAccountType"] = "EmailTypeIMAP",
                ["EmailAddress"] = "user@contoso.example",
                ["IncomingMailServerAuthentication"] = "EmailAuthPassword",
                ["IncomingMailServerHostName"] = "imap.contoso.example",
                ["IncomingMailServerPortNumber"] = "integer 993",
                ["IncomingMailServerUseSSL"] = "true",
                ["IncomingMailServerUsername"] = "user@contoso.example",
                ["OutgoingMailServerAuthentication"] = "EmailAuthPassword",
                ["OutgoingMailServerHostName"] = "smtp.contoso.example",
                ["OutgoingMailServerPortNumber"] = "integer 587",
                ["OutgoingMailServerUseSSL"] = "true",
                ["OutgoingMailServerUsername"] = "user@contoso.example",
                ["OutgoingPasswordSameAsIncomingPassword"] = "true",
                ["PayloadDisplayName"] = "Contoso (user@contoso.example)",
                ["PayloadType"] = "com.apple.mail.managed",
                ["PayloadVersion"] = "integer 1",
                ["PayloadIdentifier"] = mail["PayloadIdentifier"],
                ["PayloadUUID"] = mail["PayloadUUID"],
            },
            mail);
        var profile = Dictionary(Contoso.Definition.Export(MailClientFormat.MobileConfig, Contoso.User).Xml().Element("dict")!);
        Assert.Equal("Configuration integer 1", $"{profile["PayloadType"]} {profile["PayloadVersion"]}");
        Assert.StartsWith("example.contoso.mail.", profile["PayloadIdentifier"], StringComparison.Ordinal);
        Assert.StartsWith(profile["PayloadIdentifier"] + ".", mail["PayloadIdentifier"], StringComparison.Ordinal);
        Assert.DoesNotContain(mail.Keys, key => key is "IncomingPassword" or "OutgoingPassword");
    }

    [Fact]
    public void A_second_export_takes_the_place_of_the_first_whatever_else_is_said_and_another_user_has_one_of_his_own()
    {
        string Ids(MailClientDefinition definition, string address)
        {
            var file = definition.Export(MailClientFormat.MobileConfig, MailClientUser.Create(address, null, null));
            var ids = file.Xml().Descendants("key").Where(key => key.Value is "PayloadIdentifier" or "PayloadUUID").Select(key => ((XElement)key.NextNode!).Value).ToArray();
            Assert.Equal(4, ids.Distinct().Count());
            Assert.All([ids[1], ids[3]], id => Assert.Matches("^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$", id));
            return string.Join(' ', ids);
        }
        var first = Ids(Contoso.Definition, "user@contoso.example");
        Assert.Equal(first, Ids(Contoso.Draft.With(MailProtocol.Imap, "other.contoso.example", null, null).Check(), "User@Contoso.Example"));
        Assert.NotEqual(first, Ids(Contoso.Definition, "user2@contoso.example"));
        foreach (var domains in new string[][] { [], ["contoso2.example"], ["contoso2.example", "contoso.example"] }) Assert.Equal(first, Ids((Contoso.Draft with { Name = "Other", Domains = domains }).Check(), "user@contoso.example"));
    }

    [Theory]
    [InlineData(MailAuthentication.Password, "EmailAuthPassword")]
    [InlineData(MailAuthentication.AppPassword, "EmailAuthPassword")]
    [InlineData(MailAuthentication.EncryptedPassword, "EmailAuthCRAMMD5")]
    [InlineData(MailAuthentication.Ntlm, "EmailAuthNTLM")]
    [InlineData(MailAuthentication.None, "EmailAuthNone")]
    [InlineData(MailAuthentication.ClientAddress, "EmailAuthNone")]
    public void Proofs_have_the_words_of_Apple(MailAuthentication proof, string word)
    {
        var mail = Mail(Contoso.With(Contoso.Server(MailProtocol.Smtp, "smtp.contoso.example", 465, TlsMode.Implicit, proofs: proof)));
        Assert.Equal(word, mail["OutgoingMailServerAuthentication"]);
        Assert.Equal(word != "EmailAuthNone", mail.ContainsKey("OutgoingMailServerUsername"));
        Assert.Equal(word == "EmailAuthNone" ? "false" : "true", mail["OutgoingPasswordSameAsIncomingPassword"]);
    }

    [Fact]
    public void TLS_from_the_first_byte_is_preferred_and_STARTTLS_alone_is_a_warning()
    {
        var both = (Contoso.Draft with { Servers = [.. Contoso.Draft.Servers, Contoso.Server(MailProtocol.Smtp, "smtp.contoso.example", 465, TlsMode.Implicit)] }).Check();
        Assert.Equal("integer 465", Mail(both)["OutgoingMailServerPortNumber"]);
        Assert.DoesNotContain(both.Export(MailClientFormat.MobileConfig, Contoso.User).Warnings, text => text.Contains("STARTTLS", StringComparison.Ordinal));
        Assert.Contains(Contoso.Definition.Export(MailClientFormat.MobileConfig, Contoso.User).Warnings, text => text.Contains("cannot demand STARTTLS (smtp.contoso.example)", StringComparison.Ordinal) && text.Contains("465", StringComparison.Ordinal));
        Assert.Equal("false", Mail(Contoso.With(Contoso.Server(MailProtocol.Imap, "imap.contoso.example", 143, TlsMode.None)))["IncomingMailServerUseSSL"]);
    }

    [Fact]
    public void POP3_is_taken_where_it_is_wanted_or_all_there_is()
    {
        var pop = Contoso.Draft.With(MailProtocol.Pop3, "pop.contoso.example", null, null);
        Assert.Equal("EmailTypePOP", Mail((pop with { Servers = [.. pop.Servers.Where(server => server.Protocol != MailProtocol.Imap)] }).Check())["EmailAccountType"]);
        Assert.Equal("EmailTypeIMAP", Mail(pop.Check())["EmailAccountType"]);
        Assert.Equal("pop.contoso.example", Mail(pop.Check(), new MailClientExportOptions { AccountType = MailProtocol.Pop3 })["IncomingMailServerHostName"]);
        Assert.Equal(ErrorCode.MailClientFormatUnfit, Assert.Throws<MailOpsException>(() => Mail(Contoso.Definition, new MailClientExportOptions { AccountType = MailProtocol.Pop3 })).Code);
    }

    [Fact]
    public void It_is_for_one_user_alone()
    {
        var error = Assert.Throws<MailOpsException>(() => Contoso.Definition.Export(MailClientFormat.MobileConfig, null));
        Assert.Equal(ErrorCode.MailClientFormatUnfit, error.Code);
        Assert.Contains("-EmailAddress", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void OAuth_alone_is_a_warning() => Assert.Contains(
        MailClientDraft.Of(MailProviders.Named("OutlookCom")).Check().Export(MailClientFormat.MobileConfig, Contoso.User).Warnings,
        text => text.Contains("takes OAuth2 and no password", StringComparison.Ordinal) && text.Contains("signs in itself", StringComparison.Ordinal));

    [Fact]
    public void A_signed_one_holds_the_same_and_verifies()
    {
        using var certificate = Certificates.SelfSigned("signer.contoso.example");
        var plain = Contoso.Definition.Export(MailClientFormat.MobileConfig, Contoso.User).Content;
        var signed = new SignedCms();
        signed.Decode(Contoso.Definition.Export(MailClientFormat.MobileConfig, Contoso.User, new MailClientExportOptions { SigningCertificate = certificate }).Content);
        signed.CheckSignature(verifySignatureOnly: true);
        Assert.Equal(plain, signed.ContentInfo.Content);
        Assert.Equal("2.16.840.1.101.3.4.2.1", Assert.Single(signed.SignerInfos.Cast<SignerInfo>()).DigestAlgorithm.Value);
    }

    [Fact]
    public void Nothing_is_fetched_for_a_signature_from_where_the_certificate_points()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=Authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var issuer = authority.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=signer.contoso.example", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([], [$"http://{listener.LocalEndpoint}/ca.crt"]));
        using var issued = request.Create(issuer, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(8), [1, 2, 3]);
        using var certificate = issued.CopyWithPrivateKey(key);
        var signed = new SignedCms();
        signed.Decode(Contoso.Definition.Export(MailClientFormat.MobileConfig, Contoso.User, new MailClientExportOptions { SigningCertificate = certificate }).Content);
        signed.CheckSignature(verifySignatureOnly: true);
        Assert.Equal(certificate.Thumbprint, Assert.Single(signed.Certificates).Thumbprint);
        Assert.False(listener.Pending());
    }

    [Theory]
    [InlineData(X509KeyUsageFlags.KeyEncipherment, false)]
    [InlineData(X509KeyUsageFlags.KeyCertSign, false)]
    [InlineData(X509KeyUsageFlags.NonRepudiation, true)]
    [InlineData(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true)]
    public void A_certificate_that_is_not_meant_to_sign_does_not(X509KeyUsageFlags usage, bool signs)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=signer.contoso.example", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9));
        var error = Record.Exception(() => Contoso.Definition.Export(MailClientFormat.MobileConfig, Contoso.User, new MailClientExportOptions { SigningCertificate = certificate }));
        if (signs) Assert.Null(error);
        else Assert.Equal(ErrorCode.SigningFailed, Assert.IsType<MailOpsException>(error).Code);
    }

    [Fact]
    public void In_Turkish_all_exports_are_the_same()
    {
        var before = CultureInfo.CurrentCulture;
        var expected = All();
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
            Assert.Equal(expected, All());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        static string[] All()
        {
            var user = MailClientUser.Create("INFO@CONTOSO.EXAMPLE", "INFO iI", null);
            return [.. Enum.GetValues<MailClientFormat>().Select(format => (Contoso.Draft with { Domains = ["CONTOSO-MAIL.EXAMPLE"] }).Check().Export(format, user, new MailClientExportOptions { ProfileName = "INFO", AccountKey = "0000000a" }).Text())];
        }
    }

    private static Dictionary<string, string> Mail(MailClientDefinition definition, MailClientExportOptions? options = null) =>
        Dictionary(definition.Export(MailClientFormat.MobileConfig, Contoso.User, options).Xml().Descendants("array").Single().Element("dict")!);

    private static Dictionary<string, string> Dictionary(XElement dictionary) => dictionary.Elements("key").ToDictionary(key => key.Value, key => Value((XElement)key.NextNode!));

    private static string Value(XElement value) => value.Name.LocalName switch { "string" => value.Value, "integer" => "integer " + value.Value, var other => other };
}
