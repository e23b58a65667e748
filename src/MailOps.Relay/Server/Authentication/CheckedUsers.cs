using System.Net;
using System.Text;

namespace MailOps.Relay.Server.Authentication;

/// <summary>Users that somebody else knows: the administrator's own check, asked each time. Whatever it does but answer in time is a temporary refusal, never a yes.</summary>
public sealed class CheckedUsers(PasswordCheck check, TimeSpan timeout, TimeProvider clock) : IUserDirectory, IDisposable
{
    /// <inheritdoc/>
    public async ValueTask<bool> VerifyAsync(string user, ReadOnlyMemory<byte> password, IPAddress client, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // Away from the session's thread, and left behind where it does not hear that its time is over.
            return await Task.Run(() => check(user, Encoding.UTF8.GetString(password.Span), client, either.Token), CancellationToken.None).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AuthenticationUnavailableException(patience.IsCancellationRequested ? $"The check of users did not answer within {timeout}." : "The check of users failed.", e);
        }
    }

    /// <summary>Frees what the check holds.</summary>
    public void Dispose() => (check.Target as IDisposable)?.Dispose();
}
