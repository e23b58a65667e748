using System.Net;
using MailOps.Messages;
using MailOps.Relay.Configuration;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>Which mail a route is for: what fits everything that it names.</summary>
internal sealed class RouteMatch(RouteOptions route)
{
    private const string Any = "*";
    private readonly string[] _domains = [.. (route.Domains.Count > 0 ? route.Domains : [route.Domain]).Select(Pattern)];
    private readonly AddressPattern[] _recipients = AddressPattern.Of(route.Recipients);
    private readonly AddressPattern[] _senders = AddressPattern.Of(route.Senders);
    private readonly IPEndPoint[] _listeners = [.. route.Listeners.Select(EndPoint).OfType<IPEndPoint>()];

    /// <summary>Whether it is for mail to a recipient.</summary>
    /// <param name="recipient">The recipient.</param>
    /// <param name="domain">Its domain in A-label form.</param>
    /// <param name="sender">What MAIL said, and where the message came from; null is the relay itself, from nobody.</param>
    public bool Is(EmailAddress recipient, string domain, MailSender? sender) =>
        TakesDomain(domain)
        && (_recipients.Length == 0 || Array.Exists(_recipients, pattern => pattern.Matches(recipient)))
        && (_senders.Length == 0 || Array.Exists(_senders, pattern => pattern.Matches(sender?.ReversePath)))
        && (route.Listeners.Count == 0 || (sender?.Origin?.Listener is { } listener && EndPoint(listener) is { } at && Array.Exists(_listeners, one => Matches(one, at))))
        && (route.Users.Count == 0 || (sender?.Origin?.UserName is { } user && route.Users.Any(name => name == user || name == Any)));

    /// <summary>Whether it is for mail to a domain, by whoever sends it.</summary>
    public bool TakesDomain(string domain) => Array.Exists(_domains, pattern => Matches(pattern, domain));

    /// <summary>Whether the domain is all it asks for.</summary>
    public bool TakesAllOfIt => route is { Recipients.Count: 0, Senders.Count: 0, Listeners.Count: 0, Users.Count: 0 };

    private static string Pattern(string domain) =>
        domain.StartsWith("*.", StringComparison.Ordinal) ? "*." + DomainName.ToAscii(domain[2..]) : domain == Any ? domain : DomainName.ToAscii(domain);

    private static bool Matches(string pattern, string domain) =>
        pattern == Any || pattern == domain || (pattern.StartsWith("*.", StringComparison.Ordinal) && domain.EndsWith(pattern.AsSpan(1), StringComparison.Ordinal));

    private static bool Matches(IPEndPoint pattern, IPEndPoint listener) => pattern.Address.Equals(listener.Address) && (pattern.Port == 0 || pattern.Port == listener.Port);

    private static IPEndPoint? EndPoint(string text) =>
        HostPort.TryParse(text, -1, out var at) && at.Port >= 0 && IPAddress.TryParse(at.Host, out var address) ? new IPEndPoint(address, at.Port) : null;
}
