using System.Globalization;
using System.Text;
using System.Xml.Linq;
using MailOps.Messages;

namespace MailOps.Outlook.Exports;

/// <summary>A configuration profile of Apple with one payload, com.apple.mail.managed. It never has a password: the device asks for it.</summary>
internal static class MobileConfigWriter
{
    /// <summary>The profile, signed where a certificate is given.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailClientFormatUnfit"/>, or <see cref="ErrorCode.SigningFailed"/>.</exception>
    public static byte[] Write(MailClientDefinition definition, MailClientUser user, MailClientExportOptions options)
    {
        var account = ClientAccount.Of(definition, user, options.AccountType, implicitToSend: true);
        // A device takes a profile with the identifier of one that it has for the newer of the two: it follows from the address alone, for all else may be said in one export and not in the next.
        var domain = DomainName.TryToAscii(user.Address.Domain, out var own) ? own : definition.DomainsFor(user, MailClientFormat.MobileConfig)[0];
        var name = $"{domain} {user.Address.ToString().ToLowerInvariant()}";
        var (profile, payload) = (StableId($"profile {name}"), StableId($"mail {name}"));
        var identifier = $"{string.Join(".", Enumerable.Reverse(domain.Split('.')))}.mail.{profile}";
        var root = Dictionary(
            Pair("PayloadContent", new XElement("array", Mail(definition, user, account, $"{identifier}.{payload}", payload))),
            Pair("PayloadDescription", $"Mail of {definition.Name} for {user.Address}"),
            Pair("PayloadDisplayName", $"{definition.Name} ({user.Address})"),
            Pair("PayloadIdentifier", identifier),
            Pair("PayloadOrganization", definition.Name),
            Pair("PayloadType", "Configuration"),
            Pair("PayloadUUID", profile.ToUpperInvariant()),
            Pair("PayloadVersion", 1));
        var content = XmlFile.Bytes(new XDocument(
            new XDeclaration("1.0", "utf-8", null),
            new XDocumentType("plist", "-//Apple//DTD PLIST 1.0//EN", "http://www.apple.com/DTDs/PropertyList-1.0.dtd", null),
            new XElement("plist", new XAttribute("version", "1.0"), root)));
        return options.SigningCertificate is { } signer ? SecureMime.SignatureOf(content, signer, detached: false) : content;
    }

    private static XElement Mail(MailClientDefinition definition, MailClientUser user, ClientAccount account, string identifier, string id)
    {
        var (incoming, outgoing) = (account.Incoming, account.Outgoing);
        var mail = Dictionary(
            Pair("EmailAccountDescription", definition.Name),
            Pair("EmailAccountName", user.DisplayName),
            Pair("EmailAccountType", incoming.Protocol == MailProtocol.Imap ? "EmailTypeIMAP" : "EmailTypePOP"),
            Pair("EmailAddress", user.Address.ToString()),
            Pair("IncomingMailServerAuthentication", Authentication(incoming)),
            Pair("IncomingMailServerHostName", incoming.Server),
            Pair("IncomingMailServerPortNumber", incoming.Port),
            Pair("IncomingMailServerUseSSL", incoming.Tls != TlsMode.None),
            Pair("IncomingMailServerUsername", account.IncomingUser),
            Pair("OutgoingMailServerAuthentication", Authentication(outgoing)),
            Pair("OutgoingMailServerHostName", outgoing.Server),
            Pair("OutgoingMailServerPortNumber", outgoing.Port),
            Pair("OutgoingMailServerUseSSL", outgoing.Tls != TlsMode.None));
        if (account.LogsInToSend) mail.Add(Pair("OutgoingMailServerUsername", account.OutgoingUser));
        mail.Add(
            Pair("OutgoingPasswordSameAsIncomingPassword", account.HasSameLogin),
            Pair("PayloadDisplayName", $"{definition.Name} ({user.Address})"),
            Pair("PayloadIdentifier", identifier),
            Pair("PayloadType", "com.apple.mail.managed"),
            Pair("PayloadUUID", id.ToUpperInvariant()),
            Pair("PayloadVersion", 1));
        return mail;
    }

    private static string Authentication(MailServer server)
    {
        if (!Proofs.NeedLogin(server)) return "EmailAuthNone";
        if (Proofs.AreNtlm(server)) return "EmailAuthNTLM";
        return server.Authentication.Length > 0 && server.Authentication.All(proof => proof == MailAuthentication.EncryptedPassword) ? "EmailAuthCRAMMD5" : "EmailAuthPassword";
    }

    // RFC 9562 section 5.8: an id of a kind of its own, here the SHA-256 of a name.
    private static string StableId(string name)
    {
        var hash = Sha256.Of(Encoding.UTF8.GetBytes(name));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        var hex = string.Concat(hash.Take(16).Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));
        return string.Join("-", hex.Substring(0, 8), hex.Substring(8, 4), hex.Substring(12, 4), hex.Substring(16, 4), hex.Substring(20));
    }

    private static XElement Dictionary(params XElement[][] pairs) => new("dict", pairs.Cast<object>().ToArray());

    private static XElement[] Pair(string key, XElement value) => [new XElement("key", key), value];

    private static XElement[] Pair(string key, string value) => Pair(key, new XElement("string", value));

    private static XElement[] Pair(string key, int value) => Pair(key, new XElement("integer", value.ToString(CultureInfo.InvariantCulture)));

    private static XElement[] Pair(string key, bool value) => Pair(key, new XElement(value ? "true" : "false"));
}
