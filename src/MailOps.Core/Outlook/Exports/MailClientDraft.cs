using System.Globalization;
using MailOps.Messages;
using MailOps.Providers;
using MailOps.Submission;

namespace MailOps.Outlook.Exports;

/// <summary>The mail settings of an organisation as somebody gave them, from a provider, from what was found, or by hand; nobody has looked yet whether they are whole.</summary>
public sealed record MailClientDraft
{
    /// <summary>The organisation's name. Default: its first domain, or the name of its server for sending.</summary>
    public string? Name { get; init; }

    /// <summary>The same, for where there is little room. Default: <see cref="Name"/>.</summary>
    public string? ShortName { get; init; }

    /// <summary>The domains of its addresses.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Its servers, preferred first; those for something other than IMAP, POP3 and SMTP are left out.</summary>
    public IReadOnlyList<MailServer> Servers { get; init; } = [];

    /// <summary>Who gives out tokens.</summary>
    public OAuthReading? OAuth { get; init; }

    /// <summary>What the source says to be doubtful.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What is wrong with what was given, before anything else is looked at.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>The settings of a provider: those of its servers that are for all of its users, where it has such.</summary>
    public static MailClientDraft Of(MailProvider provider) => new()
    {
        Name = provider.DisplayName,
        ShortName = provider.Name,
        Servers = [.. provider.Servers.Where(server => server.Note is null || !provider.Servers.Any(other => other.Protocol == server.Protocol && other.Note is null))],
    };

    /// <summary>What Find-MailSettings found for one address: of each protocol what its most trusted source says.</summary>
    public static MailClientDraft Of(IReadOnlyList<MailSettings> settings)
    {
        var addresses = settings.Select(one => one.Address).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        var chosen = settings.GroupBy(one => one.Protocol).SelectMany(ways => ways.Where(way => way.Source == ways.OrderBy(one => one.Rank).First().Source))
            .Where(one => IsKnown(one.Protocol)).OrderBy(one => one.Rank).ToArray();
        var tokens = chosen.FirstOrDefault(one => one.OAuthIssuer is not null);
        return new MailClientDraft
        {
            Name = chosen.FirstOrDefault(one => one.DisplayName is not null)?.DisplayName,
            Domains = addresses.Length == 1 && EmailAddress.TryParse(addresses[0], out var address) ? [address.Domain] : [],
            Servers = [.. chosen.Select(Server)],
            OAuth = tokens is null ? null : new OAuthReading(tokens.OAuthIssuer, tokens.OAuthScope, tokens.OAuthAuthorizationUrl, tokens.OAuthTokenUrl),
            Warnings = [.. chosen.SelectMany(one => one.Warnings)],
            Faults = addresses.Length > 1 ? [$"the settings are of several addresses ({string.Join(", ", addresses.Take(3).Select(Printable.Escape))})"] : [],
        };
    }

    /// <summary>The same with another server in the place of all that speak its protocol.</summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="server">The server's name.</param>
    /// <param name="port">Its port. Default: the usual one for the kind of TLS.</param>
    /// <param name="tls">Its TLS. Default: the usual one for the port, or else from the first byte (RFC 8314 section 3).</param>
    public MailClientDraft With(MailProtocol protocol, string server, int? port, TlsMode? tls)
    {
        var mode = tls ?? (port is { } given ? UsualTls.At(given) : null) ?? TlsMode.Implicit;
        var added = new MailServer
        {
            Protocol = protocol,
            Server = server,
            Port = port ?? OutlookEncryptions.UsualPort(protocol, OutlookEncryptions.Of(mode)),
            Tls = mode,
            Authentication = [MailAuthentication.Password],
            UserName = UserNameForm.WholeAddress,
        };
        return this with { Servers = [.. Servers.Where(other => other.Protocol != protocol), added] };
    }

    /// <summary>The same with those servers of a protocol alone that have this port and this TLS; where there is none, that is a fault.</summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="port">The port; null for any.</param>
    /// <param name="tls">The TLS; null or <see cref="TlsMode.Auto"/> for any.</param>
    public MailClientDraft Only(MailProtocol protocol, int? port, TlsMode? tls)
    {
        if (port is null && tls is null) return this;
        var there = Servers.Where(server => server.Protocol == protocol).ToArray();
        var fit = there.Where(server => (port is null || server.Port == port) && (tls is null or TlsMode.Auto || server.Tls == tls)).ToArray();
        if (fit.Length > 0) return this with { Servers = [.. Servers.Where(server => server.Protocol != protocol || fit.Contains(server))] };
        var asked = string.Join(" and ", new[] { port is { } number ? string.Format(CultureInfo.InvariantCulture, "the port {0}", number) : null, tls is null ? null : $"the TLS {tls}" }.OfType<string>());
        var fault = there.Length == 0 ? $"{asked} is said of a server for {protocol}, and nothing names one" : $"there is no server for {protocol} with {asked}, but {string.Join(", ", there.Select(server => Printable.Escape(server.ToString())))}";
        return this with { Faults = [.. Faults, fault] };
    }

