namespace MailOps.Authentication.Tokens;

/// <summary>By which right a token is asked for.</summary>
public interface ITokenGrant
{
    /// <summary>The form, with the secrets as they are now.</summary>
    /// <exception cref="MailOpsException">A secret is not where it should be.</exception>
    TokenForm Form(DateTimeOffset now);
}
