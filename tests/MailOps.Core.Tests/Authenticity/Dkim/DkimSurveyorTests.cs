using System.Net;
using System.Security.Cryptography;
using MailOps.Authenticity.Dkim;
using MailOps.Core.Tests.Dns;

namespace MailOps.Core.Tests.Authenticity.Dkim;

/// <summary>What is said of published keys.</summary>
public sealed class DkimSurveyorTests
{
    // RFC 8463 appendix A.2.
    private const string Ed25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    private static readonly string Rsa512 = KeyOf(512);
    private static readonly string Rsa1024 = KeyOf(1024);
    private static readonly string Rsa2048 = KeyOf(2048);

    private readonly ZoneInspector _zone = new() { Fails = name => name.EndsWith("down.test", StringComparison.Ordinal) };

    public DkimSurveyorTests() => _zone.Add("A", "example.test", IPAddress.Loopback);

    [Fact]
    public async Task Good_keys_have_no_findings()
    {
        var rsa = await SurveyAsync($"v=DKIM1; k=rsa; h=sha1 : sha256; s=email; t=s; n=note; p={Rsa2048[..40]} {Rsa2048[40..]};");
        Assert.Equal((RecordVerdict.Valid, DkimKeyType.Rsa, 2048), (rsa.Verdict, rsa.KeyType, rsa.KeySize));
        Assert.Empty(rsa.Findings);
        var small = await SurveyAsync($"k=ed25519; p={Ed25519}");
        Assert.Equal((RecordVerdict.Valid, DkimKeyType.Ed25519, 256), (small.Verdict, small.KeyType, small.KeySize));
        using var key = RSA.Create(2048);
        var bare = await SurveyAsync($"p={Convert.ToBase64String(key.ExportRSAPublicKey())}");
        Assert.Equal((RecordVerdict.Valid, 2048, "s1._domainkey.example.test"), (bare.Verdict, bare.KeySize, bare.RecordName));
    }

    [Theory]
    [InlineData("v=DKIM1; p=[1024]", "Warning 12")]
    [InlineData("v=DKIM1; p=[512]", "Error 12")]
    [InlineData("v=DKIM1; p=", "Error 10")]
    [InlineData("v=DKIM1; k=rsa", "Error 14")]
    [InlineData("v=DKIM1; p=!!!", "Error 12")]
    [InlineData("v=DKIM1; p=MAMCAQE=", "Error 12")]
    [InlineData("v=DKIM1; p=MIIBIjANBgkq", "Error 12")]
    [InlineData("v=DKIM1; k=ed25519; p=[2048]", "Error 23")]
    [InlineData("v=DKIM1; k=RSA; p=[2048]", "Error 12")]
    [InlineData("v=DKIM2; p=[2048]", "Error 3")]
    [InlineData("k=rsa; v=DKIM1; p=[2048]", "Error 8")]
    [InlineData("v=DKIM1; h=sha1; p=[2048]", "Error 10")]
    [InlineData("v=DKIM1; s=tlsrpt; p=[2048]", "Error 10")]
    [InlineData("v=DKIM1; t=s:y; p=[2048]", "Warning 10")]
    [InlineData("v=DKIM1; g=*; x=1; p=[2048]", "Information 10", "Information 15")]
    [InlineData("v=DKIM1; p=[2048]; p=", "Error 406")]
    [InlineData("v=DKIM1;; k; p=[2048]", "Error 9", "Error 11")]
    [InlineData("hello", "Error 1", "Error 5")]
    public async Task What_is_wrong_is_told_at_its_place(string text, params string[] expected)
    {
        var report = await SurveyAsync(text.Replace("[512]", Rsa512, StringComparison.Ordinal).Replace("[1024]", Rsa1024, StringComparison.Ordinal).Replace("[2048]", Rsa2048, StringComparison.Ordinal));
        Assert.Equal(expected, report.Findings.Select(finding => $"{finding.Severity} {finding.Column}"));
        Assert.All(report.Findings, finding => Assert.NotEmpty(finding.Advice!));
        Assert.Equal((text.EndsWith("p=", StringComparison.Ordinal) && !text.Contains("[2048]", StringComparison.Ordinal), text.Contains("s:y", StringComparison.Ordinal)), (report.IsRevoked, report.IsTesting));
    }

    [Fact]
    public async Task Every_cut_of_a_key_is_no_key()
    {
        var key = Convert.FromBase64String(Rsa1024);
        for (var length = 1; length < key.Length; length += 3)
        {
            var report = await SurveyAsync("p=" + Convert.ToBase64String(key, 0, length));
            Assert.Equal((0, RecordVerdict.Invalid), (report.KeySize, report.Verdict));
        }
    }

    [Fact]
    public async Task No_key_and_several_are_told_as_that()
    {
        var missing = await new DkimSurveyor(_zone).SurveyAsync("example.test", "gone", TestContext.Current.CancellationToken);
        Assert.Equal((RecordVerdict.Missing, (string?)null, (DkimKeyType?)null), (missing.Verdict, missing.Record, missing.KeyType));
        Assert.Contains("gone._domainkey.example.test", Assert.Single(missing.Findings).Message, StringComparison.Ordinal);
        _zone.Add("TXT", "two._domainkey.example.test", "hello");
        _zone.Add("TXT", "two._domainkey.example.test", "p=" + Rsa2048);
        var two = await new DkimSurveyor(_zone).SurveyAsync("example.test", "two", TestContext.Current.CancellationToken);
        Assert.Equal((RecordVerdict.Invalid, 2048), (two.Verdict, two.KeySize));
    }

    [Theory]
    [InlineData("gone.test", "s1", ErrorCode.DnsNoSuchDomain)]
    [InlineData("down.test", "s1", ErrorCode.DnsFailed)]
    [InlineData("not a domain", "s1", ErrorCode.InvalidDomain)]
    [InlineData("example.test", "not a selector", ErrorCode.InvalidDomain)]
    public async Task Where_there_is_nothing_to_look_over_it_is_an_error(string domain, string selector, string code)
    {
        var error = await Assert.ThrowsAsync<MailOpsException>(() => new DkimSurveyor(_zone).SurveyAsync(domain, selector, TestContext.Current.CancellationToken));
        Assert.Equal(code, error.Code);
    }

    private static string KeyOf(int bits)
    {
        using var key = RSA.Create(bits);
        return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    private static Task<DkimRecordReport> SurveyAsync(string text)
    {
        var zone = new ZoneInspector();
        zone.Add("TXT", "s1._domainkey.example.test", text);
        return new DkimSurveyor(zone).SurveyAsync("example.test", "s1", TestContext.Current.CancellationToken);
    }
}
