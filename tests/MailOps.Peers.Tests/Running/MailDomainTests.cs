using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Running;

/// <summary>What Test-MailDomain says of zones that a real unbound validates.</summary>
public sealed class MailDomainTests : IDisposable
{
    private static readonly string[] Records =
    [
        "@ MX 10 mx", "mx A 198.18.0.1", "@ TXT \"v=spf1 ip4:198.18.0.1 -all\"", "selector1._domainkey TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"",
        "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:d@far.test\"", "_mta-sts TXT \"v=STSv1; id=1\"", "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:t@far.test\"",
        $"_25._tcp.mx TLSA 3 1 1 {new string('0', 64)}", $"_25._tcp.mx TLSA 3 1 1 {new string('1', 64)}",
    ];

    private readonly TestFolder _folder = new();

    [Fact]
    public async Task A_signed_domain_its_reverse_names_and_what_block_lists_say() => Assert.Equal(
        ["Pass: Pass Pass Pass Pass Pass Pass Pass Pass Pass", "Fail: Pass Pass Pass Pass Pass Pass Pass Pass Fail", "Unknown: Pass Pass Pass Pass Pass Pass Pass Pass Unknown"],
        await TestAsync(await SignedZone.SignAsync(_folder, "far.test", Records)));

    [Fact]
    public async Task A_domain_whose_MX_record_was_changed_on_the_way() =>
        Assert.Equal("Fail: Fail Pass Pass Pass Pass Pass None None None", (await TestAsync((await SignedZone.SignAsync(_folder, "far.test", Records)).Forged("MX\t10 ", "MX\t11 ")))[0]);

    [Fact]
    public async Task A_domain_that_nobody_has_signed() =>
        Assert.Equal("Warning: Pass Pass Pass Pass Pass Pass Warning Pass Pass", (await TestAsync(SignedZone.Plain(_folder, "far.test", Records)))[0]);

    public void Dispose() => _folder.Dispose();

    private async Task<string[]> TestAsync(SignedZone zone)
    {
        SignedZone[] zones =
        [
            zone, SignedZone.Plain(_folder, "test"), SignedZone.Plain(_folder, "0.18.198.in-addr.arpa", "1 PTR mx.far.test."), SignedZone.Plain(_folder, "free.test"),
            SignedZone.Plain(_folder, "lists.test", "1.0.18.198 A 127.0.0.2", "1.0.18.198 TXT \"a reason\""), SignedZone.Plain(_folder, "shy.test", "1.0.18.198 A 127.255.255.254"),
        ];
        await using var unbound = await Unbound.StartAsync(_folder, zones);
        var file = _folder.Write("s.ps1", FormattableString.Invariant($$"""
            foreach ($list in 'free.test', 'lists.test', 'shy.test') {
                $t = Test-MailDomain far.test -Server 127.0.0.1:{{unbound.Port}} -Dnsbl $list -SkipConnection
                "$($t.Verdict): $($t.Mx) $($t.Spf) $($t.Dkim) $($t.Dmarc) $($t.MtaSts) $($t.TlsRpt) $($t.Dane) $($t.ReverseDns) $($t.Dnsbl)"
            }
            """));
        await using var run = ChildProcess.Start("dotnet", [Installed.Host(), "run", file], []);
        await run.ExitAsync();
        return [.. run.Lines.Select(line => line.TrimEnd('\r'))];
    }
}
