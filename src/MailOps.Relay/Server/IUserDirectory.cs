namespace MailOps.Relay.Server;

/// <summary>Says whether a name and a password belong together.</summary>
public interface IUserDirectory
{
    /// <summary>Verifies a password. It takes as long for a user that does not exist as for a wrong password.</summary>
    /// <param name="user">The user's name; compared exactly.</param>
    /// <param name="password">The password in UTF-8; the caller wipes it afterwards.</param>
    /// <param name="cancellationToken">Ends the wait for a turn.</param>
    ValueTask<bool> VerifyAsync(string user, ReadOnlyMemory<byte> password, CancellationToken cancellationToken);
}
