using System.Security.Cryptography;

namespace MailOps.Relay.Server.Authentication;

/// <summary>What a user file holds.</summary>
/// <param name="DecoyKey">From which the salts of users that do not exist are derived: kept in the file, so that they stay the same when the relay starts anew.</param>
/// <param name="Users">The users, by name.</param>
public sealed record UsersFileContent(byte[] DecoyKey, IReadOnlyList<RelayUser> Users)
{
    /// <summary>That of a new file.</summary>
    public static UsersFileContent Empty() => new(RandomNumberGenerator.GetBytes(32), []);
}
