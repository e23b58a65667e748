using System.Xml.Linq;

namespace MailOps.Providers;

/// <summary>A configuration file for mail programs as Mozilla defined it (config-v1.1.xml).</summary>
/// <param name="Id">The provider's domain, as it calls itself.</param>
/// <param name="DisplayName">The provider's name.</param>
/// <param name="Domains">The domains that the file is for.</param>
/// <param name="Incoming">Servers for reading, preferred first.</param>
/// <param name="Outgoing">Servers for sending, preferred first.</param>
/// <param name="OAuth">Who gives out tokens.</param>
/// <param name="Fault">What is wrong with it, or with one of its servers; null where nothing is.</param>
public sealed record AutoconfigDocument(
    string? Id, string? DisplayName, IReadOnlyList<string> Domains, IReadOnlyList<ServerReading> Incoming, IReadOnlyList<ServerReading> Outgoing, IReadOnlyList<OAuthReading> OAuth, string? Fault)
{
    /// <summary>The most servers taken of one file.</summary>
    private const int MaxServers = 50;

    /// <summary>Reads a file; what is wrong with it is its <see cref="Fault"/>, and what can be read of it is there nevertheless.</summary>
    public static AutoconfigDocument Parse(byte[] content)
    {
        if (SettingsText.Root(content, out var fault) is not { } root) return Empty(fault!);
        if (root.Name.LocalName != "clientConfig") return Empty($"what came is XML, but no configuration of a mail program: {SettingsText.Shown(root.Name.LocalName)}");
        if (SettingsText.All(root, "emailProvider").FirstOrDefault() is not { } provider) return Empty("the configuration names no provider");
        var faults = new List<string>();
        var incoming = Servers(provider, "incomingServer", faults);
        var outgoing = Servers(provider, "outgoingServer", faults);
        if (incoming.Count + outgoing.Count == 0 && faults.Count == 0) faults.Add("the configuration names no server");
        return new AutoconfigDocument(
            provider.Attribute("id") is { } id ? SettingsText.Shown(id.Value) : null, SettingsText.Text(provider, "displayName"),
            [.. SettingsText.All(provider, "domain").Select(domain => SettingsText.Shown(domain.Value.Trim()))], incoming, outgoing,
            [.. SettingsText.All(root, "oAuth2").Concat(SettingsText.All(provider, "oAuth2")).Select(Tokens)],
            faults.Count > 0 ? string.Join("; ", faults) : null);
    }

    private static AutoconfigDocument Empty(string fault) => new(null, null, [], [], [], [], fault);

    private static List<ServerReading> Servers(XElement provider, string name, List<string> faults)
    {
        var servers = new List<ServerReading>();
        foreach (var element in SettingsText.All(provider, name).Take(MaxServers))
        {
            if (Server(element, out var fault) is { } server) servers.Add(server);
            else faults.Add(fault!);
        }
        return servers;
    }

    private static ServerReading? Server(XElement element, out string? fault)
    {
        var type = element.Attribute("type")?.Value.Trim() ?? "";
        fault = null;
        if (Protocol(type) is not { } protocol)
        {
            fault = $"a server of the unknown type '{SettingsText.Shown(type)}'";
            return null;
        }
        var user = SettingsText.Text(element, "username") ?? "";
        MailAuthentication[] proofs = [.. SettingsText.All(element, "authentication").Select(one => Proof(one.Value.Trim())).OfType<MailAuthentication>().Distinct()];
        if (SettingsText.Text(element, "hostname") is { } host)
        {
            if (SettingsText.Port(SettingsText.Text(element, "port")) is { } port && Tls(SettingsText.Text(element, "socketType")) is { } tls)
                return new ServerReading(protocol, host, port, tls, user, proofs) { Url = SettingsText.Text(element, "ewsURL") };
            fault = $"the {protocol} server {host} has no port, or no kind of connection, that is known";
            return null;
        }
        // Services on the web have an address there in the place of host and port.
        if (SettingsText.Text(element, "url") is { } url && Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps)
            return new ServerReading(protocol, address.IdnHost, address.Port, TlsMode.Implicit, user, proofs) { Url = url };
        fault = $"a server of type {protocol} without a name";
        return null;
    }

    private static OAuthReading Tokens(XElement element) =>
        new(SettingsText.Text(element, "issuer"), SettingsText.Text(element, "scope"), SettingsText.Text(element, "authURL"), SettingsText.Text(element, "tokenURL"));

    private static MailProtocol? Protocol(string type) => type.ToLowerInvariant() switch
    {
        "smtp" => MailProtocol.Smtp,
        "imap" => MailProtocol.Imap,
        "pop3" => MailProtocol.Pop3,
        "jmap" => MailProtocol.Jmap,
        "exchange" => MailProtocol.Exchange,
        "ews" => MailProtocol.Ews,
        "graph" => MailProtocol.Graph,
        "owa" => MailProtocol.Owa,
        _ => null,
    };

    private static TlsMode? Tls(string? socketType) => socketType?.ToUpperInvariant() switch
    {
        "SSL" or "TLS" => TlsMode.Implicit,
        "STARTTLS" => TlsMode.StartTls,
        "PLAIN" => TlsMode.None,
        _ => null,
    };

    // "plain" and "secure" are the older words; a mechanism that is not known is left out, for others may stand beside it.
    private static MailAuthentication? Proof(string name) => name.ToUpperInvariant() switch
    {
        "PASSWORD-CLEARTEXT" or "PLAIN" => MailAuthentication.Password,
        "PASSWORD-ENCRYPTED" or "SECURE" => MailAuthentication.EncryptedPassword,
        "OAUTH2" or "OAUTH" => MailAuthentication.OAuth2,
        "NTLM" => MailAuthentication.Ntlm,
        "GSSAPI" => MailAuthentication.Kerberos,
        "TLS-CLIENT-CERT" => MailAuthentication.ClientCertificate,
        "CLIENT-IP-ADDRESS" => MailAuthentication.ClientAddress,
        "NONE" => MailAuthentication.None,
        _ => null,
    };
}
