using System.Net;
using System.Net.Sockets;
using MailOps.Dns;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Dns;

public sealed class DnsResolverTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mail_exchangers_come_with_preference_name_and_life()
    {
        using var server = new LoopbackDnsServer { Zone = { ["example.test MX"] = new Say(new("MX", "mx.example.test.", 10), new("MX", "backup.test", 256)) { Ttl = 120 } } };

        var answer = await Resolver(server).ResolveMxAsync("example.test", Token);

        Assert.Equal(DnsStatus.Found, answer.Status);
        Assert.Equal([new MxRecord(10, "mx.example.test"), new MxRecord(256, "backup.test")], answer.Records);
        Assert.Equal(TimeSpan.FromSeconds(120), answer.Ttl);
    }

    [Theory]
    [InlineData("bounce+12=user/x")]   // RFC 2181 section 11: any character can stand in a name; SPF macros put local parts into names
    [InlineData("\"a b\"!#$%&'*?^`{|}~")]
    [InlineData("a\\b")]
    [InlineData("-a-._b")]
    public async Task A_name_that_is_no_host_name_can_be_asked_for(string label)
    {
        using var server = new LoopbackDnsServer { Zone = { [$"{label}.example.test A"] = new Say(new Rr("A", "192.0.2.1")) } };

        var answer = await Resolver(server).ResolveAddressesAsync($"{label}.example.test", AddressFamily.InterNetwork, Token);

        Assert.Equal((DnsStatus.Found, $"udp {label}.example.test A"), (answer.Status, Assert.Single(server.Asked)));
    }

    [Fact]
    public async Task A_null_mx_is_an_empty_name()
    {
        using var server = new LoopbackDnsServer { Zone = { ["nomail.test MX"] = new Say(new Rr("MX", ".")) } };

        Assert.Equal([new MxRecord(0, "")], (await Resolver(server).ResolveMxAsync("nomail.test", Token)).Records);
    }

    [Fact]
    public async Task An_answer_too_long_for_udp_is_fetched_over_tcp()
    {
        using var server = new LoopbackDnsServer { Zone = { ["big.test MX"] = new Say([.. Enumerable.Range(1, 100).Select(i => new Rr("MX", $"mx{i}.big.test", i))]) { Truncated = true } } };

        var answer = await Resolver(server).ResolveMxAsync("big.test", Token);

        Assert.Equal(100, answer.Records.Count);
        Assert.Equal(["udp big.test MX", "tcp big.test MX"], server.Asked);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_differs_from_one_without_records()
    {
        using var server = new LoopbackDnsServer
        {
            Zone = { ["empty.test MX"] = new Say { NegativeTtl = 90 }, ["absent.test *"] = new Say { Code = 3, NegativeTtl = 30 } },
        };
        var resolver = Resolver(server);

        var empty = await resolver.ResolveMxAsync("empty.test", Token);
        var absent = await resolver.ResolveMxAsync("absent.test", Token);

        Assert.Equal((DnsStatus.NoRecords, TimeSpan.FromSeconds(90)), (empty.Status, empty.Ttl));
        Assert.Equal((DnsStatus.NoSuchDomain, TimeSpan.FromSeconds(30)), (absent.Status, absent.Ttl));
    }

    [Theory]
    [InlineData(2, "ServerFailure")]
    [InlineData(5, "Refused")]
    public async Task A_server_that_fails_is_a_failure_that_names_it(int code, string word)
    {
        using var server = new LoopbackDnsServer { Zone = { ["broken.test *"] = new Say { Code = code } } };

        var answer = await Resolver(server).ResolveMxAsync("broken.test", Token);

        Assert.Equal((DnsStatus.Failed, false), (answer.Status, answer.IsUnanswered));
        Assert.Contains(word, answer.Detail);
        Assert.Contains("127.0.0.1", answer.Detail);
    }

    [Theory]
    [InlineData("loop")]
    [InlineData("garbage")]
    [InlineData("cut")]
    [InlineData("id")]
    public async Task An_answer_that_cannot_be_read_is_a_failure_told_in_few_words(string fault)
    {
        using var server = new LoopbackDnsServer { Zone = { ["x.test *"] = new Say([.. Enumerable.Range(1, 40).Select(i => new Rr("TXT", $"text {i}"))]) }, Spoil = answer => Spoil(answer, fault) };
        var resolver = Resolver(server);

        var text = await resolver.ResolveTxtAsync("x.test", Token);
        var addresses = await resolver.ResolveAddressesAsync("x.test", Token);

        Assert.Equal((DnsStatus.Failed, DnsStatus.Failed), (text.Status, addresses.Status));
        Assert.Equal("the DNS answer for TXT x.test could not be used: " + (fault == "id" ? "it answers another question" : "it is malformed"), text.Detail);
    }

    [Fact]
    public async Task An_answer_to_another_question_is_followed_by_one_more_try()
    {
        var answers = 0;
        using var server = new LoopbackDnsServer
        {
            Zone = { ["x.test MX"] = new Say(new Rr("MX", "mx.test", 1)) },
            Spoil = answer => answers++ == 0 ? Spoil(answer, "id") : answer,
        };

        Assert.Equal([new MxRecord(1, "mx.test")], (await Resolver(server).ResolveMxAsync("x.test", Token)).Records);
        Assert.Equal(["udp x.test MX", "udp x.test MX"], server.Asked);
    }

    [Fact]
    public async Task A_silent_server_is_a_failure_in_the_time_given()
    {
        using var server = new LoopbackDnsServer { Zone = { ["slow.test *"] = new Say { Silent = true } } };
        var started = DateTime.UtcNow;

        var answer = await new DnsResolver([server.Address], TimeSpan.FromMilliseconds(300)).ResolveMxAsync("slow.test", Token);

        Assert.Equal((DnsStatus.Failed, true), (answer.Status, answer.IsUnanswered));
        Assert.Contains("no DNS server answered", answer.Detail);
        Assert.InRange(DateTime.UtcNow - started, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_silent_server_is_followed_by_the_next()
    {
        using var silent = new LoopbackDnsServer { Zone = { ["example.test *"] = new Say { Silent = true } } };
        using var failing = new LoopbackDnsServer { Zone = { ["example.test *"] = new Say { Code = 2 } } };
        using var good = new LoopbackDnsServer { Zone = { ["example.test MX"] = new Say(new Rr("MX", "mx.test", 1)) } };

        var answer = await new DnsResolver([silent.Address, failing.Address, good.Address], TimeSpan.FromSeconds(1)).ResolveMxAsync("example.test", Token);

        Assert.Equal([new MxRecord(1, "mx.test")], answer.Records);
    }

    [Fact]
    public async Task Cancellation_is_a_cancellation_and_prompt()
    {
        using var server = new LoopbackDnsServer { Zone = { ["slow.test *"] = new Say { Silent = true } } };
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var asking = new DnsResolver([server.Address], TimeSpan.FromMinutes(10)).ResolveMxAsync("slow.test", cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(TimeSpan.FromSeconds(30), Token));
    }

    [Fact]
    public async Task Both_families_alternate_and_ipv6_leads()
    {
        using var server = new LoopbackDnsServer
        {
            Zone =
            {
                ["mx.test A"] = new Say(new("A", "192.0.2.1"), new("A", "192.0.2.2"), new("A", "192.0.2.3")),
                ["mx.test AAAA"] = new Say(new Rr("AAAA", "2001:db8::1")) { Ttl = 60 },
            },
        };

        var answer = await Resolver(server).ResolveAddressesAsync("mx.test", Token);

        Assert.Equal(["2001:db8::1", "192.0.2.1", "192.0.2.2", "192.0.2.3"], answer.Records.Select(a => a.ToString()));
        Assert.Equal(TimeSpan.FromSeconds(60), answer.Ttl);
    }

    [Theory]
    [InlineData(0, 2, DnsStatus.Failed)]       // one family failed, so an address may yet be found
    [InlineData(0, 3, DnsStatus.NoRecords)]    // a server that denies the name for one type only
    [InlineData(3, 3, DnsStatus.NoSuchDomain)]
    [InlineData(0, 0, DnsStatus.NoRecords)]
    public async Task Two_answers_without_addresses_become_one(int four, int six, DnsStatus status)
    {
        using var server = new LoopbackDnsServer { Zone = { ["x.test A"] = new Say { Code = four }, ["x.test AAAA"] = new Say { Code = six } } };

        Assert.Equal(status, (await Resolver(server).ResolveAddressesAsync("x.test", Token)).Status);
    }

    [Fact]
    public async Task An_address_counts_although_the_other_family_failed()
    {
        using var server = new LoopbackDnsServer { Zone = { ["x.test A"] = new Say(new Rr("A", "192.0.2.7")), ["x.test AAAA"] = new Say { Code = 2 } } };

        Assert.Equal([IPAddress.Parse("192.0.2.7")], (await Resolver(server).ResolveAddressesAsync("x.test", Token)).Records);
    }

    [Fact]
    public async Task Aliases_are_followed_where_the_server_does_not()
    {
        using var server = new LoopbackDnsServer
        {
            Zone =
            {
                ["alias.test MX"] = new Say(new Rr("CNAME", "real.test")),
                ["real.test MX"] = new Say(new Rr("MX", "mx.real.test", 5)),
                ["chased.test MX"] = new Say(new("CNAME", "real.test"), new("MX", "mx.real.test", 5, "real.test")),
                ["loop.test MX"] = new Say(new Rr("CNAME", "loop.test")),
            },
        };
        var resolver = Resolver(server);

        Assert.Equal([new MxRecord(5, "mx.real.test")], (await resolver.ResolveMxAsync("alias.test", Token)).Records);
        Assert.Equal([new MxRecord(5, "mx.real.test")], (await resolver.ResolveMxAsync("chased.test", Token)).Records);
        var loop = await resolver.ResolveMxAsync("loop.test", Token);
        Assert.Equal(DnsStatus.Failed, loop.Status);
        Assert.Contains("CNAME", loop.Detail);
    }

    [Theory]
    [InlineData("127.0.0.9", "127.0.0.9")]
    [InlineData("::1", "::1")]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("mail.LOCALHOST", "127.0.0.1")]
    public async Task An_address_and_localhost_are_not_asked_for(string host, string first)
    {
        using var server = new LoopbackDnsServer();

        var answer = await Resolver(server).ResolveAddressesAsync(host, Token);

        Assert.Equal(first, answer.Records[0].ToString());
        Assert.Empty(server.Asked);
    }

    [Theory]
    [InlineData("dns.example.test")]
    [InlineData("192.0.2.53:0")]
    [InlineData("192.0.2.53:65536")]
    [InlineData("192.0.2.53:x")]
    [InlineData("")]
    public void What_is_no_server_address_is_refused(string server)
    {
        Assert.Equal(ErrorCode.InvalidAddress, Assert.Throws<MailOpsException>(() => new DnsResolver([server])).Code);
    }

    [Theory]
    [InlineData("192.0.2.53")]
    [InlineData("192.0.2.53:5353")]
    [InlineData("2001:db8::53")]
    [InlineData("[2001:db8::53]")]
    [InlineData("[2001:db8::53]:5353")]
    public void Server_addresses_may_carry_a_port(string server) => Assert.NotNull(new DnsResolver([server]));

    [Fact]
    public async Task Tlsa_and_txt_records_are_read()
    {
        using var server = new LoopbackDnsServer
        {
            Zone =
            {
                ["_25._tcp.mx.test TLSA"] = new Say(new Rr("TLSA", "030101AABB")),
                ["_mta-sts.test TXT"] = new Say(new("TXT", "v=STSv1; |id=1;"), new("TXT", "other")),
            },
        };

        var tlsa = Assert.Single((await Resolver(server).ResolveTlsaAsync("_25._tcp.mx.test", Token)).Records);
        Assert.Equal((3, 1, 1, "AABB"), (tlsa.Usage, tlsa.Selector, tlsa.Matching, Convert.ToHexString([.. tlsa.Data])));
        Assert.Equal(["v=STSv1; id=1;", "other"], (await Resolver(server).ResolveTxtAsync("_mta-sts.test", Token)).Records);
    }

    [Fact]
    public async Task Services_names_of_addresses_and_one_family_of_a_host_are_asked_for()
    {
        using var server = new LoopbackDnsServer
        {
            Zone =
            {
                ["_submission._tcp.x.test SRV"] = new Say(new("SRV", "10 5 587 mail.x.test."), new("SRV", "0 0 0 .")),
                ["1.2.0.192.in-addr.arpa PTR"] = new Say(new Rr("PTR", "mail.x.test.")),
                ["1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR"] = new Say(new Rr("PTR", "six.x.test")),
                ["mail.x.test A"] = new Say(new Rr("A", "192.0.2.1")),
                ["mail.x.test AAAA"] = new Say(new Rr("AAAA", "2001:db8::1")),
            },
        };
        var resolver = Resolver(server);

        Assert.Equal([new SrvRecord(10, 5, 587, "mail.x.test"), new SrvRecord(0, 0, 0, "")], (await resolver.ResolveSrvAsync("_submission._tcp.x.test", Token)).Records);
        Assert.Equal(["mail.x.test"], (await resolver.ResolveNamesAsync(IPAddress.Parse("192.0.2.1"), Token)).Records);
        Assert.Equal(["six.x.test"], (await resolver.ResolveNamesAsync(IPAddress.Parse("2001:db8::1"), Token)).Records);
        Assert.Equal([IPAddress.Parse("192.0.2.1")], (await resolver.ResolveAddressesAsync("mail.x.test", AddressFamily.InterNetwork, Token)).Records);
        Assert.Equal([IPAddress.Parse("2001:db8::1")], (await resolver.ResolveAddressesAsync("mail.x.test", AddressFamily.InterNetworkV6, Token)).Records);
    }

    [Theory]
    [InlineData(true, null, true)]    // on loopback: this machine has validated it
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    [InlineData(false, true, false)]
    public async Task An_answer_is_secure_as_its_server_says(bool says, bool? trust, bool isSecure)
    {
        using var server = new LoopbackDnsServer { Zone = { ["x.test MX"] = new Say(new Rr("MX", "mx.test")) { Secure = says }, ["x.test TLSA"] = new Say { Secure = says } } };
        var resolver = new DnsResolver([server.Address], TimeSpan.FromSeconds(60), trust);

        Assert.Equal(isSecure, (await resolver.ResolveMxAsync("x.test", Token)).IsSecure);
        Assert.Equal(isSecure, (await resolver.ResolveMxAsync("x.test", Token)).IsSecure);
        Assert.Single(server.Asked);   // the second time from the cache
        var none = await resolver.ResolveTlsaAsync("x.test", Token);
        Assert.Equal((DnsStatus.NoRecords, isSecure), (none.Status, none.IsSecure));
    }

    [Theory]
    [InlineData("127.0.0.53", null, true)]
    [InlineData("::1", null, true)]
    [InlineData("192.0.2.53", null, false)]   // anyone on the way could have set the bit
    [InlineData("192.0.2.53", true, true)]
    [InlineData("127.0.0.1", false, false)]
    public void Only_a_server_on_this_machine_is_believed_unless_told_otherwise(string server, bool? trust, bool isTrusted) =>
        Assert.Equal(isTrusted, DnsResolver.IsTrusted(server, trust));

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public async Task Addresses_are_secure_where_both_families_are(bool six, bool four, bool isSecure)
    {
        using var server = new LoopbackDnsServer
        {
            Zone = { ["mx.test A"] = new Say(new Rr("A", "192.0.2.1")) { Secure = four }, ["mx.test AAAA"] = new Say(new Rr("AAAA", "2001:db8::1")) { Secure = six } },
        };

        Assert.Equal(isSecure, (await Resolver(server).ResolveAddressesAsync("mx.test", Token)).IsSecure);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public async Task An_alias_followed_is_secure_where_each_step_is(bool alias, bool target, bool isSecure)
    {
        using var server = new LoopbackDnsServer
        {
            Zone =
            {
                ["mx.test A"] = new Say(new Rr("CNAME", "real.test")) { Secure = alias },
                ["mx.test CNAME"] = new Say(new Rr("CNAME", "real.test")) { Secure = alias },
                ["real.test A"] = new Say(new Rr("A", "192.0.2.1")) { Secure = target },
                ["chased.test A"] = new Say(new("CNAME", "mx.test"), new("CNAME", "real.test", 0, "mx.test"), new("A", "192.0.2.1", 0, "real.test")),
            },
        };
        var resolver = Resolver(server);

        var answer = await resolver.ResolveAddressesAsync("mx.test", Token);
        var step = await resolver.ResolveAliasAsync("mx.test", Token);

        Assert.Equal((isSecure, "real.test"), (answer.IsSecure, answer.CanonicalName));
        Assert.Equal((alias, "real.test"), (step.IsSecure, Assert.Single(step.Records)));
        Assert.Equal("real.test", (await resolver.ResolveAddressesAsync("chased.test", Token)).CanonicalName);
        Assert.Null((await resolver.ResolveAddressesAsync("real.test", Token)).CanonicalName);
        Assert.Equal(DnsStatus.NoRecords, (await resolver.ResolveAliasAsync("real.test", Token)).Status);
    }

    private static byte[] Spoil(byte[] answer, string fault)
    {
        const int End = 12 + 8 + 4;   // of header and question: x.test, type and class
        switch (fault)
        {
            case "loop":
                return [.. answer[..6], 0, 1, 0, 0, 0, 0, .. answer[12..End], 0xC0, End, 0, 16, 0, 1, 0, 0, 0, 60, 0, 2, 0xC0, End];
            case "garbage":
                return [.. answer[..6], 0xFF, 0xFF, 0, 0, 0, 0, .. answer[12..End], 0xC0, 12];
            case "cut":
                return answer[..^5];
            default:
                answer[0] ^= 0xFF;
                return answer;
        }
    }

    private static DnsResolver Resolver(LoopbackDnsServer server) => new([server.Address], TimeSpan.FromSeconds(60));
}
