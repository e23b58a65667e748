namespace MailOps.Authentication.Tokens;

/// <summary>The access tokens of this process, in its memory alone: one source a client, whichever cmdlet asks.</summary>
public static class ClientTokens
{
    /// <summary>How many clients are remembered; a script that goes through more mailboxes than that asks again for those it had first.</summary>
    private const int MaxSources = 256;

    private static readonly object Gate = new();
    private static readonly TokenClient Client = new(Now);
    private static readonly Dictionary<string, (AccessTokens Tokens, DeviceSession? Device)> Sources = new(StringComparer.Ordinal);
    private static readonly Queue<string> Order = new();

    /// <summary>The tokens of a client for a mailbox. A failure of an earlier command does not keep this one from asking.</summary>
    public static AccessTokens Of(OAuthClient client, string mailbox) => Find(client, mailbox).Tokens;

    /// <summary>Has somebody sign in, for a client that needs it: as <see cref="DeviceSession.SignInAsync"/>; nothing for others.</summary>
    /// <exception cref="TokenException">Nobody has.</exception>
    public static Task SignInAsync(OAuthClient client, string mailbox, Action<DeviceCode> show, Action<TimeSpan> waiting, CancellationToken cancellationToken) =>
        Find(client, mailbox).Device?.SignInAsync(show, waiting, cancellationToken) ?? Task.CompletedTask;

    private static (AccessTokens Tokens, DeviceSession? Device) Find(OAuthClient client, string mailbox)
    {
        lock (Gate)
        {
            var key = client.Key(mailbox);
            if (Sources.TryGetValue(key, out var found))
            {
                found.Tokens.ForgetFailure();
                return found;
            }
            if (Order.Count == MaxSources) Sources.Remove(Order.Dequeue());
            var device = client.Grant == OAuthGrant.DeviceCode ? new DeviceSession(client, Client, Now, Task.Delay) : null;
            var grant = device is null ? client.ToGrant(mailbox) : null;
            var made = Sources[key] = (new AccessTokens(stop => device?.RequestAsync(stop) ?? RequestAsync(client.TokenUrl, grant!, stop), Now, CancellationToken.None), device);
            Order.Enqueue(key);
            return made;
        }
    }

    private static async Task<TokenResponse> RequestAsync(Uri url, ITokenGrant grant, CancellationToken cancellationToken)
    {
        try
        {
            var response = await Client.PostAsync(url, grant.Form(Now()), cancellationToken).ConfigureAwait(false);
            (grant as RefreshTokenGrant)?.Accept(response);
            return response;
        }
        catch (MailOpsException e)
        {
            throw new MailOpsException(ErrorCode.AuthenticationInvalid, e.Message, e.Hint, e.InnerException);
        }
    }

    private static DateTimeOffset Now() => DateTimeOffset.UtcNow;
}
