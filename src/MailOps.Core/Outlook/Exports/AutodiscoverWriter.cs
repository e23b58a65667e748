using System.Globalization;
using System.Xml.Linq;
using MailOps.Providers;

namespace MailOps.Outlook.Exports;

/// <summary>The answer of Autodiscover (POX) for IMAP, POP3 and SMTP, as MS-OXDSCLI 2.2.4 has it.</summary>
/// <remarks>
/// Outlook takes SPA, SSL and AuthRequired for on where they are absent, and fails over an SSL that is empty: all are always written. Outlook 2007 knows SSL alone, later ones let Encryption
/// count before it: both are written, and in Encryption TLS is STARTTLS. SPA, which is NTLM, is always off.
/// <para>
/// Where LoginName is absent Outlook takes what stands before the at sign (Microsoft's commented schema), and Thunderbird the whole address. So a file for all users, where their names are not that part, is a template with place-holders.
/// </para>
/// </remarks>
internal static class AutodiscoverWriter
{
    private static readonly XNamespace Answer = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
    private static readonly XNamespace Settings = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

    // Without the place-holders themselves: who fills them in by replacing text would put an address here too.
    private const string TemplateNote =
        " A template, and no answer yet: whoever answers puts the address that was asked for, escaped for XML, or its parts, in the place of what stands between per cent signs in each LoginName. ";

    /// <summary>Whether a file for all users is a template that whoever answers must fill in.</summary>
    public static bool IsTemplate(MailClientDefinition definition) =>
        Chosen(definition).Any(server => Proofs.NeedLogin(server) && server.UserName != UserNameForm.LocalPart && UserNameForm.HasPlace(server.UserName));

    /// <summary>Whether a file for all users leaves a user name out.</summary>
    public static bool LeavesNameOut(MailClientDefinition definition) => !IsTemplate(definition) && Chosen(definition).Any(server => Proofs.NeedLogin(server) && server.UserName == UserNameForm.LocalPart);

    /// <summary>The answer, with the preferred server of each protocol; for all users, where <see cref="IsTemplate"/> says so, with the place-holders of the user names in it.</summary>
    public static byte[] Write(MailClientDefinition definition, MailClientUser? user)
    {
        var servers = Chosen(definition);
        var incoming = servers[0];
        var isTemplate = user is null && IsTemplate(definition);
        return XmlFile.Bytes(new XDocument(
            new XDeclaration("1.0", "utf-8", null),
            isTemplate ? new XComment(TemplateNote) : null,
            new XElement(
                Answer + "Autodiscover",
                new XElement(
                    Settings + "Response",
                    new XElement(Settings + "Account", Element("AccountType", "email"), Element("Action", "settings"), servers.Select(server => Protocol(server, incoming, one => LoginName(one, user, isTemplate))))))));
    }

    private static MailServer[] Chosen(MailClientDefinition definition) =>
        [.. definition.Incoming.Concat(definition.Of(MailProtocol.Smtp)).GroupBy(server => server.Protocol).Select(ways => ways.First())];

    private static XElement Protocol(MailServer server, MailServer incoming, Func<MailServer, string?> loginName)
    {
        var protocol = new XElement(
            Settings + "Protocol",
            Element("Type", server.Protocol.ToString().ToUpperInvariant()),
            Element("Server", server.Server),
            Element("Port", server.Port.ToString(CultureInfo.InvariantCulture)));
        if (loginName(server) is { } login) protocol.Add(Element("LoginName", login));
        protocol.Add(
            Element("DomainRequired", "off"),
            Switch("SPA", on: false),
            Switch("SSL", server.Tls != TlsMode.None),
            Element("Encryption", server.Tls switch { TlsMode.Implicit => "SSL", TlsMode.StartTls => "TLS", TlsMode.Auto => "Auto", _ => "None" }),
            Switch("AuthRequired", Proofs.NeedLogin(server)));
        if (server.Protocol == MailProtocol.Smtp) protocol.Add(Switch("UsePOPAuth", Proofs.NeedLogin(server) && Proofs.NeedLogin(incoming) && loginName(server) == loginName(incoming)), Switch("SMTPLast", on: false));
        return protocol;
    }

    private static string? LoginName(MailServer server, MailClientUser? user, bool isTemplate)
    {
        if (!Proofs.NeedLogin(server)) return null;
        if (user is not null) return ClientAccount.Login(server, user);
        return isTemplate || server.UserName != UserNameForm.LocalPart ? server.UserName : null;
    }

    private static XElement Element(string name, string value) => new(Settings + name, value);

    private static XElement Switch(string name, bool on) => Element(name, on ? "on" : "off");
}
