using System.Text;

namespace MailOps.Relay.Server.Authentication;

/// <summary>EXTERNAL (RFC 4422 section 4): TLS has proven the client already, by its certificate.</summary>
internal sealed class ExternalMechanism : ISaslMechanism
{
    public string Name => "EXTERNAL";

    public bool IsPossible(Has has) => (has & Has.Certificate) != 0;

    public async ValueTask<SaslOutcome> RunAsync(ISaslExchange exchange, CancellationToken cancellationToken)
    {
        var identity = Encoding.UTF8.GetString(await exchange.FirstAsync(default).ConfigureAwait(false));
        if (exchange.CertificateUser is not { } user) return SaslOutcome.Failed(null, "no certificate that is believed");
        // Empty: the identity of the certificate; otherwise it can only repeat that.
        return identity.Length == 0 || SaslPrep.Prepare(identity) == user ? SaslOutcome.Proven(user) : SaslOutcome.Failed(user, "would act for another user");
    }
}
