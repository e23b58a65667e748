using MailOps.Authentication.Tokens;

namespace MailOps.Relay.Delivery.Smtp.Authentication;

/// <summary>Who we are to one server, with the way to the secret: it is fetched only when it is about to be sent.</summary>
internal sealed class HostCredential
{
    private string? _token;

    /// <summary>The user, or the mailbox that a token is for.</summary>
    public required string UserName { get; init; }

    /// <summary>The way to the password; null where a token is shown.</summary>
    public Func<string>? Password { get; init; }

    /// <summary>Where the tokens come from; null where there is a password.</summary>
    public AccessTokens? Tokens { get; init; }

    /// <summary>The mechanisms that the route allows; null for all.</summary>
    public IReadOnlyList<string>? Mechanisms { get; init; }

    /// <summary>What is remembered of a password that was refused.</summary>
    public RefusedPassword? Refused { get; init; }

    /// <summary>The server, for OAUTHBEARER.</summary>
    public string Host { get; init; } = "";

    /// <summary>The server's port, for OAUTHBEARER.</summary>
    public int Port { get; init; }

    /// <summary>Whether a token is shown in the place of a password.</summary>
    public bool IsToken => Tokens is not null;

    /// <summary>The password or a token.</summary>
    /// <exception cref="SmtpFailureException">There is none, or it is known not to be taken.</exception>
    public async ValueTask<string> SecretAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Tokens is { } tokens) return _token = await tokens.GetAsync(cancellationToken).ConfigureAwait(false);
            var password = Password!();
            return Refused?.Holds(password) is { } why ? throw SmtpFailureException.Local(SmtpStep.Auth, "4.7.8", $"{why}; stopped") : password;
        }
        catch (TokenException e)
        {
            throw SmtpFailureException.Local(SmtpStep.Auth, "4.7.0", $"no access token: {e.Message}; failed", e);
        }
        catch (MailOpsException e)
        {
            // The sender may read this in a report: where the secret should be is for the log alone.
            throw SmtpFailureException.Local(SmtpStep.Auth, "4.3.5", $"the relay has no {(IsToken ? "access token" : "password")} for this server; its log says why", e);
        }
    }

    /// <summary>Remembers that the server has refused the secret for good.</summary>
    public void Refuse(string secret, SmtpReply reply)
    {
        if (!IsToken && reply.IsPermanent) Refused?.Remember(secret, reply);
    }

    /// <summary>Whether it is worth another connection: a token was refused, which may have been withdrawn before its time, and another can be had. A second time it is not.</summary>
    public bool CanRenew() => Interlocked.Exchange(ref _token, null) is { } token && Tokens!.TryDrop(token);
}
