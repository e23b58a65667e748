using System.Net.Sockets;

namespace MailOps.Diagnosis;

/// <summary>Finds out whether a server has the TLS of old only, which the platform does not speak any more.</summary>
internal static class OldTls
{
    // What servers of those days have: AES, 3DES and RC4, with RSA, DHE and ECDHE.
    private static readonly ushort[] Ciphers =
        [0xc014, 0xc013, 0xc00a, 0xc009, 0x0039, 0x0033, 0x0035, 0x002f, 0x0088, 0x0045, 0x0084, 0x0041, 0xc012, 0xc008, 0x0016, 0x000a, 0xc011, 0xc007, 0x0005, 0x0004];

    /// <summary>The newest of the old versions that it takes; null where it takes none.</summary>
    /// <param name="open">Opens a connection on which TLS begins at once.</param>
    /// <param name="server">The server's name.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<string?> FindAsync(Func<Task<ProbeConnection>> open, string server, CancellationToken cancellationToken)
    {
        foreach (var version in new[] { TlsVersion.Tls11, TlsVersion.Tls10 })
        {
            try
            {
                using var connection = await open().ConfigureAwait(false);
                if (await TlsHello.OfferAsync(connection, version, Ciphers, server, cancellationToken).ConfigureAwait(false) is { } chosen && chosen.Version <= version) return TlsNames.Of(chosen.Version);
            }
            catch (Exception e) when (e is IOException or SocketException or NotSmtpException)
            {
                cancellationToken.ThrowIfCancellationRequested();   // it hangs up rather than say no
            }
        }
        return null;
    }
}
