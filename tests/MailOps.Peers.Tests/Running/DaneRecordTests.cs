using System.Globalization;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Running;

/// <summary>What Resolve-DaneRecord says of a real Postfix, by zones that a real unbound validates.</summary>
public sealed class DaneRecordTests : IDisposable
{
    private const string Host = "mx.far.test";
    private static readonly string OtherSum = Convert.ToHexString(new byte[32]);
    private readonly TestFolder _folder = new();
    private readonly int _port = Ports.Free();

    [Theory]
    [InlineData("3 1 1 key", Host, 30, "Valid True True True TLS 1.3")]
    [InlineData("3 1 1 key", "elsewhere.test", -1, "Valid True True True TLS 1.3")]   // of the server's own key neither name nor date counts
    [InlineData("2 0 1 root", Host, 30, "Valid True True True TLS 1.3")]
    [InlineData("2 0 1 root", "far.test", 30, "Valid True True True TLS 1.3")]        // the domain, of a signed MX record
    [InlineData("2 0 1 root", "elsewhere.test", 30, "Invalid True True False TLS 1.3", "is for none of the names mx.far.test, far.test")]
    [InlineData("2 0 1 root", Host, -1, "Invalid True True False TLS 1.3", "NotTimeValid")]
    [InlineData("3 1 1 other", Host, 30, "Invalid True True False TLS 1.3", "matches none of the TLSA records")]
    public async Task A_certificate_that_matches_and_ones_that_do_not(string record, string name, int days, string expected, string words = "There is one record that counts")
    {
        var authority = new TestAuthority(_folder, name, days);
        var tlsa = record.Replace("key", authority.KeySum, StringComparison.Ordinal).Replace("root", authority.RootSum, StringComparison.Ordinal).Replace("other", OtherSum, StringComparison.Ordinal);
        await FindsAsync(authority, await SignedZone.SignAsync(_folder, "far.test", Records(tlsa)), expected, words);
    }

    [Fact]
    public async Task A_record_that_was_changed_on_the_way_keeps_senders_away()
    {
        var authority = new TestAuthority(_folder, Host);
        var zone = (await SignedZone.SignAsync(_folder, "far.test", Records($"3 1 1 {authority.KeySum}"))).Forged("TLSA\t3 1 1 ", "TLSA\t3 1 0 ");
        await FindsAsync(authority, zone, "Invalid True False  ", "no answer that can be trusted for TLSA");
    }

    [Fact]
    public async Task In_a_zone_that_is_not_signed_the_record_counts_for_nothing()
    {
        var authority = new TestAuthority(_folder, Host);
        await FindsAsync(authority, SignedZone.Plain(_folder, "far.test", Records($"3 1 1 {authority.KeySum}")), "Warning False False  ", "counts for nothing");
    }

    public void Dispose() => _folder.Dispose();

    private string[] Records(string tlsa) => ["@ MX 10 mx", "mx A 127.0.0.1", $"_{_port.ToString(CultureInfo.InvariantCulture)}._tcp.mx TLSA {tlsa}"];

    private async Task FindsAsync(TestAuthority authority, SignedZone zone, string expected, string words)
    {
        await using var unbound = await Unbound.StartAsync(_folder, zone);
        await using var postfix = await Postfix.StartAsync(_folder, ["known@far.test"], _port, $"smtpd_tls_chain_files = {authority.KeyFile}, {authority.ChainFile}", "smtpd_tls_security_level = may");
        var file = _folder.Write("s.ps1", FormattableString.Invariant($$"""
            $report = Resolve-DaneRecord far.test -Port {{_port}} -Server 127.0.0.1:{{unbound.Port}}
            "$($report.Verdict) $($report.IsMxSecure) $($report.IsSecure) $($report.IsMatch) $($report.TlsProtocol)"
            $report.Findings.Message
            """));
        await using var run = ChildProcess.Start("dotnet", [Installed.Host(), "run", file], []);
        await run.ExitAsync();
        Assert.Equal(expected, run.Lines[0].TrimEnd('\r'));
        Assert.Contains(words, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" mail=", postfix.Log, StringComparison.Ordinal);
    }
}
