using MailOps.Dns;
using MailOps.Policies;
using MailOps.Relay.Delivery.Trust.Reports;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>A policy that was fetched.</summary>
/// <param name="Id">The id of the record that led to it.</param>
/// <param name="Fetched">When.</param>
/// <param name="Policy">What it says.</param>
internal sealed record KeptPolicy(string Id, DateTimeOffset Fetched, MtaStsPolicy Policy)
{
    // As RFC 8461 section 3.3 suggests.
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromDays(1);

    public DateTimeOffset Expires => Fetched + Policy.MaxAge;

    /// <summary>Whether it should be fetched again although its id is the same: once a day, and halfway to its end.</summary>
    public bool IsDue(DateTimeOffset now) => now - Fetched >= (Policy.MaxAge / 2 < RefreshAfter ? Policy.MaxAge / 2 : RefreshAfter);
}

/// <summary>What a look-up found.</summary>
/// <param name="Kept">The policy to keep: a new one, the one that was kept, or none.</param>
/// <param name="Failure">What went wrong, for the report; null where nothing did, or the DNS knows of no policy.</param>
/// <param name="Detail">What went wrong or kept it from being refreshed, in words; null where it is refreshed or current.</param>
internal sealed record MtaStsFound(KeptPolicy? Kept, TlsResultType? Failure = null, string? Detail = null)
{
    /// <summary>Whether the DNS, or the server that has the policy, did not say.</summary>
    public bool IsUnknown { get; init; }
}

/// <summary>
/// One look-up of a domain's policy (RFC 8461 section 3.3): its record, and, where that has another id than what is kept or it is time, the policy itself. Whatever goes wrong, what is
/// kept stays: who blocks the DNS or the web server must not be able to take it away.
/// </summary>
internal sealed class MtaStsLookup(IDnsResolver dns, MtaStsFetcher fetcher, TimeProvider clock)
{
    public async Task<MtaStsFound> RunAsync(string domain, KeptPolicy? kept, CancellationToken cancellationToken)
    {
        var answer = await dns.ResolveTxtAsync(MtaStsRecord.NameFor(domain), cancellationToken).ConfigureAwait(false);
        if (answer.Status == DnsStatus.Failed) return new MtaStsFound(kept, Detail: $"the DNS gave no answer for its record: {answer.Detail}") { IsUnknown = true };
        var record = MtaStsRecord.Choose(answer.Records);
        if (record.Fault is { } fault) return new MtaStsFound(kept, TlsResultType.StsPolicyInvalid, $"its record in the DNS cannot be read: {fault}");
        if (record.Value is not { Id: var id }) return new MtaStsFound(kept, Detail: kept is null ? null : "it has no record in the DNS any more");
        if (kept?.Id == id && !kept.IsDue(clock.GetUtcNow())) return new MtaStsFound(kept);

        var fetch = await fetcher.FetchAsync(domain, cancellationToken).ConfigureAwait(false);
        return fetch.Policy is { } policy
            ? new MtaStsFound(new KeptPolicy(id, clock.GetUtcNow(), policy))
            : new MtaStsFound(kept, TypeOf(fetch.Status), $"the policy cannot be had: {fetch.Detail}") { IsUnknown = fetch.Status != MtaStsFetchStatus.PolicyInvalid };
    }

    // RFC 8460 section 4.3.2.2
    private static TlsResultType TypeOf(MtaStsFetchStatus status) => status switch
    {
        MtaStsFetchStatus.CertificateInvalid => TlsResultType.StsWebPkiInvalid,
        MtaStsFetchStatus.PolicyInvalid => TlsResultType.StsPolicyInvalid,
        _ => TlsResultType.StsPolicyFetchError,
    };
}
