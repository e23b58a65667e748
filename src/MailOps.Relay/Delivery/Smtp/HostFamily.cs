using System.Net;
using System.Net.Sockets;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>Which addresses of hosts a route uses, in which order, and from which of ours.</summary>
internal sealed class HostFamily(NextHop hop)
{
    /// <summary>These hosts, without those the route does not use; the order of hosts stays, only the addresses of one change places.</summary>
    /// <exception cref="SmtpFailureException">None is left.</exception>
    public IReadOnlyList<SmtpHost> Of(IEnumerable<SmtpHost> hosts)
    {
        if (hop.Way is not { } way || way is { Options.AddressFamily: NextHopAddresses.Any, Sources.Count: 0 }) return [.. hosts];
        var (only, first) = way.Options.AddressFamily switch
        {
            NextHopAddresses.IPv4 => (AddressFamily.InterNetwork, AddressFamily.Unspecified),
            NextHopAddresses.IPv6 => (AddressFamily.InterNetworkV6, AddressFamily.Unspecified),
            NextHopAddresses.PreferIPv4 => (AddressFamily.Unspecified, AddressFamily.InterNetwork),
            NextHopAddresses.PreferIPv6 => (AddressFamily.Unspecified, AddressFamily.InterNetworkV6),
            _ => (AddressFamily.Unspecified, AddressFamily.Unspecified),
        };
        var left = hosts.Where(host => only == AddressFamily.Unspecified || FamilyOf(host) == only).ToList();
        // The administrator has said so, not the domain: it waits until he says otherwise.
        if (left.Count == 0) throw new SmtpFailureException(SmtpStep.Route, new SmtpReply(451, "4.4.4", $"'{hop.Name}' has no {way.Options.AddressFamily} address, and its route uses no other"));
        if (first != AddressFamily.Unspecified) left = [.. Runs(left).SelectMany(run => run.OrderBy(host => FamilyOf(host) == first ? 0 : 1))];
        return [.. left.Select(host => host with { Source = way.Sources.FirstOrDefault(source => source.AddressFamily == FamilyOf(host)) })];
    }

    private static AddressFamily FamilyOf(SmtpHost host) => host.EndPoint is IPEndPoint ip ? ip.AddressFamily : AddressFamily.Unix;

    // The addresses of a host stand together.
    private static IEnumerable<List<SmtpHost>> Runs(List<SmtpHost> hosts)
    {
        for (var i = 0; i < hosts.Count;)
        {
            var run = hosts.Skip(i).TakeWhile(host => host.Name == hosts[i].Name).ToList();
            i += run.Count;
            yield return run;
        }
    }
}
