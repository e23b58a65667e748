using System.Net;
using System.Text;

namespace MailOps.Relay.Server.Authentication;

/// <summary>Users that somebody else knows: the administrator's own check, asked each time. Whatever it does but answer in time is a temporary refusal, never a yes.</summary>
public sealed class CheckedUsers(PasswordCheck check, TimeSpan timeout, TimeProvider clock) : IUserDirectory, IDisposable
{
    /// <inheritdoc/>
    public async ValueTask<bool> VerifyAsync(string user, ReadOnlyMemory<byte> password, IPAddress client, CancellationToken cancellationToken)
    {
        var ended = new CancellationTokenSource();
        Task<bool>? answer = null;
        try
        {
            // Away from the session's thread, and left behind where it does not hear that its time is over.
            answer = Task.Run(() => check(user, Encoding.UTF8.GetString(password.Span), client, ended.Token), CancellationToken.None);
            return await answer.WaitAsync(timeout, clock, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AuthenticationUnavailableException(answer is { IsCompleted: false } ? $"The check of users did not answer within {timeout}." : "The check of users failed.", e);
        }
        finally
        {
            // On a thread of its own: what the check does when it hears of it, and throws, must reach neither a timer nor a session.
            if (answer is { IsCompleted: false }) _ = ended.CancelAsync();
        }
    }

    /// <summary>Frees what the check holds.</summary>
    public void Dispose() => (check.Target as IDisposable)?.Dispose();
}