    /// <summary>The same, with other proofs or another form of the user name at the servers of these protocols.</summary>
    /// <param name="proofs">What the servers take as proof; null for what was said before.</param>
    /// <param name="userName">The form of the user name; null for what was said before.</param>
    /// <param name="protocols">The protocols.</param>
    public MailClientDraft With(MailAuthentication[]? proofs, string? userName, params MailProtocol[] protocols) => this with
    {
        Servers = [.. Servers.Select(server => !protocols.Contains(server.Protocol) ? server : new MailServer
        {
            Protocol = server.Protocol,
            Server = server.Server,
            Port = server.Port,
            Tls = server.Tls,
            Authentication = proofs ?? server.Authentication,
            UserName = userName ?? server.UserName,
        })],
    };

    /// <summary>The definition.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailClientSettingsInvalid"/>: all that is wrong, at once.</exception>
    public MailClientDefinition Check()
    {
        var faults = Faults.ToList();
        var domains = Domains.Select(domain => Domain(domain, faults)).Distinct().ToArray();
        var servers = Servers.Where(server => IsKnown(server.Protocol)).Select(server => Server(server, faults)).ToArray();
        if (!servers.Any(server => server.Protocol == MailProtocol.Smtp)) faults.Add("there is no server for sending (SMTP)");
        if (!servers.Any(server => server.Protocol != MailProtocol.Smtp)) faults.Add("there is no server for reading (IMAP or POP3)");
        var name = Name ?? domains.FirstOrDefault() ?? servers.FirstOrDefault(server => server.Protocol == MailProtocol.Smtp)?.Server;
        if (name is not null && TextRules.Fault("the organisation's name", name) is { } unfit) faults.Add(unfit);
        if (ShortName is not null && TextRules.Fault("the organisation's short name", ShortName) is { } other) faults.Add(other);
        if (OAuth is not null) faults.AddRange(Texts(OAuth).Where(text => !TextRules.IsPlain(text)).Select(text => $"what is said of OAuth has control characters in it: '{Printable.Escape(text)}'"));
        if (faults.Count > 0) throw Invalid(faults);
        return new MailClientDefinition(name!.Trim(), (ShortName ?? name).Trim(), domains, servers, OAuth, [.. Warnings.Distinct()]) { IsNameless = Name is null && ShortName is null && domains.Length == 0 };
    }

    /// <summary>The error that names all faults.</summary>
    internal static MailOpsException Invalid(IReadOnlyCollection<string> faults) => new(
        ErrorCode.MailClientSettingsInvalid,
        faults.Count == 1
            ? $"The mail settings cannot be used: {faults.First()}."
            : string.Format(CultureInfo.InvariantCulture, "The mail settings cannot be used, for {0} reasons: {1}.", faults.Count, string.Join("; ", faults)),
        "Mend all that is named, and run it again; servers given by hand (-ImapServer, -Pop3Server, -SmtpServer) take the place of those of -Provider and -Settings.");

    private static bool IsKnown(MailProtocol protocol) => protocol is MailProtocol.Smtp or MailProtocol.Imap or MailProtocol.Pop3;

    private static IEnumerable<string> Texts(OAuthReading oauth) => new[] { oauth.Issuer, oauth.Scope, oauth.AuthorizationUrl, oauth.TokenUrl }.OfType<string>();

    private static string Domain(string domain, List<string> faults)
    {
        if (DomainName.TryToAscii(domain, out var ascii)) return ascii;
        faults.Add($"'{Printable.Escape(domain)}' is no domain name");
        return "";
    }

    private static MailServer Server(MailSettings found) => new()
    {
        Protocol = found.Protocol,
        Server = found.Server,
        Port = found.Port,
        Tls = found.Tls,
        Authentication = found.Authentication,
        UserName = found.UserNameForm.Length > 0 ? found.UserNameForm : found.UserName,
    };

    private static MailServer Server(MailServer given, List<string> faults)
    {
        var label = string.Format(CultureInfo.InvariantCulture, "the {0} server '{1}'", given.Protocol, Printable.Escape(given.Server));
        if (!DomainName.TryToAscii(given.Server, out var host) || (ServerName.EndsInNumber(host) && !ServerName.IsAddress(host)))
            faults.Add(given.Server.Contains('{') ? $"{label} has a part in braces that is to be filled in" : $"{label} is no host name");
        if (given.Port is < 1 or > 65535) faults.Add(string.Format(CultureInfo.InvariantCulture, "{0} has the port {1}, which is not between 1 and 65535", label, given.Port));
        var form = given.UserName.Length == 0 && Proofs.NeedLogin(given) ? UserNameForm.WholeAddress : given.UserName;
        if (form.Length > 0 && TextRules.Fault($"the user name for {label}", form) is { } fault) faults.Add(fault);
        if (UserNameForm.Unknown(form) is { } place) faults.Add($"the user name for {label} has the unknown place-holder {place}");
        return new MailServer { Protocol = given.Protocol, Server = host, Port = given.Port, Tls = given.Tls, Authentication = [.. given.Authentication.Distinct()], UserName = form };
    }
}
