using System.Net;
using System.Text;
using MailOps.Headers;

namespace MailOps.Core.Tests.Headers;

public sealed class MailHeaderReaderTests
{
    private const string Whole = """
        Return-Path: <ada@origin.test>
        Received: from mx.far.test (mx.far.test. [2001:db8::25]) by store.far.test with LMTP
         id 7c0a for <bob@far.test>; Thu, 05 Mar 2026 10:00:09 +0000
        Authentication-Results: mx.far.test; spf=pass smtp.mailfrom=origin.test;
         dkim=fail (key too short) header.d=origin.test; dmarc=none
        Received-SPF: Pass (mx.far.test: domain of ada@origin.test designates 192.0.2.7 as permitted sender) client-ip=192.0.2.7; envelope-from=ada@origin.test
        Received: from out.origin.test (unknown [192.0.2.7])
        \t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
        \t(No client certificate requested))
        \tby mx.far.test (Postfix) with ESMTPS id 4F1B2; Thu,  5 Mar 2026 11:00:04 +0100 (CET)
        Received: from [10.0.0.5] by out.origin.test; Thu, 05 Mar 2026 10:00:06 +0000
        From: =?utf-8?q?Ad=C3=A4?= <ada@origin.test>
        To: bob@far.test
        Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
        Date: Thu, 05 Mar 2026 09:59:58 +0000
        Message-ID: <1@origin.test>

        Received: from nobody by nobody; not of the header
        """;

    [Fact]
    public void The_way_is_in_the_order_of_the_way_with_its_delays()
    {
        var header = Read(Whole)!;
        Assert.Equal(("Adä <ada@origin.test>", "bob@far.test", "Grüße", "1@origin.test", "<ada@origin.test>"), (header.From, header.To, header.Subject, header.MessageId, header.ReturnPath));
        Assert.Equal(new DateTimeOffset(2026, 3, 5, 9, 59, 58, TimeSpan.Zero), header.Date);
        Assert.Equal(["out.origin.test", "mx.far.test", "store.far.test"], header.Hops.Select(hop => hop.By));
        Assert.Equal(["[10.0.0.5]", "out.origin.test", "mx.far.test"], header.Hops.Select(hop => hop.From));
        Assert.Equal(["10.0.0.5", "192.0.2.7", "2001:db8::25"], header.Hops.Select(hop => hop.FromAddress?.ToString()));
        Assert.Equal([null, TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(5)], header.Hops.Select(hop => hop.Delay));   // the clock of the second is behind
        Assert.Equal(TimeSpan.FromSeconds(3), header.TotalDelay);
        Assert.Equal([(null, false, null, null, null), ("ESMTPS", true, "1.3", "4F1B2", null), ("LMTP", false, null, "7c0a", "bob@far.test")], header.Hops.Select(hop => (hop.With, hop.Tls, hop.TlsVersion, hop.Id, hop.For)));
        Assert.Equal([1, 2, 3], header.Hops.Select(hop => hop.Hop));
    }

    [Fact]
    public void What_turns_a_line_of_a_table_around_is_not_in_what_is_shown()
    {
        var header = Read(Whole.Replace("Gr=C3=BC=C3=9Fe", "=E2=80=AEfdp.exe=E2=81=A6_=E2=80=8F", StringComparison.Ordinal).Replace("Ad=C3=A4", "=E2=80=AD=F0=9F=91=A9=E2=80=8D=F0=9F=92=BB", StringComparison.Ordinal))!;
        Assert.Equal(("fdp.exe \u200f", "\U0001F469\u200d\U0001F4BB <ada@origin.test>"), (header.Subject, header.From));
    }

    [Fact]
    public void What_servers_found_is_listed_with_who_says_so()
    {
        var verdicts = Read(Whole)!.Verdicts;
        Assert.Equal(
            ["Authentication-Results mx.far.test spf pass smtp.mailfrom=origin.test ", "Authentication-Results mx.far.test dkim fail header.d=origin.test key too short", "Authentication-Results mx.far.test dmarc none  ",
             "Received-SPF  spf pass client-ip=192.0.2.7,envelope-from=ada@origin.test mx.far.test: domain of ada@origin.test designates 192.0.2.7 as permitted sender"],
            verdicts.Select(one => $"{one.Field} {one.Server} {one.Method} {one.Result} {string.Join(',', one.Properties)} {one.Reason}"));
    }

