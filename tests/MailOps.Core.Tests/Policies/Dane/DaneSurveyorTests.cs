using System.Net;
using System.Security.Cryptography.X509Certificates;
using MailOps.Core.Tests.Dns;
using MailOps.Dns;
using MailOps.Policies.Dane;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Policies.Dane;

/// <summary>What is said of the TLSA records of mail servers (RFC 7672).</summary>
public sealed class DaneSurveyorTests : IDisposable
{
    private const string Mx = "mx.example.test";
    private static readonly X509Certificate2 TheRoot = Chain.Root(), TheServer = Chain.Server(TheRoot, Mx);

    private readonly ZoneInspector _zone = new() { IsSecure = name => !name.EndsWith("plain.test", StringComparison.Ordinal) };
    private readonly TalkingServer _server = Smtp(TheServer);

    public DaneSurveyorTests()
    {
        _zone.Add("MX", "example.test", new MxRecord(10, Mx));
        _zone.Add("A", Mx, IPAddress.Loopback);
    }

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 1)]
    [InlineData(2, 0)]
    public async Task A_record_that_matches_the_certificate_shown_is_valid(byte usage, byte selector)
    {
        // What vouches is not sent by this server, hence all of it is in the record.
        Publish(usage == 2 ? Chain.Tlsa(2, 0, 0, TheRoot) : Chain.Tlsa(usage, selector, 1, TheServer));
        Publish(Chain.Tlsa(3, 1, 1, Chain.Root()));
        var report = await LookAsync();
        Assert.Equal((RecordVerdict.Valid, true, true, true, true), (report.Verdict, report.IsMatch, report.IsMxSecure, report.IsAddressSecure, report.IsSecure));
        Assert.Equal([true, false], report.Records.Select(record => record.IsMatch!.Value));
        Assert.Equal(($"_{_server.Port}._tcp.{Mx}", $"127.0.0.1:{_server.Port}", "CN=server"), (report.RecordName, report.EndPoint, report.CertificateSubject));
        Assert.All(report.Findings, finding => Assert.Equal(FindingSeverity.Information, finding.Severity));
        Assert.Contains(report.Findings, finding => finding.Message.Contains("does not match the certificate that the server shows now (3 1 1 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_the_servers_own_key_neither_name_nor_date_counts_and_under_an_authority_both_do()
    {
        using var other = Smtp(Chain.Server(TheRoot, "elsewhere.test"));
        using var old = Smtp(Chain.Server(TheRoot, Mx, validToDays: -1));
        Publish(other.Port, Chain.Tlsa(2, 0, 0, TheRoot));
        Publish(old.Port, Chain.Tlsa(2, 0, 0, TheRoot));
        await FindsAsync(other.Port, "for none of the names mx.example.test, example.test.", "names do not count");
        await FindsAsync(old.Port, "is not valid (NotTimeValid)", "dates do not count");
        _zone.Add("A", "alone.test", IPAddress.Loopback);
        var own = Chain.Server(TheRoot, "elsewhere.test", validToDays: -1);
        using var named = Smtp(own);
        _zone.Add("TLSA", $"_{named.Port}._tcp.alone.test", Chain.Tlsa(3, 1, 1, own));
        var report = await LookAsync("alone.test", named.Port, servers: true);
        Assert.Equal((RecordVerdict.Valid, true, null), (report.Verdict, report.IsMatch, report.IsMxSecure));

        async Task FindsAsync(int port, string message, string advice)
        {
            var found = await LookAsync(port: port);
            Assert.Equal((RecordVerdict.Invalid, false), (found.Verdict, found.IsMatch));
            Assert.Contains(found.Findings, finding => finding.Severity == FindingSeverity.Error && finding.Message.Contains(message, StringComparison.Ordinal) && finding.Advice!.Contains(advice, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task No_record_that_matches_is_an_error_with_what_to_do_at_once()
    {
        Publish(Chain.Tlsa(3, 1, 1, TheRoot));
        var report = await LookAsync();
        Assert.Equal((RecordVerdict.Invalid, false), (report.Verdict, report.IsMatch));
        Assert.Contains(report.Findings, finding => finding.Severity == FindingSeverity.Error && finding.Message.Contains("matches none of the TLSA records", StringComparison.Ordinal));
        Assert.Equal("the server's certificate matches none of the TLSA records", Assert.Single(report.Records).Reason);
    }

    [Theory]
    [InlineData("", RecordVerdict.Missing, "Warning There is no TLSA record at")]
    [InlineData("3 1 1 32", RecordVerdict.Valid, "Information There is one record that counts")]
    [InlineData("3 1 1 32,3 1 1 32", RecordVerdict.Valid)]
    [InlineData("3 1 2 64,3 1 2 64", RecordVerdict.Warning, "Warning The records have SHA-512 sums alone")]
    [InlineData("3 1 1 32,3 1 2 64,3 1 2 64", RecordVerdict.Valid, "Information Where senders know SHA-512")]
    [InlineData("3 0 1 32,3 1 1 32", RecordVerdict.Valid, "Information A record is of the server's whole certificate")]
    [InlineData("3 1 0 91,3 1 1 32", RecordVerdict.Valid, "Information A record holds all of a certificate")]
    [InlineData("0 0 1 32,3 1 1 32,3 1 1 32", RecordVerdict.Warning, "Warning A record cannot be used: its usage (PKIX)")]
    [InlineData("1 1 1 32", RecordVerdict.Invalid, "Warning A record cannot be used: its usage (PKIX)", "Error None of the TLSA records can be used")]
    [InlineData("3 1 1 31", RecordVerdict.Invalid, "Warning A record cannot be used: a SHA-256 sum has 32 octets, and it has 31", "Error None of the TLSA records can be used")]
    [InlineData("3 1 2 32", RecordVerdict.Invalid, "Warning A record cannot be used: a SHA-512 sum has 64 octets, and it has 32", "Error None of the TLSA records can be used")]
    [InlineData("3 2 1 32", RecordVerdict.Invalid, "Warning A record cannot be used: its selector is unknown", "Error None of the TLSA records can be used")]
    [InlineData("9 1 1 32", RecordVerdict.Invalid, "Warning A record cannot be used: its usage is unknown", "Error None of the TLSA records can be used")]
    [InlineData("3 1 7 32", RecordVerdict.Invalid, "Warning A record cannot be used: its matching type is unknown", "Error None of the TLSA records can be used")]
    [InlineData("3 1 0 0", RecordVerdict.Invalid, "Warning A record cannot be used: it is empty", "Error None of the TLSA records can be used")]
    public async Task What_the_records_themselves_are_like_is_told(string records, RecordVerdict verdict, params string[] expected)
    {
        var next = (byte)0;
        foreach (var text in records.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var numbers = text.Split(' ').Select(byte.Parse).ToArray();
            Publish(new TlsaRecord(numbers[0], numbers[1], numbers[2], [.. Enumerable.Repeat(next++, numbers[3])]));
        }
        var report = await LookAsync(skip: true);
        Assert.Equal((verdict, null), (report.Verdict, report.IsMatch));
        Assert.Equal(expected.Length, report.Findings.Length);
        Assert.All(report.Findings.Zip(expected), pair => Assert.StartsWith(pair.Second, $"{pair.First.Severity} {pair.First.Message}", StringComparison.Ordinal));
        Assert.All(report.Findings, finding => Assert.NotEmpty(finding.Advice!));
        Assert.Empty(_server.Lines);
    }

    [Fact]
    public async Task What_DNSSEC_does_not_prove_counts_for_nothing()
    {
        _zone.Add("MX", "plain.test", new MxRecord(10, Mx));
        _zone.Add("MX", "plain.test", new MxRecord(20, "mx.plain.test"));
        _zone.Add("A", "mx.plain.test", IPAddress.Loopback);
        Publish(Chain.Tlsa(3, 1, 1, TheServer));
        _zone.Add("TLSA", $"_{_server.Port}._tcp.mx.plain.test", Chain.Tlsa(3, 1, 1, TheServer));
        var reports = await new DaneSurveyor(_zone, Options(_server.Port)).SurveyAsync("plain.test", TestContext.Current.CancellationToken);
        Assert.Equal([(false, true, true, RecordVerdict.Warning), (false, false, false, RecordVerdict.Warning)], reports.Select(report => (report.IsMxSecure!.Value, report.IsAddressSecure, report.IsSecure, report.Verdict)));
        Assert.Equal([true, null], reports.Select(report => report.IsMatch));
        Assert.Contains("counts for nothing", reports[1].Findings[1].Message, StringComparison.Ordinal);
        Assert.Equal((false, "DNSSEC does not prove it"), (reports[1].Records[0].IsUsable, reports[1].Records[0].Reason));
    }

    [Fact]
    public async Task The_records_of_an_alias_are_those_of_its_end()
    {
        using var server = Smtp(Chain.Server(TheRoot, "alias.example.test"));
        _zone.Add("CNAME", "alias.example.test", Mx);
        Publish(server.Port, Chain.Tlsa(2, 0, 0, TheRoot));
        var report = await LookAsync("alias.example.test", server.Port, servers: true);
        Assert.Equal((Mx, $"_{server.Port}._tcp.{Mx}", true), (report.CanonicalName, report.RecordName, report.IsMatch));
        Assert.StartsWith("EHLO", server.Lines.First(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TLSA")]
    [InlineData("A")]
    public async Task No_answer_keeps_mail_away(string type)
    {
        Publish(Chain.Tlsa(3, 1, 1, TheServer));
        _zone.Fails = name => name.StartsWith(type + " ", StringComparison.Ordinal) && name.Contains(Mx, StringComparison.Ordinal);
        var report = await LookAsync();
        Assert.Equal((RecordVerdict.Invalid, null), (report.Verdict, report.IsMatch));
        Assert.Contains("no answer that can be trusted", Assert.Single(report.Findings).Message, StringComparison.Ordinal);
        Assert.Empty(_server.Lines);
    }

    [Fact]
    public async Task Servers_without_TLS_and_servers_that_are_not_there_are_two_things()
    {
        int port;
        using (var plain = new TalkingServer("220 mx ready\r\n", line => line.StartsWith("EHLO", StringComparison.Ordinal) ? "250 mx\r\n" : "500 unknown\r\n"))
        {
            port = plain.Port;
            Publish(port, Chain.Tlsa(3, 1, 1, TheServer));
            var without = await LookAsync(port: port);
            Assert.Equal((RecordVerdict.Invalid, null), (without.Verdict, without.IsMatch));
            Assert.Contains(without.Findings, finding => finding.Message.Contains("there is no TLS: The server does not offer STARTTLS", StringComparison.Ordinal));
        }
        var gone = await LookAsync(port: port);
        Assert.Equal((RecordVerdict.Warning, null), (gone.Verdict, gone.IsMatch));
        Assert.Contains(gone.Findings, finding => finding.Message.Contains("could not be compared", StringComparison.Ordinal) && finding.Message.Contains("refuses the connection", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_says_nothing_takes_no_longer_than_its_time()
    {
        using var silent = RawServer.Saying("");
        Publish(silent.Port, Chain.Tlsa(3, 1, 1, TheServer));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var report = (await new DaneSurveyor(_zone, Options(silent.Port) with { Timeout = TimeSpan.FromSeconds(2) }).SurveyAsync("example.test", TestContext.Current.CancellationToken))[0];
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(6));
        Assert.Equal(RecordVerdict.Warning, report.Verdict);
    }

    [Fact]
    public async Task Thousands_of_mail_exchangers_and_names_that_are_none_do_no_harm()
    {
        _zone.Add("MX", "many.test", new MxRecord(1, "\u001b[2Jmx.test"));
        for (var i = 0; i < 3000; i++) _zone.Add("MX", "many.test", new MxRecord(10 + i, FormattableString.Invariant($"mx{i}.many.test")));
        var reports = await new DaneSurveyor(_zone, Options(_server.Port)).SurveyAsync("many.test", TestContext.Current.CancellationToken);
        Assert.Equal(16, reports.Length);
        Assert.Equal("\\u001B[2Jmx.test", reports[0].NameExchange);
        Assert.All(reports.SelectMany(report => report.Findings), finding => Assert.DoesNotContain('\u001b', finding.Message));
        Assert.Contains(reports.SelectMany(report => report.Findings), finding => finding.Message.Contains("has 3001 mail exchangers", StringComparison.Ordinal));
        Assert.InRange(_zone.Asked.Count, 1, 50);
    }

    [Fact]
    public async Task A_domain_that_takes_no_mail_has_nothing_to_protect()
    {
        _zone.Add("MX", "null.test", new MxRecord(0, ""));
        var report = await LookAsync("null.test");
        Assert.Equal(("", RecordVerdict.Missing), (report.NameExchange, report.Verdict));
    }

    [Theory]
    [InlineData("gone.test", ErrorCode.DnsNoSuchDomain)]
    [InlineData("down.test", ErrorCode.DnsFailed)]
    [InlineData("bare.test", ErrorCode.DnsNoMailExchanger)]
    [InlineData("not a domain", ErrorCode.InvalidDomain)]
    public async Task Where_there_is_nothing_to_look_over_is_an_error(string domain, string code)
    {
        _zone.Fails = name => name == "down.test";
        _zone.Add("TXT", "bare.test", "something");
        Assert.Equal(code, (await Assert.ThrowsAsync<MailOpsException>(() => LookAsync(domain))).Code);
    }

    private static TalkingServer Smtp(X509Certificate2 certificate) => new(
        "220 mx ready\r\n",
        line => line.StartsWith("EHLO", StringComparison.Ordinal) ? "250-mx\r\n250 STARTTLS\r\n" : line == "STARTTLS" ? "220 go\r\n(TLS)" : "221 bye\r\n",
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null));

    private static DaneSurveyOptions Options(int port) => new() { Port = port };

    private void Publish(TlsaRecord record) => Publish(_server.Port, record);

    private void Publish(int port, TlsaRecord record) => _zone.Add("TLSA", $"_{port}._tcp.{Mx}", record);

    private async Task<DaneRecordReport> LookAsync(string domain = "example.test", int port = 0, bool servers = false, bool skip = false) =>
        Assert.Single(await new DaneSurveyor(_zone, Options(port == 0 ? _server.Port : port) with { AreServers = servers, SkipConnection = skip }).SurveyAsync(domain, TestContext.Current.CancellationToken));
}
