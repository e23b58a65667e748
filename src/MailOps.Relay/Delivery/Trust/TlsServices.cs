using MailOps.Relay.Delivery.Trust.Reports;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>What all next hops share of TLS: whose policies are known, and who counts the results.</summary>
internal sealed record TlsServices(IMtaStsPolicies Policies, ITlsResults Results)
{
    /// <summary>No policies are known, and nobody counts.</summary>
    public static TlsServices None { get; } = new(new Nobody(), new Nobody());

    private sealed class Nobody : IMtaStsPolicies, ITlsResults
    {
        public ValueTask<MtaStsAnswer> FindAsync(string domain, CancellationToken cancellationToken) => ValueTask.FromResult(MtaStsAnswer.None);

        public void Count(TlsResult result)
        {
        }
    }
}
