using System.Net;
using System.Net.Sockets;
using MailOps.Messages;

namespace MailOps.Diagnosis;

/// <summary>The classic ways to have a server pass mail on for a stranger.</summary>
internal static class RelayTricks
{
    /// <summary>One of them.</summary>
    /// <param name="Name">What it is called.</param>
    /// <param name="Sender">Between the brackets of MAIL FROM.</param>
    /// <param name="Recipient">Between those of RCPT TO.</param>
    /// <param name="IsLocalPart">Whether the recipient looks like one of the server's own domain, which a server that knows no users takes without passing it on.</param>
    internal sealed record Trick(string Name, string Sender, string Recipient, bool IsLocalPart = false);

    /// <summary>All of them, in the order they are tried.</summary>
    /// <param name="server">The server's name or address.</param>
    /// <param name="address">Its address.</param>
    /// <param name="sender">A stranger.</param>
    /// <param name="target">An address that is not the server's.</param>
    public static IReadOnlyList<Trick> All(string server, IPAddress address, string sender, EmailAddress target)
    {
        var literal = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{address.ToString().Split('%')[0]}]" : $"[{address}]";
        var host = IPAddress.TryParse(server, out _) ? literal : server;
        var (user, domain) = (target.LocalPart, target.Domain);
        Trick[] all =
        [
            new("as it is", sender, $"{user}@{domain}"),
            new("null sender", "", $"{user}@{domain}"),
            new("sender of the server's own", $"postmaster@{host}", $"{user}@{domain}"),
            new("sender at the server's address", $"postmaster@{literal}", $"{user}@{domain}"),
            new("sender at localhost", "postmaster@localhost", $"{user}@{domain}"),
            new("sender without a domain", "postmaster", $"{user}@{domain}"),
            new("source route", sender, $"@{host}:{user}@{domain}"),
            new("source route by address", sender, $"@{literal}:{user}@{domain}"),
            new("percent hack", sender, $"{user}%{domain}@{host}", IsLocalPart: true),
            new("percent hack by address", sender, $"{user}%{domain}@{literal}", IsLocalPart: true),
            new("percent hack without a domain", sender, $"{user}%{domain}", IsLocalPart: true),
            new("percent hack from the null sender", "", $"{user}%{domain}@{host}", IsLocalPart: true),
            new("bang path", sender, $"{domain}!{user}", IsLocalPart: true),
            new("bang path at the server", sender, $"{domain}!{user}@{host}", IsLocalPart: true),
            new("quoted", sender, $"\"{user}@{domain}\"", IsLocalPart: true),
            new("quoted at the server", sender, $"\"{user}@{domain}\"@{host}", IsLocalPart: true),
            new("quoted percent hack", sender, $"\"{user}%{domain}\"@{host}", IsLocalPart: true),
            new("two at signs", sender, $"{user}@{domain}@{host}", IsLocalPart: true),
        ];
        return [.. all.GroupBy(trick => (trick.Sender, trick.Recipient)).Select(same => same.First())];
    }
}
