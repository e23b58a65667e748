using System.Net;
using System.Net.Sockets;
using MailOps.Relay.Configuration;
using MailOps.Relay.Server.Limits;

namespace MailOps.Relay.Server.Authentication;

/// <summary>
/// Counts failed authentications by client, over all sessions and listeners. Each waits longer than the one before; too many within the window block the client for a
/// while. A success forgives nothing: who guesses may have an account of his own. Memory is bounded: of more clients than are remembered, the one that was quiet
/// longest is forgotten, before any that is blocked.
/// </summary>
internal sealed class FailedLogins(AuthenticationOptions options, TimeProvider clock)
{
    /// <summary>Clients remembered at a time: a megabyte or two. Who has more addresses than that needs no more guesses from each.</summary>
    public const int MaxClients = 10_000;

    private const int MaxLook = 64;
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(10);

    private readonly NetworkList _exempt = new(options.NeverBlock);
    private readonly Dictionary<IPAddress, LinkedListNode<Client>> _clients = [];
    private readonly LinkedList<Client> _byAge = [];

    /// <summary>How many clients are remembered now.</summary>
    public int Count
    {
        get
        {
            lock (_clients) return _clients.Count;
        }
    }

    /// <summary>Counts a failure.</summary>
    /// <param name="address">The client.</param>
    /// <param name="blocked">Until when the client is blocked, where this failure was the one too many.</param>
    /// <returns>How long the answer should wait.</returns>
    public TimeSpan Add(IPAddress address, out DateTimeOffset? blocked)
    {
        blocked = null;
        var now = clock.GetUtcNow();
        lock (_clients)
        {
            var client = Touch(NetworkOf(address));
            client.Failures.Enqueue(now);
            while (client.Failures.Count > Math.Max(options.MaxFailures, 1) || now - client.Failures.Peek() > options.FailureWindow) client.Failures.Dequeue();
            if (IsBlockable(address) && client.Failures.Count >= options.MaxFailures && !(client.BlockedUntil > now)) blocked = client.BlockedUntil = now + options.BlockTime;
            var delay = TimeSpan.FromSeconds(client.Failures.Count);
            return delay < MaxDelay ? delay : MaxDelay;
        }
    }

    /// <summary>Whether a client is blocked now.</summary>
    public bool IsBlocked(IPAddress address)
    {
        if (!IsBlockable(address)) return false;
        lock (_clients) return _clients.TryGetValue(NetworkOf(address), out var node) && node.Value.BlockedUntil > clock.GetUtcNow();
    }

    /// <summary>The clients blocked now, with the end of each block, the one that ends first at the front.</summary>
    public IReadOnlyList<(string Network, DateTimeOffset Until, int Failures)> Blocked()
    {
        var now = clock.GetUtcNow();
        lock (_clients) return [.. _byAge.Where(c => c.BlockedUntil > now).Select(c => (c.ToString(), c.BlockedUntil!.Value, c.Failures.Count)).OrderBy(c => c.Value)];
    }

    /// <summary>Ends a block, and forgets the failures that led to it; false where there is none.</summary>
    /// <param name="network">As <see cref="Blocked"/> names it.</param>
    public bool Unblock(string network)
    {
        var now = clock.GetUtcNow();
        lock (_clients)
        {
            if (_byAge.FirstOrDefault(c => c.BlockedUntil > now && c.ToString() == network) is not { } client) return false;
            Forget(client);
            return true;
        }
    }

    // Behind loopback are this machine's own programs: blocking them would let one stop the others.
    private bool IsBlockable(IPAddress address) => options.MaxFailures > 0 && !IPAddress.IsLoopback(address) && !_exempt.Contains(address);

    private static IPAddress NetworkOf(IPAddress address) => ClientNetwork.Of(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private Client Touch(IPAddress network)
    {
        if (_clients.TryGetValue(network, out var known))
        {
            _byAge.Remove(known);
            _byAge.AddLast(known);
            return known.Value;
        }
        if (_clients.Count >= MaxClients)
        {
            var now = clock.GetUtcNow();
            Forget(_byAge.Take(MaxLook).FirstOrDefault(c => !(c.BlockedUntil > now)) ?? _byAge.First!.Value);
        }
        var client = new Client(network);
        _clients.Add(network, _byAge.AddLast(client));
        return client;
    }

    private void Forget(Client client)
    {
        _clients.Remove(client.Network, out var node);
        _byAge.Remove(node!);
    }

    private sealed class Client(IPAddress network)
    {
        public IPAddress Network => network;

        public Queue<DateTimeOffset> Failures { get; } = new(2);

        public DateTimeOffset? BlockedUntil { get; set; }

        /// <summary>The address, or the network as in <c>2001:db8::/64</c>.</summary>
        public override string ToString() => network.AddressFamily == AddressFamily.InterNetworkV6 ? network + "/64" : network.ToString();
    }
}
