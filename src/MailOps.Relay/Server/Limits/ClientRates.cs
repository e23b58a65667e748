using System.Net;

namespace MailOps.Relay.Server.Limits;

/// <summary>
/// How much each client asks for by the minute. A client has a minute's share at once, and gets it back evenly: at 60 a minute, one a second. All that is kept is
/// the time at which its share will be whole again, so that an event is refused when that time would be more than a minute away. Clients whose share is whole are
/// forgotten. Loopback is not counted.
/// </summary>
/// <param name="clock">The time.</param>
internal sealed class ClientRates(TimeProvider clock)
{
    /// <summary>Clients counted at a time. Beyond them new ones are let in uncounted: a flood from that many addresses is stopped by the limit on sessions in all.</summary>
    public const int MaxClients = 65_536;

    private const int FirstSweep = 1024;
    private readonly Dictionary<(IPAddress Network, Rate Rate), long> _wholeAgain = [];
    private readonly long _minute = 60 * clock.TimestampFrequency;
    private int _sweepAt = FirstSweep;
    private long _sweepNext = long.MinValue;

    /// <summary>How often the whole table was gone through: what a flood costs, without a clock.</summary>
    internal int Sweeps { get; private set; }

    /// <summary>Counts one event; false where the client has had its share.</summary>
    /// <param name="client">The client's address.</param>
    /// <param name="rate">What it asks for.</param>
    /// <param name="limit">How many a minute; 0 for any, which costs nothing.</param>
    public bool TryCount(IPAddress client, Rate rate, int limit)
    {
        if (limit == 0 || IPAddress.IsLoopback(client)) return true;
        var key = (ClientNetwork.Of(client), rate);
        var now = clock.GetTimestamp();
        lock (_wholeAgain)
        {
            var wholeAgain = Math.Max(_wholeAgain.GetValueOrDefault(key, long.MinValue), now) + _minute / limit;
            if (wholeAgain - now > _minute) return false;
            if (!_wholeAgain.ContainsKey(key) && !HasRoom(now)) return true;
            _wholeAgain[key] = wholeAgain;
            return true;
        }
    }

    // Sweeps when the table has doubled, so that it costs little an event, and stays small where clients come and go. While it is full of clients that are all counted, once a second:
    // who has a /48 of IPv6 has as many clients as fit in, and each of his connections would go through all of it, with everybody else waiting.
    private bool HasRoom(long now)
    {
        if (_wholeAgain.Count < _sweepAt) return true;
        if (_wholeAgain.Count >= MaxClients && now < _sweepNext) return false;
        _sweepNext = now + clock.TimestampFrequency;
        Sweeps++;
        foreach (var (key, wholeAgain) in _wholeAgain)
            if (wholeAgain <= now) _wholeAgain.Remove(key);
        _sweepAt = Math.Clamp(2 * _wholeAgain.Count, FirstSweep, MaxClients);
        return _wholeAgain.Count < _sweepAt;
    }
}
