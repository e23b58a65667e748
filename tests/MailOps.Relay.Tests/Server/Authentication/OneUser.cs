using System.Net;
using MailOps.Relay.Server;
using MailOps.Relay.Server.Authentication;

namespace MailOps.Relay.Tests.Server.Authentication;

/// <summary>A directory of one user; every other name has keys of nobody.</summary>
internal sealed class OneUser(string name, ScramKeys keys) : IUserDirectory
{
    public bool VerifiesProofs => true;

    public ValueTask<bool> VerifyAsync(string user, ReadOnlyMemory<byte> password, IPAddress client, CancellationToken cancellationToken) => new(user == name && keys.Matches(password.Span));

    public ScramKeys ScramKeysOf(string user, ScramHash hash) => user == name && keys.Hash == hash ? keys : keys with { Hash = hash, StoredKey = new byte[hash.Length], ServerKey = new byte[hash.Length] };
}