    [Theory]
    [InlineData("from AM6PR01.eurprd01.prod.exchangelabs.test (2603:10a6::1) by AM7PR01.eurprd01.prod.exchangelabs.test (2603:10a6::2) with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.9000.1; Thu, 5 Mar 2026 10:00:00 +0000",
        "AM6PR01.eurprd01.prod.exchangelabs.test|2603:10a6::1|AM7PR01.eurprd01.prod.exchangelabs.test|Microsoft SMTP Server|True|1.2|15.20.9000.1||10:00:00")]
    [InlineData("by 2002:a05:6402:1c0a:b0:4f with SMTP id ck10csp1; Thu, 5 Mar 2026 02:00:00 -0800 (PST)", "||2002:a05:6402:1c0a:b0:4f|SMTP|False||ck10csp1||10:00:00")]
    [InlineData("(qmail 1234 invoked from network); 5 Mar 2026 10:00:00 -0000", "||||False||||10:00:00")]
    [InlineData("from unknown (HELO pc) (ada@192.0.2.9) by mail.test with ESMTPSA (TLS_AES_128_GCM_SHA256 encrypted); 5 Mar 2026 10:00:00 +0000", "unknown||mail.test|ESMTPSA|True||||10:00:00")]
    [InlineData("from a.test (\"from b.test; by c.test\" [IPv6:2001:db8::1]) by d.test; nonsense", "a.test|2001:db8::1|d.test||False||||")]
    [InlineData("from a.test ((((((", "a.test||||False||||")]
    [InlineData("", "||||False||||")]
    [InlineData(";;;;", "||||False||||")]
    public void Fields_are_read_as_servers_write_them(string field, string expected)
    {
        var hop = Assert.Single(Read("Received: " + field + "\r\nSubject: x\r\n\r\n")!.Hops);
        Assert.Equal(expected, string.Join('|', hop.From, hop.FromAddress, hop.By, hop.With, hop.Tls, hop.TlsVersion, hop.Id, hop.For, hop.Date?.UtcDateTime.ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Only_a_header_as_it_is_copied_will_do_and_what_has_none_does_not()
    {
        Assert.Equal("x", Read("\r\n  \r\nSubject: x")!.Subject);
        Assert.Null(Read("Hello, this is no message."));
        Assert.Null(Read(""));
        Assert.Null(Read("\0\0\0"));
    }

    [Fact]
    public void A_header_that_does_not_end_is_cut_off_and_shows_no_control_characters()
    {
        var text = new StringBuilder("Subject: a\u001b[31mb\r\n");
        for (var i = 0; i < 30_000; i++) text.Append("Received: from a by b; Thu, 5 Mar 2026 10:00:00 +0000\r\nAuthentication-Results: m; spf=pass\r\n");
        var header = Read(text.ToString())!;
        Assert.Equal((200, 500, "a [31mb"), (header.Hops.Count, header.Verdicts.Count, header.Subject));
    }

    [Fact]
    public void Any_bytes_are_taken()
    {
        var random = new Random(8601);
        for (var i = 0; i < 3000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(Whole);
            for (var n = random.Next(1, 40); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            MailHeaderReader.Read(bytes);
        }
    }

    [Fact]
    public void An_address_is_one_of_four_parts_or_has_colons() =>
        Assert.Equal([null, IPAddress.Parse("192.0.2.1")], Read("Received: from x (192.0.2.1) by y\r\nReceived: from x (Exim 4.97) by y\r\n\r\n")!.Hops.Select(hop => hop.FromAddress));

    private static MailHeader? Read(string text) => MailHeaderReader.Read(Encoding.UTF8.GetBytes(text.Replace("\\t", "\t", StringComparison.Ordinal)));
}
