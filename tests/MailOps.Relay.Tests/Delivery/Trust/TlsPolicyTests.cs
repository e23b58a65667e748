using System.Net;
using MailOps.Dns;
using MailOps.Policies;
using MailOps.Policies.Dane;
using MailOps.Relay.Configuration;
using MailOps.Relay.Delivery;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Delivery.Trust;

namespace MailOps.Relay.Tests.Delivery.Trust;

/// <summary>The order of trust as a table: what the DNS, the domain's policy and the route say, and what becomes of it.</summary>
public sealed class TlsPolicyTests
{
    private const string Usable = "usable", Unusable = "unusable", Failed = "failed", Absent = "-";
    private static readonly string Pin = new('a', 64);

    [Theory]
    // dane, policy, tls, way                  what it is: mode, certificate, policy applied
    [InlineData(Absent, "-", TlsMode.Auto, "", "Auto any NoPolicyFound")]
    [InlineData(Absent, "-", TlsMode.StartTls, "", "StartTls verified NoPolicyFound")]
    [InlineData(Absent, "-", TlsMode.StartTls, "skip", "StartTls any NoPolicyFound")]
    [InlineData(Absent, "-", TlsMode.Auto, "pin", "StartTls pinned NoPolicyFound")]
    [InlineData(Absent, "-", TlsMode.StartTls, "pin", "StartTls pinned NoPolicyFound")]     // a pin is enough
    [InlineData(Absent, "-", TlsMode.Implicit, "pin", "Implicit pinned NoPolicyFound")]
    [InlineData(Absent, "-", TlsMode.Auto, "dane", "refused DaneRequired Tlsa")]
    [InlineData(Absent, "-", TlsMode.Auto, "requiretls", "StartTls verified NoPolicyFound")]
    [InlineData(Usable, "-", TlsMode.Auto, "", "StartTls dane Tlsa")]
    [InlineData(Usable, "-", TlsMode.Auto, "requiretls", "StartTls dane Tlsa")]
    [InlineData(Usable, "-", TlsMode.StartTls, "", "StartTls dane verified Tlsa")]          // the route's demand stays
    [InlineData(Usable, "-", TlsMode.StartTls, "skip", "StartTls dane Tlsa")]               // and does not take the domain's away
    [InlineData(Usable, "-", TlsMode.StartTls, "dane", "StartTls dane Tlsa")]
    [InlineData(Usable, "-", TlsMode.Implicit, "", "Implicit dane verified Tlsa")]
    [InlineData(Usable, "-", TlsMode.Auto, "pin", "StartTls dane pinned Tlsa")]
    [InlineData(Usable, "enforce", TlsMode.Auto, "", "StartTls dane Tlsa")]                 // RFC 8461 section 2: DANE goes first
    [InlineData(Usable, "other", TlsMode.Auto, "", "StartTls dane Tlsa")]
    [InlineData(Unusable, "-", TlsMode.Auto, "", "StartTls any Tlsa")]
    [InlineData(Unusable, "-", TlsMode.Auto, "dane", "refused DaneRequired Tlsa")]
    [InlineData(Unusable, "enforce", TlsMode.Auto, "", "StartTls verified Sts")]
    [InlineData(Failed, "-", TlsMode.Auto, "", "refused DnssecInvalid Tlsa")]
    [InlineData(Failed, "enforce", TlsMode.Auto, "", "refused DnssecInvalid Tlsa")]
    [InlineData(Failed, "-", TlsMode.StartTls, "pin", "refused DnssecInvalid Tlsa")]
    [InlineData(Absent, "enforce", TlsMode.Auto, "", "StartTls verified Sts")]
    [InlineData(Absent, "enforce", TlsMode.StartTls, "skip", "StartTls verified Sts")]
    [InlineData(Absent, "enforce", TlsMode.Auto, "pin", "StartTls pinned verified Sts")]
    [InlineData(Absent, "other", TlsMode.Auto, "", "refused CertificateHostMismatch Sts")]
    [InlineData(Absent, "testing", TlsMode.Auto, "", "Auto any Sts test")]
    [InlineData(Absent, "testing", TlsMode.StartTls, "", "StartTls verified Sts test")]
    [InlineData(Absent, "testing other", TlsMode.Auto, "", "refused CertificateHostMismatch Sts test")]   // told, and delivered all the same
    public void The_most_trusted_of_what_there_is_counts_and_the_strictest_of_the_route(string dane, string policy, TlsMode tls, string way, string expected) =>
        Assert.Equal(expected, Text(TlsPolicy.Decide(Hop(tls, way), Host, Dane(dane), Policy(policy))));

