namespace MailOps.Relay.Delivery.Smtp.Authentication.Tokens;

/// <summary>The client itself (RFC 6749 section 4.4): app-only, as Microsoft calls it.</summary>
internal sealed class ClientCredentialsGrant(OAuthOptions options, ClientProof proof) : ITokenGrant
{
    private const string ExchangeOnline = "https://outlook.office365.com/.default";

    public TokenForm Form(DateTimeOffset now)
    {
        var form = new TokenForm().With("grant_type", "client_credentials").With("scope", options.Scope ?? (options.Provider == OAuthProvider.Microsoft365 ? ExchangeOnline : null));
        proof.Add(form, now);
        return form;
    }
}
