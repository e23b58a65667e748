namespace MailOps.Relay.Server.Authentication.Tokens;

/// <summary>What a token came to.</summary>
/// <param name="User">The user it names; null where it could not be believed at all.</param>
/// <param name="Reason">Why it is refused; null where it is good.</param>
internal readonly record struct TokenVerdict(string? User, string? Reason)
{
    public static TokenVerdict Good(string user) => new(user, null);

    public static TokenVerdict Refused(string? user, string reason) => new(user, reason);
}
