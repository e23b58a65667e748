namespace MailOps.Authentication.Tokens;

/// <summary>What a token server gave (RFC 6749 section 5.1).</summary>
/// <param name="AccessToken">The token.</param>
/// <param name="Lifetime">How long it is good.</param>
/// <param name="RefreshToken">The refresh token that takes the place of the one that was shown; null where that stays good.</param>
public sealed record TokenResponse(string AccessToken, TimeSpan Lifetime, string? RefreshToken);
