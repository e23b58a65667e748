namespace MailOps.Authentication.Tokens;

/// <summary>No access token could be had. The message is fit for anybody to read; it never holds a secret.</summary>
/// <param name="message">Why.</param>
/// <param name="cause">What broke it, if an exception did.</param>
public sealed class TokenException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether the same again will fail again, until somebody mends it.</summary>
    public bool IsPermanent { get; init; }

    /// <summary>The error by its name in RFC 6749 section 5.2 or RFC 8628 section 3.5; null where the token server gave none.</summary>
    public string? Error { get; init; }

    /// <summary>How long the token server asks to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