    [Theory]
    [InlineData(TlsMode.Auto, "", true, true)]
    [InlineData(TlsMode.Auto, "", false, false)]
    [InlineData(TlsMode.Auto, "off", true, false)]
    [InlineData(TlsMode.Auto, "dane", false, true)]
    [InlineData(TlsMode.None, "", true, false)]
    [InlineData(TlsMode.None, "requiretls", true, true)]
    [InlineData(TlsMode.Auto, "optional", true, false)]
    [InlineData(TlsMode.Auto, "optional dane", true, true)]   // what a route demands is no wish of the recipients' domain
    public void Tlsa_records_are_asked_for_where_they_count(TlsMode tls, string way, bool enabled, bool asks) => Assert.Equal(asks, TlsPolicy.AsksForDane(Hop(tls, way), enabled));

    [Theory]
    [InlineData(TlsMode.Auto, "", true)]
    [InlineData(TlsMode.None, "", false)]
    [InlineData(TlsMode.Auto, "optional", false)]
    [InlineData(TlsMode.Auto, "named", false)]
    public void The_domain_s_policy_is_asked_for_where_it_counts(TlsMode tls, string way, bool asks) => Assert.Equal(asks, TlsPolicy.AsksForMtaSts(Hop(tls, way)));

    [Theory]
    [InlineData("-", "", false)]
    [InlineData("enforce", "", true)]
    [InlineData("testing", "", true)]
    [InlineData("-", "pin", true)]
    public void A_policy_or_a_certificate_that_is_known_makes_a_mail_exchanger_s_name_good_for_REQUIRETLS(string policy, string way, bool trusted) =>
        Assert.Equal(trusted, TlsPolicy.Decide(Hop(TlsMode.Auto, way), Host, DaneAnswer.None, Policy(policy)).IsNameTrusted);

    private static SmtpHost Host => new("mx.test", new IPEndPoint(IPAddress.Parse("192.0.2.1"), 25));

    private static NextHop Hop(TlsMode tls, string way)
    {
        var has = way.Split(' ');
        var route = new RouteOptions
        {
            Tls = tls,
            SkipCertificateValidation = has.Contains("skip"),
            CertificateThumbprints = has.Contains("pin") ? [Pin] : [],
            Dane = has.Contains("dane") ? DaneMode.Required : has.Contains("off") ? DaneMode.Off : DaneMode.Auto,
        };
        return new NextHop(has.Contains("named") ? RouteKind.SmartHost : RouteKind.Mx, "example.test")
        {
            Way = new RouteWay(route),
            Server = has.Contains("named") ? new HostPort("mx.test", 25) : null,
            RequireTls = has.Contains("requiretls"),
            TlsOptional = has.Contains("optional"),
        };
    }

    private static DaneAnswer Dane(string what) => what switch
    {
        Failed => new DaneAnswer(null, "SERVFAIL"),
        Usable => new DaneAnswer(new DaneRecords("mx.test", ["mx.test"], [new TlsaRecord(3, 1, 1, new byte[32])])),
        Unusable => new DaneAnswer(new DaneRecords("mx.test", ["mx.test"], [new TlsaRecord(1, 1, 1, new byte[32])])),
        _ => DaneAnswer.None,
    };

    private static MtaStsPolicy? Policy(string what) => what == "-" ? null : new MtaStsPolicy(
        what.StartsWith("testing", StringComparison.Ordinal) ? MtaStsMode.Testing : MtaStsMode.Enforce, [what.EndsWith("other", StringComparison.Ordinal) ? "other.test" : "*.test"], TimeSpan.FromDays(1), []);

    private static string Text(TlsDecision decision)
    {
        var demand = decision.Certificate;
        var certificate = string.Join(' ', new[] { demand.Dane is null ? null : "dane", demand.Thumbprints.Count > 0 ? "pinned" : null, demand.Verify ? "verified" : null }.OfType<string>());
        var what = decision.Refusal is { } refusal ? $"refused {refusal.Type}" : $"{decision.Mode} {(certificate.Length > 0 ? certificate : "any")}";
        return $"{what} {decision.Applied.Type}{(decision.IsTest ? " test" : "")}";
    }
}
