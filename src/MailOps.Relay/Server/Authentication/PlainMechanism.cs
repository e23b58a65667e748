using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace MailOps.Relay.Server.Authentication;

/// <summary>PLAIN (RFC 4616): name and password in one message.</summary>
internal sealed class PlainMechanism(IUserDirectory users) : ISaslMechanism
{
    public string Name => "PLAIN";

    public bool IsPossible(Has has) => true;

    // RFC 4616 section 2: [authzid] NUL authcid NUL passwd
    public async ValueTask<SaslOutcome> RunAsync(ISaslExchange exchange, CancellationToken cancellationToken)
    {
        var message = await exchange.FirstAsync(default).ConfigureAwait(false);
        try
        {
            var first = message.AsSpan().IndexOf((byte)0);
            var second = first < 0 ? -1 : message.AsSpan(first + 1).IndexOf((byte)0) + first + 1;
            if (second <= first + 1 || message.AsSpan(second + 1).Contains((byte)0) || !Utf8.IsValid(message)) return SaslOutcome.Malformed;
            var name = Encoding.UTF8.GetString(message.AsSpan((first + 1)..second));
            var right = await users.VerifyAsync(name, message.AsMemory(second + 1), exchange.Client, cancellationToken).ConfigureAwait(false);
            if (!right) return SaslOutcome.Failed(name, "wrong name or password");
            // Nobody may act for somebody else: an authorization identity can only repeat the name.
            return first == 0 || message.AsSpan(0, first).SequenceEqual(message.AsSpan((first + 1)..second)) ? SaslOutcome.Proven(name) : SaslOutcome.Failed(name, "would act for another user");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message);
        }
    }
}
