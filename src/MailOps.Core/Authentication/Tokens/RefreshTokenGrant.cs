namespace MailOps.Authentication.Tokens;

/// <summary>
/// A refresh token (RFC 6749 section 6). Where the server gives another in its place, the old one may be dead: the new one takes its place where it is kept, or where that cannot be, in memory
/// for as long as the old one stands where it came from.
/// </summary>
/// <param name="proof">Who the client is.</param>
/// <param name="scope">What the token is for; null for what the server gives without.</param>
/// <param name="stored">The way to the refresh token.</param>
/// <param name="store">Puts another in its place; says why it could not, and null where it has.</param>
public sealed class RefreshTokenGrant(ClientProof proof, string? scope, Func<string> stored, Func<string, string?> store) : ITokenGrant
{
    private string? _shown;
    private (string Old, string New)? _kept;

    /// <summary>Why the present refresh token will be lost with this process; null where it will not.</summary>
    public string? NotStored { get; private set; }

    /// <inheritdoc/>
    public TokenForm Form(DateTimeOffset now)
    {
        var found = stored();
        _shown = _kept is { } kept && kept.Old == found ? kept.New : found;
        var form = new TokenForm().With("grant_type", "refresh_token").WithSecret("refresh_token", _shown).With("scope", scope);
        proof.Add(form, now);
        return form;
    }

    /// <summary>Keeps the refresh token that takes the place of the one shown, where there is one.</summary>
    public void Accept(TokenResponse response)
    {
        if (response.RefreshToken is not { } rotated || rotated == _shown) return;
        NotStored = store(rotated);
        _kept = NotStored is null ? null : (stored(), rotated);
    }
}
