using System.Globalization;
using MailOps.Messages;

namespace MailOps.Providers;

/// <summary>The address that settings are wanted for.</summary>
/// <param name="Address">The address.</param>
/// <param name="Domain">Its domain as A-labels.</param>
internal sealed record SettingsQuestion(EmailAddress Address, string Domain)
{
    /// <summary>Puts the address into a form with place-holders.</summary>
    public string Fill(string form) => UserNameForm.Fill(form, Address);

    /// <summary>Whether a name is a domain or lies below it.</summary>
    public static bool IsWithin(string name, string domain) =>
        name.Equals(domain, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What one source says.</summary>
/// <param name="Findings">Servers, preferred first.</param>
/// <param name="Steps">What was asked, and what came.</param>
internal sealed record SourceAnswer(IReadOnlyList<Finding> Findings, IReadOnlyList<MailSettingsStep> Steps)
{
    public static readonly SourceAnswer Nothing = new([], []);

    /// <summary>What the domain says that it does not offer.</summary>
    public IReadOnlyCollection<MailProtocol> Refused { get; init; } = [];
}

/// <summary>One server, and who says so.</summary>
internal sealed record Finding(MailSettingsSource Source, string Detail, ServerReading Server, bool IsTrusted)
{
    public IReadOnlyList<string> Redirects { get; init; } = [];

    public string? DisplayName { get; init; }

    public OAuthReading? OAuth { get; init; }

    /// <summary>Why it is not trusted.</summary>
    public string? Doubt { get; init; }

    /// <summary>The servers of a document whose names are names.</summary>
    public static IEnumerable<ServerReading> Usable(IEnumerable<ServerReading> servers, SettingsQuestion asked)
    {
        foreach (var server in servers)
        {
            if (DomainName.TryToAscii(server.Host.Replace("%EMAILDOMAIN%", asked.Domain), out var host)) yield return server with { Host = host };
        }
    }

    public MailSettings ToSettings(SettingsQuestion asked, int rank)
    {
        var oauth = Server.Authentication.Contains(MailAuthentication.OAuth2) ? OAuth : null;
        return new MailSettings
        {
            Address = asked.Address.ToString(),
            Rank = rank,
            Protocol = Server.Protocol,
            Server = Server.Host,
            Port = Server.Port,
            Tls = Server.Tls,
            UserName = asked.Fill(Server.UserName),
            UserNameForm = Server.UserName,
            Authentication = [.. Server.Authentication],
            Source = Source,
            SourceDetail = Detail,
            Redirects = [.. Redirects],
            IsTrusted = IsTrusted,
            DisplayName = DisplayName,
            Url = Server.Url,
            OAuthIssuer = oauth?.Issuer,
            OAuthScope = oauth?.Scope,
            OAuthAuthorizationUrl = oauth?.AuthorizationUrl,
            OAuthTokenUrl = oauth?.TokenUrl,
            Warnings = [.. Warnings()],
        };
    }

    private IEnumerable<string> Warnings()
    {
        if (Doubt is not null) yield return Doubt;
        if (Server.Oddity is not null) yield return Server.Oddity;
        if (Server.Tls == TlsMode.None) yield return "The connection is not encrypted: whoever is on the way reads name, password and mail. Look for a server with TLS.";
        if (UsualTls.Instead(Server.Port, Server.Tls) is { } usual)
            yield return string.Format(CultureInfo.InvariantCulture, "{0} is unusual on port {1}: if it fails, try {2} (-Tls {2}).", Server.Tls, Server.Port, usual);
    }
}
