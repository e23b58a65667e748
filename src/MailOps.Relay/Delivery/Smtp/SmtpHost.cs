using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>One address of one server.</summary>
/// <param name="Name">The name its certificate must prove.</param>
/// <param name="EndPoint">Where to connect.</param>
internal sealed record SmtpHost(string Name, EndPoint EndPoint)
{
    /// <summary>
    /// Whether the name comes from the administrator or is the recipient's domain itself. One that only the DNS has named may be anybody's (RFC 8689 section 2).
    /// </summary>
    public bool IsNameTrusted { get; init; }

    /// <summary>The address of this machine to connect from; null leaves it to the system.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>Whether DNSSEC proves its address, and each alias on the way there.</summary>
    public bool IsSecure { get; init; }

    /// <summary>The name at the end of its aliases (CNAME); null where it is none.</summary>
    public string? CanonicalName { get; init; }

    /// <summary>The recipients' domain and the name it is an alias of, where DNSSEC proves that this is one of its mail exchangers; empty otherwise.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>
    /// What the name was proven to stand for: the recipients' domain, or the name of a server that is an alias; of a mail exchanger that nothing proves, nothing. A certificate under an
    /// authority of its TLSA records may be for any of them (RFC 7672 section 3.2.2).
    /// </summary>
    public IReadOnlyList<string> ProvenNames => IsNameTrusted ? [.. Domains, Name] : Domains;

    /// <summary>For people: <c>mx.example.test [192.0.2.1]:25</c>, or <c>unix:/path</c>.</summary>
    public string Peer => EndPoint switch
    {
        IPEndPoint ip => string.Create(CultureInfo.InvariantCulture, $"{Name} [{ip.Address}]:{ip.Port}"),
        _ => "unix:" + EndPoint,
    };

    /// <summary>What is the same for all its addresses: name and port; a Unix socket is its path.</summary>
    public string Server => EndPoint is IPEndPoint ip ? string.Create(CultureInfo.InvariantCulture, $"{Name}:{ip.Port}") : Peer;

    /// <summary>Whether what is written stays on this machine.</summary>
    public bool IsLoopback => EndPoint is not IPEndPoint ip || IPAddress.IsLoopback(ip.Address);

    /// <summary>Connects.</summary>
    /// <exception cref="SmtpFailureException">No connection, and why.</exception>
    public async ValueTask<Stream> ConnectAsync(TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        Socket? socket = null;
        try
        {
            // A system without IPv6 refuses the socket itself: that too is only this address, and the next one may do.
            socket = EndPoint is IPEndPoint ip
                ? new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
                : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            if (Source is not null) Bind(socket, Source);
            await socket.ConnectAsync(EndPoint, either.Token).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw SmtpFailureException.Local(SmtpStep.Connect, "4.4.1", e is SocketException fault ? Words(fault.SocketErrorCode) : "timed out", e);
        }
    }

    // Who wants mail to leave by one address has a reason: it does not leave by another.
    private static void Bind(Socket socket, IPAddress source)
    {
        try
        {
            socket.Bind(new IPEndPoint(source, 0));
        }
        catch (SocketException e)
        {
            throw SmtpFailureException.Local(SmtpStep.Connect, "4.4.1", $"the source address {source} of the route cannot be used on this machine: {Words(e.SocketErrorCode)}", e);
        }
    }

    // The system's own words depend on its language.
    private static string Words(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.TimedOut => "timed out",
        SocketError.HostUnreachable or SocketError.HostDown => "no route to the host",
        SocketError.NetworkUnreachable or SocketError.NetworkDown => "no route to its network",
        SocketError.AddressNotAvailable => "no such socket",
        SocketError.AddressFamilyNotSupported or SocketError.ProtocolFamilyNotSupported => "this system has no sockets for such an address",
        SocketError.AccessDenied => "access denied",
        _ => $"no connection ({error})",
    };
}
