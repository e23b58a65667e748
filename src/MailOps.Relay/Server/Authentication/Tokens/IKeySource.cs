namespace MailOps.Relay.Server.Authentication.Tokens;

/// <summary>Where an issuer publishes its keys.</summary>
internal interface IKeySource : IDisposable
{
    /// <summary>The key set as it is published now.</summary>
    /// <exception cref="IOException">It cannot be fetched.</exception>
    Task<byte[]> FetchAsync(CancellationToken cancellationToken);
}
