using System.Xml.Linq;

namespace MailOps.Providers;

/// <summary>An answer of Autodiscover: settings, another place or address to ask, or an error.</summary>
/// <param name="Servers">The servers, in their order.</param>
/// <param name="RedirectUrl">Where else to ask.</param>
/// <param name="RedirectAddress">For which address else to ask.</param>
/// <param name="Fault">Why it is none of that, in words.</param>
public sealed record AutodiscoverDocument(IReadOnlyList<ServerReading> Servers, string? RedirectUrl, string? RedirectAddress, string? Fault)
{
    /// <summary>The most servers taken of one answer.</summary>
    private const int MaxServers = 50;

    /// <summary>Reads a plain answer (POX), and of a SOAP answer the redirection or error. Namespaces do not count: those in use differ.</summary>
    public static AutodiscoverDocument Parse(byte[] content)
    {
        if (SettingsText.Root(content, out var fault) is not { } root) return Failed(fault!);
        var elements = root.DescendantsAndSelf().Take(10_000).ToArray();
        if (Array.Find(elements, element => element.Name.LocalName is "Account") is { } account) return Account(account);
        if (First(elements, "RedirectTarget") is { } target)
            return target.Contains('@') ? new AutodiscoverDocument([], null, target, null) : new AutodiscoverDocument([], target, null, null);
        var code = elements.Where(element => element.Name.LocalName == "ErrorCode").Select(element => element.Value.Trim()).FirstOrDefault(value => value.Length > 0 && value != "NoError");
        if (code is not null) return Failed($"error {SettingsText.Shown(code)}: {First(elements, "Message") ?? First(elements, "ErrorMessage") ?? "without a word"}");
        return Failed(root.Name.LocalName.StartsWith("Autodiscover", StringComparison.Ordinal) ? "an answer of Autodiscover with neither settings nor an error" : $"what came is XML, but no answer of Autodiscover: {SettingsText.Shown(root.Name.LocalName)}");
    }

    private static AutodiscoverDocument Failed(string fault) => new([], null, null, fault);

    private static AutodiscoverDocument Account(XElement account)
    {
        if (SettingsText.Text(account, "RedirectUrl") is { } url) return new AutodiscoverDocument([], url, null, null);
        if (SettingsText.Text(account, "RedirectAddr") is { } address) return new AutodiscoverDocument([], null, address, null);
        ServerReading[] servers = [.. SettingsText.All(account, "Protocol").Take(MaxServers).SelectMany(Server)];
        return servers.Length > 0 ? new AutodiscoverDocument(servers, null, null, null) : Failed("settings without a server that is known");
    }

    private static IEnumerable<ServerReading> Server(XElement element)
    {
        var protocol = SettingsText.Text(element, "Type")?.ToUpperInvariant() switch
        {
            "SMTP" => MailProtocol.Smtp,
            "IMAP" => MailProtocol.Imap,
            "POP3" => MailProtocol.Pop3,
            "EXCH" or "EXPR" or "EXHTTP" => MailProtocol.Exchange,
            _ => (MailProtocol?)null,
        };
        if (protocol is null || SettingsText.Text(element, "Server") is not { } host) yield break;
        // The internal name of an Exchange server may be an opaque mailbox name; its services are reached by HTTPS.
        if (protocol == MailProtocol.Exchange)
        {
            yield return new ServerReading(MailProtocol.Exchange, host, 443, TlsMode.Implicit, "%EMAILADDRESS%", []) { Url = SettingsText.Text(element, "ASUrl") };
            yield break;
        }
        var (tls, oddity) = Tls(element, SettingsText.Port(SettingsText.Text(element, "Port")));
        var port = SettingsText.Port(SettingsText.Text(element, "Port")) ?? UsualTls.PortOf(protocol.Value, tls);
        var user = SettingsText.Text(element, "LoginName") ?? "%EMAILADDRESS%";
        if (IsOn(element, "DomainRequired", absent: false) && SettingsText.Text(element, "DomainName") is { } domain) user = domain + "\\" + user;
        yield return new ServerReading(protocol.Value, host, port, tls, user, Proofs(element)) { Oddity = oddity };
    }

    // MS-OXDSCLI 2.2.4.1.1.2.6: Encryption counts before SSL, which is on where it is absent; TLS there is STARTTLS.
    private static (TlsMode Tls, string? Oddity) Tls(XElement element, int? port)
    {
        var mode = SettingsText.Text(element, "Encryption")?.ToUpperInvariant() switch
        {
            "NONE" => TlsMode.None,
            "SSL" => TlsMode.Implicit,
            "TLS" => TlsMode.StartTls,
            "AUTO" => TlsMode.Auto,
            _ when !IsOn(element, "SSL", absent: true) => TlsMode.None,
            _ => port is 25 or 110 or 143 or 587 ? TlsMode.StartTls : TlsMode.Implicit,
        };
        return mode == TlsMode.StartTls && port is 465 or 993 or 995
            ? (TlsMode.Implicit, $"The server says Encryption TLS, which is STARTTLS, for port {port}, where TLS begins at once; Outlook fails with that.")
            : (mode, null);
    }

    // SPA, which is NTLM, is on where it is absent (MS-OXDSCLI 2.2.4); servers that mean a password say off.
    private static MailAuthentication[] Proofs(XElement element) =>
        !IsOn(element, "AuthRequired", absent: true) ? [MailAuthentication.None] : IsOn(element, "SPA", absent: true) ? [MailAuthentication.Ntlm] : [MailAuthentication.Password];

    private static bool IsOn(XElement element, string name, bool absent) => SettingsText.Text(element, name)?.ToUpperInvariant() switch
    {
        "ON" or "TRUE" => true,
        "OFF" or "FALSE" => false,
        _ => absent,
    };

    private static string? First(XElement[] elements, string name) =>
        elements.Where(element => element.Name.LocalName == name).Select(element => element.Value.Trim()).FirstOrDefault(text => text.Length > 0) is { } text ? SettingsText.Shown(text) : null;
}
