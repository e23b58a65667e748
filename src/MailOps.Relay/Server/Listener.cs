using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MailOps.Relay.Configuration;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Server.Handshake;

namespace MailOps.Relay.Server;

/// <summary>One address and port: its socket, its TLS, and the replies that depend on nothing else.</summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 512;

    private readonly Socket _socket;
    private readonly IPEndPoint _bound;
    private readonly ExtensionReplies _extensions;

    private Listener(Socket socket, ListenerOptions options, Surroundings server)
    {
        _bound = (IPEndPoint)socket.LocalEndPoint!;
        _socket = socket;
        Options = options;
        Clients = ClientCertificates.Of(options, server.Clock);
        Endpoint = _bound.ToString();
        Limits = options.Limits?.Over(server.Options.Limits) ?? server.Options.Limits;
        RelayNetworks = options.RelayNetworks is { } networks ? new NetworkList(networks) : null;
        ProxyNetworks = options.ProxyNetworks.Count > 0 ? new NetworkList(options.ProxyNetworks) : null;
        XclientNetworks = options.XclientNetworks.Count > 0 ? new NetworkList(options.XclientNetworks) : null;
        // RFC 8314 section 7.3: 465 is the port of implicit TLS.
        Tls = options.Tls == TlsMode.Auto ? _bound.Port == 465 ? TlsMode.Implicit : TlsMode.StartTls : options.Tls;
        if (Tls != TlsMode.None) Certificates = new ListenerCertificates(options, server, Clients is null ? null : ClientCertificates.Ask);
        Requires = (options.RequireTls ? Has.Tls : 0) | (options.RequireAuthentication ? Has.User : 0);
        Greeting = Replies.Greeting(server.HostName);
        Helo = new Reply(250, null, server.HostName);
        _extensions = new ExtensionReplies(server, Limits, Tls == TlsMode.StartTls, has => server.Authentication.Offered(options, has) is { Count: > 0 } mechanisms ? "AUTH " + string.Join(' ', mechanisms) : null);   // RFC 4954 section 3
    }

    // The description goes to whoever asks about the relay; the key does not.
    private static X509Certificate2 PublicPart(X509Certificate2 certificate) => X509CertificateLoader.LoadCertificate(certificate.RawData);

    /// <summary>None, StartTls or Implicit; never Auto.</summary>
    public TlsMode Tls { get; }

    /// <summary>The certificates, and what else the handshake needs; null without TLS.</summary>
    public ListenerCertificates? Certificates { get; }

    /// <summary>Whose clients may relay without AUTH; null where the relay's own list counts.</summary>
    public NetworkList? RelayNetworks { get; }

    /// <summary>Who begins with a PROXY header; null for nobody.</summary>
    public NetworkList? ProxyNetworks { get; }

    /// <summary>Who may speak for others by XCLIENT; null for nobody.</summary>
    public NetworkList? XclientNetworks { get; }

    /// <summary>The relay's limits, with this listener's over them.</summary>
    public LimitOptions Limits { get; }

    /// <summary>What it was told.</summary>
    public ListenerOptions Options { get; }

    /// <summary>Which client certificates prove a user; null where none is asked for.</summary>
    public ClientCertificates? Clients { get; }

    /// <summary>What a session must have before it may send mail.</summary>
    public Has Requires { get; }

    /// <summary>Address and port.</summary>
    public string Endpoint { get; }

    /// <summary>The first reply.</summary>
    public Reply Greeting { get; }

    /// <summary>The reply to HELO.</summary>
    public Reply Helo { get; }

    /// <summary>The listener as users see it, now.</summary>
    public SmtpRelayListener Description => new()
    {
        Address = _bound.Address.ToString(),
        Port = _bound.Port,
        Tls = Tls,
        MinTlsVersion = Tls == TlsMode.None ? null : Options.MinTlsVersion,
        Certificate = Certificates is null ? null : PublicPart(Certificates.Current[0]),
        SniCertificates = Certificates is null ? [] : [.. Certificates.Current.Skip(1).Select(PublicPart)],
    };

    /// <summary>What is risky about it, as a sentence; null as a rule.</summary>
    public string? Warning => Tls == TlsMode.None || !TlsVersions.IsOld(Options.MinTlsVersion) ? null
        : $"The listener {Endpoint} takes {(Options.MinTlsVersion == TlsVersion.Tls10 ? "TLS 1.0" : "TLS 1.1")}, which is broken (RFC 8996): only old devices on a trusted network should reach it."
        + (OperatingSystem.IsLinux() ? " OpenSSL may refuse it even so, unless its configuration lowers the security level (docs/operations.md)." : "");

    /// <summary>Takes the address and port.</summary>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.RelayListenFailed"/> where that is not possible, <see cref="ErrorCode.RelayConfigurationInvalid"/> where a certificate cannot be used.
    /// </exception>
    public static Listener Bind(ListenerOptions options, Surroundings server)
    {
        if (!HostPort.TryParse(options.Endpoint, -1, out var at) || at.Port < 0 || !IPAddress.TryParse(at.Host, out var address))
            throw Failed(options, "is not an address and port", "Write it as 127.0.0.1:2525 or [::1]:2525; port 0 takes a free one.");
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, at.Port));
            socket.Listen(Backlog);
            return new Listener(socket, options, server);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => Failed(options, "is in use by another program", "Stop that program, or listen on another port.", e),
                SocketError.AccessDenied => Failed(options, "may not be taken by this user", "Listen on a port from 1024 up, or give the process the right to take lower ones.", e),
                SocketError.AddressNotAvailable => Failed(options, "is not an address of this machine", "Listen on an address this machine has, or on 0.0.0.0 for all of IPv4 and [::] for all of IPv6.", e),
                var other => Failed(options, "cannot be taken (" + other + ")", "Choose another address or port.", e),
            };
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the next client; null when the listener was stopped.</summary>
    public async ValueTask<Socket?> AcceptAsync()
    {
        try
        {
            return await _socket.AcceptAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
        {
            return null;
        }
    }

    /// <summary>The reply to EHLO: what is true of this session now.</summary>
    public Reply Extensions(Has has) => _extensions.For(has);

    public void Dispose() => _socket.Dispose();

    private static MailOpsException Failed(ListenerOptions options, string why, string hint, Exception? cause = null) =>
        new(ErrorCode.RelayListenFailed, $"The relay cannot listen on {options.Endpoint}: it {why}.", hint, cause);
}
