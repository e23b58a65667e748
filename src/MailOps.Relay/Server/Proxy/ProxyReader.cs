using System.Net;

namespace MailOps.Relay.Server.Proxy;

/// <summary>Takes the header off a connection of a listed proxy, byte by byte where its length is not known: what follows may be a TLS handshake, of which nothing may be missing.</summary>
internal static class ProxyReader
{
    /// <summary>How long a proxy may take. They send it at once; the protocol asks for three seconds at least.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Reads the header and makes the connection its client's; false where there is none, and the connection must be closed.</summary>
    public static async ValueTask<bool> TryConveyAsync(Connection connection, Listener listener, Surroundings server)
    {
        try
        {
            if (await ReadAsync(connection, server.Clock).ConfigureAwait(false) is { } client) connection.Convey(client.Address, client.Port);
            return true;
        }
        catch (FormatException e)
        {
            if (!server.Stopping) server.Trace.Fault($"listener {listener.Endpoint}, PROXY header from {connection.Client}", e);
            return false;
        }
        catch (ConnectionLostException)
        {
            return false;   // a health check: it connects and leaves
        }
    }

    private static async ValueTask<IPEndPoint?> ReadAsync(Connection connection, TimeProvider clock)
    {
        var deadline = clock.GetTimestamp() + (long)(Patience.TotalSeconds * clock.TimestampFrequency);
        var header = new byte[ProxyHeader.MaxTextLength];
        await ReadAsync(connection, header.AsMemory(0, ProxyHeader.BeginningLength), deadline, atStart: true).ConfigureAwait(false);
        if (ProxyHeader.IsText(header.AsSpan(0, ProxyHeader.BeginningLength)))
        {
            var length = ProxyHeader.BeginningLength;
            while (header[length - 1] != '\n')
            {
                if (length == header.Length) throw new FormatException("The line is longer than a header may be.");
                await ReadAsync(connection, header.AsMemory(length++, 1), deadline).ConfigureAwait(false);
            }
            return ProxyHeader.ReadText(header.AsSpan(0, length));
        }
        if (!ProxyHeader.IsBinary(header.AsSpan(0, ProxyHeader.BeginningLength))) throw new FormatException("There is no header, which a listed proxy has to send.");
        await ReadAsync(connection, header.AsMemory(ProxyHeader.BeginningLength, ProxyHeader.FixedLength - ProxyHeader.BeginningLength), deadline).ConfigureAwait(false);
        var rest = new byte[ProxyHeader.RestLength(header)];
        await ReadAsync(connection, rest, deadline).ConfigureAwait(false);
        return ProxyHeader.ReadBinary(header, rest);
    }

    private static async ValueTask ReadAsync(Connection connection, Memory<byte> bytes, long deadline, bool atStart = false)
    {
        var count = await connection.ReadFirstAsync(bytes, deadline).ConfigureAwait(false);
        if (count == 0 && atStart) throw new ConnectionLostException();
        if (count < bytes.Length) throw new FormatException("The connection ended, or was quiet for too long, before the header's end.");
    }
}
