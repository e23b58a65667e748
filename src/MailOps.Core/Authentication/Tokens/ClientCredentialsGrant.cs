namespace MailOps.Authentication.Tokens;

/// <summary>The client itself (RFC 6749 section 4.4): app-only, as Microsoft calls it.</summary>
/// <param name="proof">Who the client is.</param>
/// <param name="scope">What the token is for; null for what the server gives without.</param>
public sealed class ClientCredentialsGrant(ClientProof proof, string? scope) : ITokenGrant
{
    /// <inheritdoc/>
    public TokenForm Form(DateTimeOffset now)
    {
        var form = new TokenForm().With("grant_type", "client_credentials").With("scope", scope);
        proof.Add(form, now);
        return form;
    }
}
