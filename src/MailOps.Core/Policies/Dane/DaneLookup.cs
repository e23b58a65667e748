using System.Net;
using MailOps.Dns;

namespace MailOps.Policies.Dane;

/// <summary>
/// Finds the TLSA records of a server (RFC 7672 section 2.2). Only a name whose addresses DNSSEC proves is asked for: for the others there can be none that count, and some of their
/// name servers do not know the question (RFC 7672 section 2.1.2).
/// </summary>
public static class DaneLookup
{
    /// <summary>Finds them.</summary>
    /// <param name="server">The server, and what the DNS says of its addresses.</param>
    /// <param name="dns">Who is asked.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    public static async ValueTask<DaneAnswer> FindAsync(DaneServer server, IDnsResolver dns, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(server.Name, out _)) return DaneAnswer.None;
        var (candidates, failure) = await CandidatesAsync(server, dns, cancellationToken).ConfigureAwait(false);
        if (failure is not null) return new DaneAnswer(null, failure);
        foreach (var name in candidates)
        {
            var question = server.QuestionFor(name);
            var answer = await dns.ResolveTlsaAsync(question, cancellationToken).ConfigureAwait(false);
            // RFC 7672 section 2.1.1: no answer may be an attacker's doing, as a false one is (SERVFAIL of a resolver that validates); either way the server is not used now.
            if (answer.Status == DnsStatus.Failed) return new DaneAnswer(null, $"the DNS gave no answer that can be trusted for TLSA {question}: {answer.Detail}");
            if (answer is not { Status: DnsStatus.Found, IsSecure: true }) continue;
            // RFC 7672 section 3.2.2: the name they were found by, and what it was proven to stand for.
            return new DaneAnswer(new DaneRecords(name, [.. new[] { name }.Concat(server.ProvenNames).Distinct(StringComparer.OrdinalIgnoreCase)], answer.Records) { Ttl = answer.Ttl });
        }
        return DaneAnswer.None;
    }

    // RFC 7672 section 2.2.2: an alias is asked for by the name at its end first; where the way there is not proven, its own name still may be.
    private static async ValueTask<(IReadOnlyList<string> Names, string? Failure)> CandidatesAsync(DaneServer server, IDnsResolver dns, CancellationToken cancellationToken)
    {
        if (server.IsSecure) return (server.CanonicalName is { } canonical ? [canonical, server.Name] : [server.Name], null);
        if (server.CanonicalName is null) return ([], null);
        var alias = await dns.ResolveAliasAsync(server.Name, cancellationToken).ConfigureAwait(false);
        return alias.Status == DnsStatus.Failed
            ? ([], $"the DNS gave no answer that can be trusted for CNAME {server.Name}: {alias.Detail}")
            : (alias is { Status: DnsStatus.Found, IsSecure: true } ? [server.Name] : [], null);
    }
}

/// <summary>A server whose TLSA records are looked for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Port">The port of its service.</param>
/// <param name="IsSecure">Whether DNSSEC proves its addresses, and each alias on the way there.</param>
/// <param name="CanonicalName">The name at the end of its aliases (CNAME); null where it is none.</param>
/// <param name="ProvenNames">What DNSSEC, or the administrator, says that it stands for: the recipients' domain, its own name where it is an alias. Of a mail exchanger that nothing proves, none.</param>
public sealed record DaneServer(string Name, int Port, bool IsSecure, string? CanonicalName, IReadOnlyList<string> ProvenNames)
{
    /// <summary>Where the records of a name of it are: <c>_25._tcp.mx.example.com</c> (RFC 6698 section 3).</summary>
    public string QuestionFor(string name) => FormattableString.Invariant($"_{Port}._tcp.{name}");
}
