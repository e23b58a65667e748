namespace MailOps.Relay.Server.Authentication;

/// <summary>The server's side of one SASL mechanism (RFC 4422): a conversation, written in the order in which it happens.</summary>
internal interface ISaslMechanism
{
    /// <summary>The name, as in EHLO.</summary>
    string Name { get; }

    /// <summary>Whether a session can use it that has a channel binding (<see cref="Has.Binding"/>) or a believed client certificate (<see cref="Has.Certificate"/>).</summary>
    bool IsPossible(Has has);

    /// <summary>Runs it to its end.</summary>
    /// <param name="exchange">The client.</param>
    /// <param name="cancellationToken">Cancelled when the connection is cut.</param>
    /// <exception cref="SaslEndedException">The client cancelled, or sent what is no answer.</exception>
    /// <exception cref="AuthenticationUnavailableException">Nobody can say now.</exception>
    ValueTask<SaslOutcome> RunAsync(ISaslExchange exchange, CancellationToken cancellationToken);
}
