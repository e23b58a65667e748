using System.Security.Cryptography.X509Certificates;
using MailOps.Dns;
using MailOps.Policies.Dane;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Policies.Dane;

/// <summary>A certificate against TLSA records (RFC 7671 section 5, RFC 7672 section 3).</summary>
public sealed class DaneVerifierTests
{
    private const string Mx = "mx.test";
    private static readonly X509Certificate2 TheRoot = Chain.Root(), TheAuthority = Chain.Authority(TheRoot), TheServer = Chain.Server(TheAuthority, Mx);

    [Theory]
    [InlineData(3, 0, 0)]
    [InlineData(3, 0, 1)]
    [InlineData(3, 0, 2)]
    [InlineData(3, 1, 0)]
    [InlineData(3, 1, 1)]
    [InlineData(3, 1, 2)]
    public void The_server_s_own_certificate_or_key_matches_in_each_form(byte usage, byte selector, byte matching)
    {
        Assert.Null(Fault(TheServer, Chain.Tlsa(usage, selector, matching, TheServer)));
        Assert.Equal(DaneFaultKind.NoMatch, Fault(Chain.Server(TheAuthority, Mx), Chain.Tlsa(usage, selector, matching, TheServer)));
        Assert.Equal(DaneFaultKind.NoMatch, Fault(TheServer, Chain.Tlsa(usage, selector, matching, TheAuthority)));   // its issuer is not it
    }

    [Fact]
    public void Of_the_server_s_own_neither_name_nor_date_counts()
    {
        var expired = Chain.Server(TheAuthority, "elsewhere.test", validToDays: -1);

        Assert.Null(Fault(expired, Chain.Tlsa(3, 1, 1, expired)));
    }

    [Fact]
    public void One_record_of_several_is_enough() => Assert.Null(Fault(TheServer, Chain.Tlsa(3, 1, 1, Chain.Root()), Chain.Tlsa(3, 1, 1, TheServer)));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    public void An_authority_vouches_whether_it_is_the_root_or_below(byte selector, byte matching)
    {
        Assert.Null(Fault(TheServer, Chain.Tlsa(2, selector, matching, TheRoot)));
        Assert.Null(Fault(TheServer, Chain.Tlsa(2, selector, matching, TheAuthority)));
    }

    [Fact]
    public void An_authority_that_is_not_sent_vouches_only_where_the_record_has_all_of_it()
    {
        Assert.Null(Fault(TheServer, [TheServer], Chain.Tlsa(2, 0, 0, TheAuthority)));
        Assert.NotNull(Fault(TheServer, [TheServer], Chain.Tlsa(2, 0, 1, TheAuthority)));
        Assert.NotNull(Fault(TheServer, [TheServer], Chain.Tlsa(2, 1, 1, TheAuthority)));
    }

    [Theory]
    [InlineData("mx.test", true)]
    [InlineData("*.test", true)]
    [InlineData("test", true)]      // the recipients' domain, of a signed MX record
    [InlineData("elsewhere.test.example", false)]
    [InlineData("*.mx.test", false)]
    public void Under_an_authority_the_name_counts(string name, bool matches) =>
        Assert.Equal(matches ? null : DaneFaultKind.OtherName, Fault(Chain.Server(TheAuthority, name), Chain.Tlsa(2, 0, 1, TheAuthority)));

    [Fact]
    public void Under_an_authority_the_date_counts() =>
        Assert.Equal(DaneFaultKind.NotTimeValid, Fault(Chain.Server(TheAuthority, Mx, validToDays: -1), Chain.Tlsa(2, 0, 1, TheAuthority)));

    [Fact]
    public void Under_an_authority_the_purpose_counts() =>
        Assert.Equal(DaneFaultKind.NotTrusted, Fault(Chain.Server(TheAuthority, Mx, usage: "1.3.6.1.5.5.7.3.2"), Chain.Tlsa(2, 0, 1, TheAuthority)));

