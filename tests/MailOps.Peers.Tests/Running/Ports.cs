using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MailOps.Peers.Tests.Running;

/// <summary>Free ports for servers that must be told one.</summary>
internal static class Ports
{
    private static readonly ConcurrentDictionary<int, bool> Given = [];

    /// <summary>A port that nothing listens on and that no other test was given.</summary>
    public static int Free()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (Given.TryAdd(port, true)) return port;
        }
    }

    /// <summary>Waits until something listens.</summary>
    public static Task OpenAsync(int port, ChildProcess? server = null) =>
        Until.TrueAsync(() => Answers(port), () => $"nothing listens on port {port}. {server?.Output}");

    private static bool Answers(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
