using MailOps.Policies;
using MailOps.Relay.Delivery.Trust.Reports;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>Who knows the MTA-STS policies of domains (RFC 8461).</summary>
internal interface IMtaStsPolicies
{
    /// <summary>
    /// The policy of a domain that counts now: the one that is kept and has not expired, else the one that is fetched for it. It never throws but for cancellation, and takes no longer
    /// than a fetch may (a minute); many who ask for one domain at a time share one look-up.
    /// </summary>
    /// <param name="domain">The recipients' domain in A-label form; of an address literal or a server that a route names there is none to ask for.</param>
    /// <param name="cancellationToken">Gives up waiting; the look-up goes on for others.</param>
    ValueTask<MtaStsAnswer> FindAsync(string domain, CancellationToken cancellationToken);
}

/// <summary>What is known of a domain's policy.</summary>
/// <param name="Policy">The policy to obey, of mode enforce or testing; null where there is none.</param>
/// <param name="Failure">Why there is none although the domain says that it has one, for its report (RFC 8460 section 4.3.2.2); null otherwise.</param>
/// <param name="Detail">That failure, or why it is not known, in words.</param>
internal sealed record MtaStsAnswer(MtaStsPolicy? Policy, TlsResultType? Failure = null, string? Detail = null)
{
    /// <summary>Whether there may be a policy that cannot be had now: the DNS, or the server that has it, does not say.</summary>
    public bool IsUnknown { get; init; }

    public static MtaStsAnswer None { get; } = new((MtaStsPolicy?)null);
}
