using System.Globalization;
using System.Net;
using MailOps.Dns;
using MailOps.Relay.Delivery.Smtp;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>
/// Finds the TLSA records of a server (RFC 7672 section 2.2). Only a name whose addresses DNSSEC proves is asked for: for the others there can be none that count, and some of their
/// name servers do not know the question (RFC 7672 section 2.1.2).
/// </summary>
internal static class DaneLookup
{
    public static async ValueTask<DaneAnswer> FindAsync(SmtpHost host, IDnsResolver dns, CancellationToken cancellationToken)
    {
        if (host.EndPoint is not IPEndPoint { Port: var port } || IPAddress.TryParse(host.Name, out _)) return DaneAnswer.None;
        var (candidates, failure) = await CandidatesAsync(host, dns, cancellationToken).ConfigureAwait(false);
        if (failure is not null) return new DaneAnswer(null, failure);
        foreach (var name in candidates)
        {
            var question = string.Create(CultureInfo.InvariantCulture, $"_{port}._tcp.{name}");
            var answer = await dns.ResolveTlsaAsync(question, cancellationToken).ConfigureAwait(false);
            // RFC 7672 section 2.1.1: no answer may be an attacker's doing, as a false one is (SERVFAIL of a resolver that validates); either way the server is not used now.
            if (answer.Status == DnsStatus.Failed) return new DaneAnswer(null, $"the DNS gave no answer that can be trusted for TLSA {question}: {answer.Detail}");
            if (answer is { Status: DnsStatus.Found, IsSecure: true }) return new DaneAnswer(new DaneRecords(name, [.. host.DaneNames(name)], answer.Records));
        }
        return DaneAnswer.None;
    }

    // RFC 7672 section 2.2.2: an alias is asked for by the name at its end first; where the way there is not proven, its own name still may be.
    private static async ValueTask<(IReadOnlyList<string> Names, string? Failure)> CandidatesAsync(SmtpHost host, IDnsResolver dns, CancellationToken cancellationToken)
    {
        if (host.IsSecure) return (host.CanonicalName is { } canonical ? [canonical, host.Name] : [host.Name], null);
        if (host.CanonicalName is null) return ([], null);
        var alias = await dns.ResolveAliasAsync(host.Name, cancellationToken).ConfigureAwait(false);
        return alias.Status == DnsStatus.Failed
            ? ([], $"the DNS gave no answer that can be trusted for CNAME {host.Name}: {alias.Detail}")
            : (alias is { Status: DnsStatus.Found, IsSecure: true } ? [host.Name] : [], null);
    }
}
