using System.Globalization;

namespace MailOps.Relay.Delivery;

/// <summary>
/// Tells queues of one name apart, where routes reach one server in different ways. The first that has a name keeps it; what is after it has the name of its route behind a #, or where
/// that has none its number among the routes, from 1. So with one way to each server, as nearly always, no queue has more than its name.
/// </summary>
internal sealed class QueueTags(IReadOnlyList<RouteWay> ways)
{
    private readonly Dictionary<string, NextHop> _first = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gives a next hop its plain name, where no other has that.</summary>
    public void Name(NextHop hop) => _first.TryAdd(hop.Name, hop);

    /// <summary>The next hop as its queue is named.</summary>
    public NextHop Tagged(NextHop hop) => hop.Way is not { } way || _first[hop.Name] == hop ? hop : hop with { Tag = Of(way) };

    /// <summary>The tag of a way.</summary>
    public string Of(RouteWay way) =>
        ways.FirstOrDefault(one => one.Equals(way) && one.Options.Name is not null)?.Options.Name
        ?? (ways.TakeWhile(one => !one.Equals(way)).Count() + 1).ToString(CultureInfo.InvariantCulture);
}
