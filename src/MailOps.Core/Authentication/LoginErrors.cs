using MailOps.Authentication.Tokens;
using MailOps.Submission;

namespace MailOps.Authentication;

/// <summary>What a login that failed is called, and what to do about it; the same for sending and for reading.</summary>
public static class LoginErrors
{
    /// <summary>There is no access token.</summary>
    /// <param name="user">For whom.</param>
    /// <param name="cause">Why.</param>
    /// <param name="prefix">What the names of the parameters begin with, as <see cref="LoginMethod.Prefix"/>.</param>
    public static MailOpsException NoToken(string? user, TokenException cause, string prefix) => new(
        ErrorCode.OAuthTokenFailed, $"There is no access token for {user}: {cause.Message}.",
        cause.IsPermanent ? $"The same fails again until it is mended: check the values of -{prefix}OAuth." : "Try again; where it stays so, check the token server's address and the proxy of this machine.", cause.InnerException);

    /// <summary>There is no mechanism in common.</summary>
    internal static MailOpsException NoMechanism(string code, string endpoint, NoMechanismException none, LoginMethod method, string elsewhere)
    {
        var offers = none.Offered.Count == 0 ? "it offers none at all" : $"it offers {string.Join(", ", none.Offered)}";
        return none.Wanted is { } wanted
            ? new(code, $"{endpoint} does not offer {wanted}; {offers}.", $"Leave -{method.Prefix}Authentication out, which takes the best of them, or name one. {elsewhere}.")
            : new(code, $"{endpoint} offers no way to authenticate with {(method.Tokens is null ? "a password" : "an access token")} that this client knows; {offers}.", $"{elsewhere}.");
    }

    /// <summary>What to do about a refusal.</summary>
    internal static string Advice(LoginMethod method, ClientLogin login, AuthenticationAdvice? known)
    {
        var advice = known?.Text
            ?? (method.Tokens is null
                ? "Check user name and password; some providers want an app password, or have turned password sign-in off"
                : "Check that the token is for this mailbox, and has the scope that the server wants");
        // No other mechanism was tried: that is for the user to say.
        return method is { Tokens: null, Mechanism: AuthenticationMechanism.Auto } && login.Mechanism is { } used and not ("PLAIN" or "LOGIN") && ClientMechanisms.Of(isToken: false).Contains(used)
            ? $"{advice}. Servers that keep no password for {used} take it by -{method.Prefix}Authentication Plain."
            : $"{advice}.";
    }
}
