namespace MailOps;

/// <summary>Who may authenticate.</summary>
public sealed record RelayUserOptions
{
    /// <summary>The user's name; compared exactly.</summary>
    public required string Name { get; init; }
    /// <summary>The password. In memory it is kept only as a salted, slow hash.</summary>
    public required SecretReference Password { get; init; }
    /// <summary>The sender addresses, or domains as in @example.test, that this user may put in MAIL; * is any. Default: none, hence any unless requireSenderOwnership says otherwise.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];
}

/// <summary>Says whether a user name and a password belong together, in the place of the relay's own users.</summary>
/// <param name="userName">The name, as the client gave it.</param>
/// <param name="password">The password, as the client gave it.</param>
/// <param name="clientAddress">The client's address.</param>
/// <param name="cancellationToken">Cancelled when the client is gone or the answer takes too long.</param>
/// <returns>Whether they do. An exception is a temporary refusal (454), never a yes.</returns>
public delegate Task<bool> PasswordCheck(string userName, string password, System.Net.IPAddress clientAddress, CancellationToken cancellationToken);

/// <summary>How clients prove who they are, and what becomes of those who guess.</summary>
public sealed record AuthenticationOptions
{
    /// <summary>Decides in the place of <see cref="SmtpRelayOptions.Users"/> and <see cref="SmtpRelayOptions.UsersFile"/>, by PLAIN and LOGIN only; not part of the JSON document.</summary>
    public PasswordCheck? Check { get; init; }
    /// <summary>How long <see cref="Check"/> may take before the client is told to try again later (454). Default: 10 seconds: clients wait at least a minute. From 1 second to a day.</summary>
    public TimeSpan CheckTimeout { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Who issues the access tokens that clients show by XOAUTH2 and OAUTHBEARER. Default: none, hence neither is offered.</summary>
    public IReadOnlyList<TokenIssuerOptions> Issuers { get; init; } = [];
    /// <summary>Refuse a MAIL whose sender the authenticated user does not own: its senders, or without such a list the address that is its name. Default: false, so only users with a list are held to it.</summary>
    public bool RequireSenderOwnership { get; init; }
    /// <summary>Failed authentications of one address within <see cref="FailureWindow"/> before it is blocked; IPv6 counts by /64. Default: 10; 0 blocks nobody.</summary>
    public int MaxFailures { get; init; } = 10;
    /// <summary>How far back failures count. Default: 10 minutes; 1 second at least.</summary>
    public TimeSpan FailureWindow { get; init; } = TimeSpan.FromMinutes(10);
    /// <summary>How long an address is blocked. Default: 15 minutes, long enough that guessing is hopeless and short enough that nobody has to be called; 1 second at least.</summary>
    public TimeSpan BlockTime { get; init; } = TimeSpan.FromMinutes(15);
    /// <summary>Networks (CIDR) that are never blocked: a gateway behind which many users are, a monitor. Default: none; loopback never is.</summary>
    public IReadOnlyList<string> NeverBlock { get; init; } = [];
}

/// <summary>An issuer of access tokens (JSON Web Tokens, RFC 7519) and what one must say to be let in.</summary>
public sealed record TokenIssuerOptions
{
    /// <summary>The issuer as its tokens name it (<c>iss</c>); compared exactly.</summary>
    public required string Issuer { get; init; }
    /// <summary>The audiences (<c>aud</c>) of which a token must name one: what this relay is registered as.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }
    /// <summary>The issuer's key set (JWKS, RFC 7517): an https URL, or a file. Fetched when first needed, and again when a token names a key that is not in it.</summary>
    public required string Keys { get; init; }
    /// <summary>The claim that names the user. Default: email; Microsoft Entra ID has upn or preferred_username.</summary>
    public string UserClaim { get; init; } = "email";
}

/// <summary>Which client certificates prove a user (EXTERNAL, RFC 4422). One that proves nothing is let in like none: it only cannot authenticate.</summary>
public sealed record ClientCertificateOptions
{
    /// <summary>A PEM file of the authorities, roots and intermediates, whose certificates are believed. One of this and <see cref="Thumbprints"/>, or both.</summary>
    public string? AuthorityPath { get; init; }
    /// <summary>The SHA-256 thumbprints, in hexadecimal, of certificates that are believed whoever signed them.</summary>
    public IReadOnlyList<string> Thumbprints { get; init; } = [];
    /// <summary>What names the user: CommonName of the subject, or Email among the alternative names. Default: CommonName.</summary>
    public CertificateUserName UserName { get; init; } = CertificateUserName.CommonName;
}

/// <summary>Where a client certificate names its user.</summary>
public enum CertificateUserName
{
    /// <summary>The common name (CN) of the subject.</summary>
    CommonName,
    /// <summary>The one e-mail address among the alternative names of the subject.</summary>
    Email,
}
