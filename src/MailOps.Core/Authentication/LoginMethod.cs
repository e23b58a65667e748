using MailOps.Authentication.Tokens;

namespace MailOps.Authentication;

/// <summary>How somebody logs in: by which mechanism, and what is shown.</summary>
public sealed record LoginMethod
{
    /// <summary>The password, by the best mechanism that the server offers.</summary>
    public static LoginMethod Default { get; } = new();

    /// <summary>The one mechanism that is used, or Auto for the best that is offered. Default: Auto.</summary>
    public AuthenticationMechanism Mechanism { get; init; }

    /// <summary>What the names of the parameters by which it was given begin with behind the hyphen, for errors. Default: nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Where access tokens come from, which take the place of the password; null for the password.</summary>
    public AccessTokens? Tokens { get; init; }
}
