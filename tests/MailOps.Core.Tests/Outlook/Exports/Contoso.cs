using System.Text;
using System.Xml.Linq;
using MailOps.Outlook.Exports;

namespace MailOps.Core.Tests.Outlook.Exports;

/// <summary>The organisation of the reference's templates, and short ways to export from it.</summary>
internal static class Contoso
{
    public static MailClientDraft Draft { get; } = new MailClientDraft { Name = "Contoso", Domains = ["contoso.example"] }
        .With(MailProtocol.Imap, "imap.contoso.example", null, null).With(MailProtocol.Smtp, "smtp.contoso.example", 587, null);

    public static MailClientDefinition Definition { get; } = Draft.Check();

    public static MailClientUser User { get; } = MailClientUser.Create("user@contoso.example", "User Name", null);

    public static MailClientContent Export(this MailClientDefinition definition, MailClientFormat format, MailClientUser? user, MailClientExportOptions? options = null) =>
        Assert.Single(new MailClientExporter(definition, options ?? new MailClientExportOptions()).Export(format, user));

    public static string Text(this MailClientContent file) => Encoding.UTF8.GetString(file.Content);

    public static XElement Xml(this MailClientContent file) => XDocument.Parse(file.Text()).Root!;

    /// <summary>A server with all that matters to an export.</summary>
    public static MailServer Server(MailProtocol protocol, string host, int port, TlsMode tls, string user = "%EMAILADDRESS%", params MailAuthentication[] proofs) =>
        new() { Protocol = protocol, Server = host, Port = port, Tls = tls, UserName = user, Authentication = proofs.Length > 0 ? proofs : [MailAuthentication.Password] };

    /// <summary>A whole definition in which one server is the one to be looked at.</summary>
    public static MailClientDefinition With(MailServer server)
    {
        var other = server.Protocol == MailProtocol.Smtp ? Server(MailProtocol.Imap, "imap.other.example", 993, TlsMode.Implicit) : Server(MailProtocol.Smtp, "smtp.other.example", 465, TlsMode.Implicit);
        return new MailClientDraft { Name = "Contoso", Domains = ["contoso.example"], Servers = [server, other] }.Check();
    }
}
