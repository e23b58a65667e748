using System.Globalization;
using System.Xml.Linq;
using MailOps.Providers;

namespace MailOps.Outlook.Exports;

/// <summary>The answer of Autodiscover (POX) for IMAP, POP3 and SMTP, as MS-OXDSCLI 2.2.4 has it.</summary>
/// <remarks>
/// Outlook takes SPA, SSL and AuthRequired for on where they are absent, and fails over an SSL that is empty: all are always written. Outlook 2007 knows SSL alone, later ones let Encryption
/// count before it: both are written, and in Encryption TLS is STARTTLS.
/// </remarks>
internal static class AutodiscoverWriter
{
    private static readonly XNamespace Answer = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
    private static readonly XNamespace Settings = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

    /// <summary>The answer, with the preferred server of each protocol.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailClientFormatUnfit"/> where it is for all users, and their names are not their addresses.</exception>
    public static byte[] Write(MailClientDefinition definition, MailClientUser? user)
    {
        var servers = definition.Incoming.Concat(definition.Of(MailProtocol.Smtp)).GroupBy(server => server.Protocol).Select(ways => ways.First()).ToArray();
        var incoming = servers[0];
        return XmlFile.Bytes(new XDocument(
            new XDeclaration("1.0", "utf-8", null),
            new XElement(
                Answer + "Autodiscover",
                new XElement(
                    Settings + "Response",
                    new XElement(Settings + "Account", Element("AccountType", "email"), Element("Action", "settings"), servers.Select(server => Protocol(server, incoming, user)))))));
    }

    private static XElement Protocol(MailServer server, MailServer incoming, MailClientUser? user)
    {
        var protocol = new XElement(
            Settings + "Protocol",
            Element("Type", server.Protocol.ToString().ToUpperInvariant()),
            Element("Server", server.Server),
            Element("Port", server.Port.ToString(CultureInfo.InvariantCulture)));
        if (LoginName(server, user) is { } login) protocol.Add(Element("LoginName", login));
        protocol.Add(
            Element("DomainRequired", "off"),
            Switch("SPA", Proofs.AreNtlm(server)),
            Switch("SSL", server.Tls != TlsMode.None),
            Element("Encryption", server.Tls switch { TlsMode.Implicit => "SSL", TlsMode.StartTls => "TLS", TlsMode.Auto => "Auto", _ => "None" }),
            Switch("AuthRequired", Proofs.NeedLogin(server)));
        if (server.Protocol == MailProtocol.Smtp) protocol.Add(Switch("UsePOPAuth", Proofs.NeedLogin(server) && Proofs.NeedLogin(incoming) && LoginName(server, user) == LoginName(incoming, user)), Switch("SMTPLast", on: false));
        return protocol;
    }

    // Without a LoginName clients take the address they asked with, so that one file can be for all users.
    private static string? LoginName(MailServer server, MailClientUser? user)
    {
        if (!Proofs.NeedLogin(server)) return null;
        if (user is not null) return ClientAccount.Login(server, user);
        return server.UserName == UserNameForm.WholeAddress
            ? null
            : throw new MailOpsException(
                ErrorCode.MailClientFormatUnfit, $"An answer of Autodiscover for all users can only have their addresses as user names, and that for {server.Server} is {server.UserName}.",
                "Make one for each user: name them with -EmailAddress, or pipe them in.");
    }

    private static XElement Element(string name, string value) => new(Settings + name, value);

    private static XElement Switch(string name, bool on) => Element(name, on ? "on" : "off");
}
