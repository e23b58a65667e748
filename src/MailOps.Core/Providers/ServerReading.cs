namespace MailOps.Providers;

/// <summary>A server as a document names it; place-holders of the address are still in it.</summary>
/// <param name="Protocol">What is spoken to it.</param>
/// <param name="Host">Its name.</param>
/// <param name="Port">Its port.</param>
/// <param name="Tls">How it gets its TLS.</param>
/// <param name="UserName">The form of the user name; empty where nothing is said.</param>
/// <param name="Authentication">What it takes as proof; empty where nothing is said.</param>
public sealed record ServerReading(MailProtocol Protocol, string Host, int Port, TlsMode Tls, string UserName, IReadOnlyList<MailAuthentication> Authentication)
{
    /// <summary>Where on the web it is, for a service that has no host and port.</summary>
    public string? Url { get; init; }

    /// <summary>What is odd about what was read.</summary>
    public string? Oddity { get; init; }
}

/// <summary>Who gives out tokens, as a document names it.</summary>
/// <param name="Issuer">The issuer.</param>
/// <param name="Scope">What a token must be good for.</param>
/// <param name="AuthorizationUrl">Where the user consents.</param>
/// <param name="TokenUrl">Where tokens are given out.</param>
public sealed record OAuthReading(string? Issuer, string? Scope, string? AuthorizationUrl, string? TokenUrl);
