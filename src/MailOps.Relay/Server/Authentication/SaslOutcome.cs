namespace MailOps.Relay.Server.Authentication;

/// <summary>How an authentication ended.</summary>
internal enum SaslResult
{
    /// <summary>The client proved who it is.</summary>
    Proven,
    /// <summary>It did not; it may have been guessing.</summary>
    Failed,
    /// <summary>What it sent is no message of the mechanism.</summary>
    Malformed,
    /// <summary>Nobody can say now.</summary>
    Unavailable,
}

/// <summary>What came of an authentication, for the reply, the log and the count of failures.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="User">The user proven or claimed; null where it did not come to that.</param>
/// <param name="Reason">Why not, for the administrator's log; never for the client, who must not learn what was wrong.</param>
internal readonly record struct SaslOutcome(SaslResult Result, string? User = null, string? Reason = null)
{
    public static SaslOutcome Malformed { get; } = new(SaslResult.Malformed);

    public static SaslOutcome Proven(string user) => new(SaslResult.Proven, user);

    public static SaslOutcome Failed(string? user, string reason) => new(SaslResult.Failed, user, reason);
}