    [Fact]
    public void What_another_authority_of_the_same_name_has_signed_is_not_valid()
    {
        var other = Chain.Authority(TheRoot);   // CN=authority too, with another key
        var forged = Chain.Server(other, Mx);

        Assert.Equal(DaneFaultKind.NotTrusted, Fault(forged, [forged, TheAuthority, TheRoot], Chain.Tlsa(2, 0, 1, TheAuthority)));
        Assert.NotNull(Fault(forged, [forged, other, TheAuthority, TheRoot], Chain.Tlsa(2, 0, 1, TheAuthority)));
        Assert.NotNull(Fault(forged, [forged], Chain.Tlsa(2, 0, 0, TheAuthority)));
    }

    [Fact]
    public void A_server_that_is_no_authority_signs_nothing()
    {
        var forged = Chain.Server(TheServer, Mx);

        Assert.NotNull(Fault(forged, [forged, TheServer, TheAuthority, TheRoot], Chain.Tlsa(2, 0, 1, TheAuthority)));
        Assert.NotNull(Fault(forged, [forged, TheServer, TheAuthority, TheRoot], Chain.Tlsa(2, 0, 1, TheServer)));
    }

    [Fact]
    public void An_authority_s_certificate_that_is_only_sent_along_vouches_for_nothing()
    {
        var root = Chain.Root("CN=mine");
        var mine = Chain.Server(root, Mx);

        Assert.NotNull(Fault(mine, [mine, root, TheAuthority, TheRoot], Chain.Tlsa(2, 0, 1, TheAuthority)));
    }

    [Theory]
    [InlineData(0, 0, 1, 32, false)]   // PKIX-TA and PKIX-EE have no place in SMTP (RFC 7672 section 3.1.3)
    [InlineData(1, 1, 1, 32, false)]
    [InlineData(2, 0, 1, 32, true)]
    [InlineData(3, 1, 1, 32, true)]
    [InlineData(3, 1, 2, 64, true)]
    [InlineData(3, 1, 1, 31, false)]   // cut
    [InlineData(3, 1, 2, 32, false)]
    [InlineData(3, 1, 0, 0, false)]
    [InlineData(3, 2, 1, 32, false)]
    [InlineData(3, 1, 3, 32, false)]
    [InlineData(4, 1, 1, 32, false)]
    [InlineData(255, 1, 1, 32, false)]
    public void Records_that_can_be_used(byte usage, byte selector, byte matching, int length, bool usable) =>
        Assert.Equal(usable ? 1 : 0, new DaneRecords(Mx, [Mx], [new TlsaRecord(usage, selector, matching, new byte[length])]).Usable.Count);

    [Fact]
    public void Where_a_stronger_hash_is_there_the_weaker_does_not_count()
    {
        var other = Chain.Root();

        Assert.NotNull(Fault(TheServer, Chain.Tlsa(3, 1, 1, TheServer), Chain.Tlsa(3, 1, 2, other)));
        Assert.Null(Fault(TheServer, Chain.Tlsa(3, 0, 1, TheServer), Chain.Tlsa(3, 1, 2, other)));   // of another thing
        Assert.Null(Fault(TheServer, Chain.Tlsa(3, 1, 1, TheServer), Chain.Tlsa(3, 1, 0, other)));
    }

    [Fact]
    public void An_authority_that_is_no_certificate_vouches_for_nothing() => Assert.Equal(DaneFaultKind.NoMatch, Fault(TheServer, new TlsaRecord(2, 0, 0, [1, 2, 3])));

    private static DaneFaultKind? Fault(X509Certificate2 server, params TlsaRecord[] records) => Fault(server, [server, TheAuthority, TheRoot], records);

    private static DaneFaultKind? Fault(X509Certificate2 server, X509Certificate2[] sent, params TlsaRecord[] records) =>
        DaneVerifier.Fault(new DaneRecords(Mx, [Mx, "test"], records), server, sent, DateTimeOffset.UtcNow)?.Kind;
}
