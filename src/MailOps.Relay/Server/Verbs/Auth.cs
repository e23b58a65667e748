using MailOps.Relay.Server.Authentication;

namespace MailOps.Relay.Server.Verbs;

/// <summary>AUTH (RFC 4954): finds the mechanism, lets it talk with the client, and says what came of it. Guessing is slowed, and then ends the session and blocks the client.</summary>
internal static class Auth
{
    private const int MaxFailures = 3;

    public static async ValueTask<Reply?> RunAsync(Session session, ReadOnlyMemory<byte> argument)
    {
        var (authenticator, listener) = (session.Server.Authentication, session.Listener);
        if (!authenticator.IsPossible(listener.Options)) return Replies.NotImplemented;
        if (session.Connection.Tls is null && !listener.Options.AllowPlainTextAuthentication) return Replies.EncryptionNeeded;
        if (authenticator.Failures.IsBlocked(session.Connection.Client)) return Replies.AuthenticationBlocked;
        var space = argument.Span.IndexOf((byte)' ');
        var name = space < 0 ? argument : argument[..space];
        var initial = space < 0 ? (ReadOnlyMemory<byte>?)null : argument[space..].Trim((byte)' ');
        if (authenticator.Find(name.Span, listener.Options, session.HasByTls, out var refusal) is not { } mechanism) return refusal;
        try
        {
            await authenticator.RefreshAsync(session.Connection.Aborted).ConfigureAwait(false);   // whichever the mechanism: also a certificate or a token may be of a user that is shut out
            var outcome = await mechanism.RunAsync(new SaslExchange(session, initial), session.Connection.Aborted).ConfigureAwait(false);
            return await SettleAsync(session, mechanism.Name, outcome).ConfigureAwait(false);
        }
        catch (SaslEndedException e)
        {
            return e.Reply;
        }
        catch (AuthenticationUnavailableException e)
        {
            authenticator.Unavailable(mechanism.Name, e);
            return Replies.AuthenticationUnavailable;
        }
    }

    private static async ValueTask<Reply> SettleAsync(Session session, string mechanism, SaslOutcome outcome)
    {
        if (outcome.Result == SaslResult.Malformed) return Replies.BadCredentials;
        var (user, listed, wait) = session.Server.Authentication.Settle(outcome, mechanism, session.Connection.Client);
        if (user is not null)
        {
            session.LogIn(user, listed);
            session.Transcript?.Note($"authenticated as {user}");
            return Replies.Authenticated;
        }
        var failures = ++session.FailedAuthentications;
        await Task.Delay(wait, session.Server.Clock, session.Connection.Aborted).ConfigureAwait(false);
        return failures >= MaxFailures ? Replies.TooManyAuthentications : Replies.AuthenticationFailed;
    }
}
