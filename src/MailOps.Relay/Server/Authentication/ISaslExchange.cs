using System.Net;

namespace MailOps.Relay.Server.Authentication;

/// <summary>The client as a mechanism sees it: it answers challenges, and TLS says something about it.</summary>
internal interface ISaslExchange
{
    /// <summary>The client's address.</summary>
    IPAddress Client { get; }

    /// <summary>The channel binding tls-server-end-point of this connection; null where there is none.</summary>
    byte[]? EndPointBinding { get; }

    /// <summary>The user that the client's certificate proves; null without one.</summary>
    string? CertificateUser { get; }

    /// <summary>The initial response, or where the client sent none the answer to a challenge.</summary>
    ValueTask<byte[]> FirstAsync(ReadOnlyMemory<byte> challenge);

    /// <summary>The answer to a challenge.</summary>
    ValueTask<byte[]> AskAsync(ReadOnlyMemory<byte> challenge);
}
