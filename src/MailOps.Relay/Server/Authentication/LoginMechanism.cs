using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace MailOps.Relay.Server.Authentication;

/// <summary>LOGIN: name, then password. It was never standardised; devices and Outlook know it.</summary>
internal sealed class LoginMechanism(IUserDirectory users) : ISaslMechanism
{
    public string Name => "LOGIN";

    public bool IsPossible(Has has) => true;

    public async ValueTask<SaslOutcome> RunAsync(ISaslExchange exchange, CancellationToken cancellationToken)
    {
        var name = await exchange.FirstAsync("Username:"u8.ToArray()).ConfigureAwait(false);
        var password = await exchange.AskAsync("Password:"u8.ToArray()).ConfigureAwait(false);
        try
        {
            if (name.Length == 0 || name.AsSpan().Contains((byte)0) || !Utf8.IsValid(name) || !Utf8.IsValid(password)) return SaslOutcome.Malformed;
            var user = Encoding.UTF8.GetString(name);
            return await users.VerifyAsync(user, password, exchange.Client, cancellationToken).ConfigureAwait(false) ? SaslOutcome.Proven(user) : SaslOutcome.Failed(user, "wrong name or password");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
    }
}
