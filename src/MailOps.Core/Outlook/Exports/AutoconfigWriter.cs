using System.Globalization;
using System.Xml.Linq;
using MailOps.Providers;

namespace MailOps.Outlook.Exports;

/// <summary>Mozilla's configuration file (config-v1.1.xml), as Thunderbird's database has it: all servers, preferred first.</summary>
internal static class AutoconfigWriter
{
    /// <summary>The file; without a user the place-holders of the user names stay in it, for the client to fill in.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailClientFormatUnfit"/> where nothing says which domain it is for.</exception>
    public static byte[] Write(MailClientDefinition definition, MailClientUser? user)
    {
        var domains = definition.DomainsFor(user, MailClientFormat.Autoconfig);
        var provider = new XElement(
            "emailProvider",
            new XAttribute("id", domains[0]),
            domains.Select(domain => new XElement("domain", domain)),
            new XElement("displayName", definition.Name),
            new XElement("displayShortName", definition.ShortName),
            definition.Incoming.Select(server => Server("incomingServer", server, user)),
            definition.Of(MailProtocol.Smtp).Select(server => Server("outgoingServer", server, user)));
        var root = new XElement("clientConfig", new XAttribute("version", "1.1"), provider);
        if (definition.OAuth is { } oauth && definition.Servers.Any(server => server.Authentication.Contains(MailAuthentication.OAuth2))) root.Add(Tokens(oauth));
        return XmlFile.Bytes(new XDocument(new XDeclaration("1.0", "utf-8", null), root));
    }

    private static XElement Server(string name, MailServer server, MailClientUser? user)
    {
        var element = new XElement(
            name,
            new XAttribute("type", server.Protocol.ToString().ToLowerInvariant()),
            new XElement("hostname", server.Server),
            new XElement("port", server.Port.ToString(CultureInfo.InvariantCulture)),
            new XElement("socketType", ClientAccount.TlsOf(server) switch { TlsMode.Implicit => "SSL", TlsMode.StartTls => "STARTTLS", _ => "plain" }));
        if (server.UserName.Length > 0) element.Add(new XElement("username", user is null ? server.UserName : ClientAccount.Login(server, user)));
        MailAuthentication[] proofs = server.Authentication.Length > 0 ? server.Authentication : [MailAuthentication.Password];
        element.Add(proofs.Select(Proof).Distinct().Select(proof => new XElement("authentication", proof)));
        return element;
    }

    private static XElement Tokens(OAuthReading oauth)
    {
        var element = new XElement("oAuth2");
        foreach (var (name, text) in new[] { ("issuer", oauth.Issuer), ("scope", oauth.Scope), ("authURL", oauth.AuthorizationUrl), ("tokenURL", oauth.TokenUrl) })
        {
            if (text is not null) element.Add(new XElement(name, text));
        }
        return element;
    }

    // One table of the draft has OAuth; Thunderbird and its database have OAuth2.
    private static string Proof(MailAuthentication proof) => proof switch
    {
        MailAuthentication.EncryptedPassword => "password-encrypted",
        MailAuthentication.OAuth2 => "OAuth2",
        MailAuthentication.Ntlm => "NTLM",
        MailAuthentication.Kerberos => "GSSAPI",
        MailAuthentication.ClientCertificate => "TLS-client-cert",
        MailAuthentication.ClientAddress => "client-IP-address",
        MailAuthentication.None => "none",
        _ => "password-cleartext",
    };
}
