namespace MailOps.Diagnosis;

/// <summary>Finds out whether a server has the TLS of old only, which the platform does not speak any more.</summary>
internal static class OldTls
{
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
                if (await TlsHello.OfferAsync(connection, version, TlsSuites.Of(version), server, cancellationToken).ConfigureAwait(false) is { } chosen && chosen.Version <= version) return TlsNames.Of(chosen.Version);
            }
            catch (Exception e) when (e is IOException or NotSmtpException)
            {
                cancellationToken.ThrowIfCancellationRequested();   // it hangs up rather than say no
            }
        }
        return null;
    }
}
