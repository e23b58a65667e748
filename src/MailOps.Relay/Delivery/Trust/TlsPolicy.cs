using System.Net;
using MailOps.Policies;
using MailOps.Policies.Dane;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Delivery.Trust.Reports;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>What TLS towards one server must be.</summary>
/// <param name="Mode">None, Auto (where it is offered, else plain text), StartTls or Implicit.</param>
/// <param name="Certificate">What the certificate must be.</param>
/// <param name="Applied">The policy of the recipients' domain that says so, for its report; of type NoPolicyFound where none does.</param>
internal sealed record TlsDecision(TlsMode Mode, CertificateDemand Certificate, AppliedPolicy Applied)
{
    /// <summary>Whether a certificate that is as demanded, or verified, is that of a server of the recipients' domain (RFC 8689 section 4.2.1), and not only of one that an attacker may have named.</summary>
    public bool IsNameTrusted { get; init; }

    /// <summary>Whether the domain only wants to hear what would be wrong with the server by its policy (RFC 8461 section 5).</summary>
    public bool IsTest { get; init; }

    /// <summary>Why the server must not be used, before it is connected to; null where it may.</summary>
    public TlsFault? Refusal { get; init; }
}

/// <summary>
/// The one place that decides how far a server is trusted, most trusted first:
/// <list type="number">
/// <item>DANE (RFC 7672): TLSA records that DNSSEC proves. Usable ones must match; where none is usable, TLS is required all the same.</item>
/// <item>MTA-STS (RFC 8461): a mail exchanger must be in the domain's policy, and an authority vouch for it. Where DANE has its say, the policy has none (RFC 8461 section 2).</item>
/// <item>The route: TLS required, verified, with a certificate that is known, or DANE required. This counts with either of the two above: the strictest demand of each kind.</item>
/// <item>Otherwise TLS is an opportunity: whatever certificate there is, and plain text where there is none (RFC 7435 section 3).</item>
/// </list>
/// REQUIRETLS asks for a server that is proven, whichever of the above proves it. <c>TLS-Required: No</c> (RFC 8689 section 4.2.2) takes away what the recipients' domain says, the first two,
/// and never what the route does.
/// </summary>
internal static class TlsPolicy
{
    /// <summary>Whether TLSA records count.</summary>
    /// <param name="hop">The next hop.</param>
    /// <param name="enabled"><see cref="DeliveryOptions.Dane"/>.</param>
    public static bool AsksForDane(NextHop hop, bool enabled) => hop.Dane switch
    {
        DaneMode.Required => true,
        DaneMode.Off => false,
        _ => enabled && !hop.TlsOptional && (hop.Tls != TlsMode.None || hop.RequireTls),
    };

    /// <summary>Whether the policy of the recipients' domain counts: where the DNS says which servers it has, and the route does not say plain text.</summary>
    public static bool AsksForMtaSts(NextHop hop) => hop is { Kind: RouteKind.Mx, Server: null, TlsOptional: false } && (hop.Tls != TlsMode.None || hop.RequireTls);

    /// <param name="hop">The next hop.</param>
    /// <param name="host">One of its servers.</param>
    /// <param name="dane">What the DNS says of that one.</param>
    /// <param name="policy">The domain's MTA-STS policy; null where there is none.</param>
    public static TlsDecision Decide(NextHop hop, SmtpHost host, DaneAnswer dane, MtaStsPolicy? policy)
    {
        var byRoute = ByRoute(hop, host);
        if (dane.Failure is { } failure) return byRoute with { Applied = Tlsa([]), Refusal = new TlsFault(TlsResultType.DnssecInvalid, failure) };
        if (dane.Records is { Usable.Count: > 0 } records)
        {
            return byRoute with
            {
                Mode = Required(byRoute.Mode),
                // A password, or REQUIRETLS, wants a server that has proved its name, which is what the records are; what a route says in so many words stays.
                Certificate = byRoute.Certificate with { Dane = records, Verify = IsVerifiedByRoute(hop) },
                Applied = Tlsa(records.All),
            };
        }
        if (hop.Dane == DaneMode.Required)
        {
            var none = dane.Records is null ? "the route requires DANE, and the server has no TLSA records that DNSSEC proves" : "the route requires DANE, and none of the server's TLSA records can be used";
            return byRoute with { Applied = Tlsa(dane.Records?.All ?? []), Refusal = new TlsFault(TlsResultType.DaneRequired, none) };
        }
        if (policy is not null) byRoute = WithPolicy(byRoute, host, policy);
        // RFC 7672 section 2.2: records that cannot be used still say that the server has TLS.
        return dane.Records is { } unusable ? byRoute with { Mode = Required(byRoute.Mode), Applied = policy is null ? Tlsa(unusable.All) : byRoute.Applied } : byRoute;
    }

    private static TlsDecision ByRoute(NextHop hop, SmtpHost host)
    {
        var isImplicit = hop.Tls == TlsMode.Implicit || (hop is { Tls: TlsMode.Auto, Kind: not RouteKind.Mx } && host.EndPoint is IPEndPoint { Port: 465 });
        var isGuarded = hop is { Tls: TlsMode.Auto, Credential: not null };   // a password goes only to a server that has proved its name
        var isRequired = isGuarded || hop.RequireTls || hop.Thumbprints.Count > 0 || hop.Dane == DaneMode.Required;
        var isPinned = hop.Thumbprints.Count > 0;
        return new TlsDecision(
            isImplicit ? TlsMode.Implicit : isRequired ? TlsMode.StartTls : hop.Tls,
            new CertificateDemand(host.Name)
            {
                Thumbprints = hop.Thumbprints,
                Verify = !isPinned && (hop.RequireTls || IsVerifiedByRoute(hop) || (isGuarded && !host.IsLoopback && !hop.SkipCertificateValidation)),
            },
            AppliedPolicy.None)
        {
            IsNameTrusted = host.IsNameTrusted || isPinned,
        };
    }

    private static bool IsVerifiedByRoute(NextHop hop) =>
        hop.Tls is TlsMode.StartTls or TlsMode.Implicit && !hop.SkipCertificateValidation && hop.Thumbprints.Count == 0 && hop.Dane != DaneMode.Required;

    private static TlsDecision WithPolicy(TlsDecision byRoute, SmtpHost host, MtaStsPolicy policy)
    {
        var isTest = policy.Mode == MtaStsMode.Testing;
        var decision = byRoute with { Applied = AppliedPolicy.Of(policy), IsTest = isTest };
        // RFC 8461 section 4.1: first the name, then the certificate.
        if (!policy.Allows(host.Name))
        {
            var fault = new TlsFault(TlsResultType.CertificateHostMismatch, $"the MTA-STS policy of the domain does not have the mail exchanger {host.Name}");
            return decision with { Refusal = fault };
        }
        return isTest
            ? decision with { IsNameTrusted = true }
            : decision with { IsNameTrusted = true, Mode = Required(byRoute.Mode), Certificate = byRoute.Certificate with { Verify = true } };
    }

    private static TlsMode Required(TlsMode mode) => mode == TlsMode.Implicit ? mode : TlsMode.StartTls;

    private static AppliedPolicy Tlsa(IReadOnlyList<Dns.TlsaRecord> records) => new(TlsPolicyType.Tlsa, [.. records.Select(DaneRecords.Text)], []);
}
