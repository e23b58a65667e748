namespace MailOps;

/// <summary>One server with which a mailbox may be set up, and who says so.</summary>
public sealed class MailSettings
{
    /// <summary>The address that was asked about.</summary>
    public required string Address { get; init; }
    /// <summary>Its place among all that were found for the address, 1 for the most trusted.</summary>
    public int Rank { get; init; }
    /// <summary>What is spoken to the server.</summary>
    public MailProtocol Protocol { get; init; }
    /// <summary>The server's name.</summary>
    public required string Server { get; init; }
    /// <summary>The server's port.</summary>
    public int Port { get; init; }
    /// <summary>How the connection gets its TLS.</summary>
    public TlsMode Tls { get; init; }
    /// <summary>The user name for this address; empty where the source says nothing about it.</summary>
    public string UserName { get; init; } = "";
    /// <summary>The form of the user name: <c>%EMAILADDRESS%</c>, <c>%EMAILLOCALPART%</c> and <c>%EMAILDOMAIN%</c> stand for the address and its parts.</summary>
    public string UserNameForm { get; init; } = "";
    /// <summary>What the server takes as proof, best first; empty where the source says nothing about it.</summary>
    public MailAuthentication[] Authentication { get; init; } = [];
    /// <summary>Where the settings come from.</summary>
    public MailSettingsSource Source { get; init; }
    /// <summary>The record, the address on the web, or the provider that says so.</summary>
    public string SourceDetail { get; init; } = "";
    /// <summary>Where the first address on the web led, in order.</summary>
    public string[] Redirects { get; init; } = [];
    /// <summary>False where anyone on the way could have given this answer, or it is a guess: confirm the server before it gets a password.</summary>
    public bool IsTrusted { get; init; }
    /// <summary>The provider's name for itself.</summary>
    public string? DisplayName { get; init; }
    /// <summary>The address on the web of a service that has one (EWS, Graph, Outlook on the web).</summary>
    public string? Url { get; init; }
    /// <summary>Who gives out OAuth 2.0 tokens.</summary>
    public string? OAuthIssuer { get; init; }
    /// <summary>What a token must be good for.</summary>
    public string? OAuthScope { get; init; }
    /// <summary>Where the user consents.</summary>
    public string? OAuthAuthorizationUrl { get; init; }
    /// <summary>Where tokens are given out.</summary>
    public string? OAuthTokenUrl { get; init; }
    /// <summary>What is doubtful about these settings, and what to do.</summary>
    public string[] Warnings { get; init; } = [];
}
