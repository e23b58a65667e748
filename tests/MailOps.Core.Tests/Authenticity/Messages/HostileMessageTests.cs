using System.Diagnostics;
using System.Text;
using MailOps.Authenticity;
using MailOps.Core.Tests.Dns;

namespace MailOps.Core.Tests.Authenticity.Messages;

/// <summary>Messages made to cost time or memory, or to be misread. The bounds are wide: what they keep out takes minutes, or never ends.</summary>
public sealed class HostileMessageTests
{
    private const string Plain = "From: A <a@example.test>\r\nTo: b@there.test\r\nSubject: One two\r\nDate: Sun, 1 Mar 2026 10:00:00 +0000\r\n\r\nHello\r\n";
    private static readonly TimeSpan Bearable = TimeSpan.FromSeconds(20);
    private static readonly TestSigner Key = TestSigner.Rsa();

    private readonly ZoneInspector _zone = new();

    public HostileMessageTests() => Key.Publish(_zone.Add);

    [Fact]
    public async Task Of_ten_thousand_signatures_twenty_are_evaluated_and_that_is_told()
    {
        var signature = Key.Sign(Plain)[..^Plain.Length].Replace("\r\n ", " ", StringComparison.Ordinal);
        var short1 = "DKIM-Signature: v=1; a=rsa-sha256; d=example.test; s=s1; h=from; bh=AAAA; b=AAAA\r\n";
        var found = await CheckAsync(string.Concat(Enumerable.Repeat(short1, 9_980)) + string.Concat(Enumerable.Repeat(signature, 20)) + Plain);

        Assert.Equal(20, found.Dkim.Length);
        Assert.Contains(found.Findings, finding => finding.Severity == FindingSeverity.Warning && finding.Message.StartsWith("The message has 10000 DKIM signatures; the topmost 20 were evaluated.", StringComparison.Ordinal));
        Assert.Single(_zone.Asked, asked => asked == "TXT s1._domainkey.example.test");   // one key is asked for once
    }

    [Fact]
    public async Task A_signature_without_measure_is_not_evaluated()
    {
        var tags = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"tag{i}=1;"));
        var found = await CheckAsync("DKIM-Signature: v=1; " + tags[..900_000] + "\r\n" + Plain);
        Assert.Equal((DkimResult.Policy, true), (found.Dkim[0].Result, found.Dkim[0].Reason.Contains("65536 at most are read", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_list_of_ten_thousand_fields_and_one_of_as_many_tags_are_read()
    {
        Assert.Equal(DkimResult.Pass, (await CheckAsync(Key.Sign(Plain, headers: "from" + string.Concat(Enumerable.Repeat(":x", 10_000)) + ":subject"))).Dkim[0].Result);
        Assert.Equal(DkimResult.Pass, (await CheckAsync(Key.Sign(Plain, extra: string.Concat(Enumerable.Range(0, 6_000).Select(i => $"t{i}=1;"))))).Dkim[0].Result);
    }

    [Theory]
    [InlineData(1, DkimResult.Policy, "1 bits")]
    [InlineData(512, DkimResult.Policy, "512 bits")]
    [InlineData(16384, DkimResult.Fail, "another key")]
    [InlineData(16392, DkimResult.Policy, "16392 bits, and 16384 at most are evaluated")]
    [InlineData(65536, DkimResult.Policy, "65536 bits")]
    public async Task Keys_of_any_size_are_bounded(int bits, DkimResult expected, string reason)
    {
        var modulus = new byte[(bits + 7) / 8];
        Array.Fill(modulus, (byte)0xff);
        modulus[0] = (byte)(bits == 1 ? 1 : 0xff);
        var found = await CheckAsync(Signed(modulus, [1, 0, 1]));
        Assert.Equal((expected, true), (found.Dkim[0].Result, found.Dkim[0].Reason.Contains(reason, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(2048)]   // an exponent as long as the modulus costs a thousand times what others do
    [InlineData(5)]
    public async Task An_exponent_that_costs_time_is_refused(int bytes)
    {
        var (modulus, exponent) = (new byte[2048], new byte[bytes]);
        Array.Fill(modulus, (byte)0xff);
        Array.Fill(exponent, (byte)0xff);
        Assert.Equal((DkimResult.PermError, true), await CheckAsync(Signed(modulus, exponent)) is var found ? (found.Dkim[0].Result, found.Dkim[0].Reason.Contains("none by which a signature can be verified", StringComparison.Ordinal)) : default);
    }

    [Theory]
    [InlineData("v=DKIM1; k=ed25519; p=AQ==")]
    [InlineData("v=DKIM1; k=ed25519; p=/////////////////////////////////////////38=")]
    [InlineData("v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public async Task A_point_that_is_none_verifies_nothing(string record)
    {
        _zone.Add("TXT", "bad._domainkey.example.test", record);
        var found = await CheckAsync(Key.Sign(Plain, edit: field => field.Replace("s=s1", "s=bad", StringComparison.Ordinal).Replace("rsa-sha256", "ed25519-sha256", StringComparison.Ordinal)));
        Assert.Contains(found.Dkim[0].Result, new[] { DkimResult.PermError, DkimResult.Fail });
    }

    [Fact]
    public async Task Many_lengths_do_not_make_the_body_be_hashed_without_end()
    {
        var message = Enumerable.Range(1, 20).Aggregate(Plain, (signed, length) => Key.Sign(signed, length: length % 6 + 1));
        Assert.All((await CheckAsync(message)).Dkim, one => Assert.Equal(DkimResult.Pass, one.Result));

        var each = Enumerable.Range(0, 20).Aggregate(Plain, (signed, i) => Key.Sign(signed, length: 100 + i));
        var found = await CheckAsync(each);
        Assert.Equal(12, found.Dkim.Count(one => one.Result == DkimResult.Policy && one.Reason.Contains("more than 8 different hashes", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_header_without_end_is_not_read_to_its_end()
    {
        var found = await CheckAsync("From: a@example.test\r\n" + string.Concat(Enumerable.Repeat("X-Filler: " + new string('x', 990) + "\r\n", 5_000)) + "From: b@example.test\r\n\r\nHello\r\n");
        Assert.Contains(found.Findings, finding => finding.Severity == FindingSeverity.Error && finding.Message.StartsWith("The header does not end within 1 MiB", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Many_fields_short_lines_and_nothing_else_are_read()
    {
        Assert.Equal("example.test", Assert.Single((await CheckAsync(string.Concat(Enumerable.Repeat("a:\r\n", 200_000)) + Plain)).FromDomain));
        Assert.Equal("example.test", Assert.Single((await CheckAsync(string.Concat(Enumerable.Repeat("x\r\n", 200_000)) + Plain)).FromDomain));
        Assert.Equal("example.test", Assert.Single((await CheckAsync("X: y\r\n" + string.Concat(Enumerable.Repeat(" \r\n", 200_000)) + Plain)).FromDomain));
    }

    [Fact]
    public async Task Ten_thousand_authors_in_as_many_domains_are_not_all_asked_about()
    {
        var found = await CheckAsync("From: " + string.Join(",\r\n ", Enumerable.Range(0, 10_000).Select(i => $"a@d{i}.test")) + "\r\n\r\nHello\r\n");
        Assert.Equal((AuthenticityVerdict.Failed, true), (found.Verdict, _zone.Asked.Count < 100));
    }

    [Fact]
    public async Task NUL_and_control_characters_are_told_and_not_shown()
    {
        var found = await CheckAsync(Key.Sign(Plain.Replace("Hello", "Hel\0lo", StringComparison.Ordinal)));
        Assert.Equal(DkimResult.Pass, found.Dkim[0].Result);
        Assert.Contains(found.Findings, finding => finding.Message == "The message has 1 NUL bytes in it, which no mail may have.");

        var shown = await CheckAsync("DKIM-Signature: v=1; a=rsa-sha256; d=\u001b[31mexample.test; s=\u001b]0;x; h=from; bh=AAAA; b=AAAA\r\nFrom: \u001b[2Ja@example.test\r\nSubject: \u001b[31mred\r\n\r\nHello\r\n");
        Assert.DoesNotContain('\u001b', string.Join(' ', shown.Findings.Select(finding => finding.Message + finding.Advice).Concat(shown.Dkim.Select(one => $"{one.Domain}{one.Selector}{one.Reason}{one.Identity}")).Append(shown.From).Append(shown.Subject).Append(shown.Reason)));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public async Task Parts_within_parts_are_not_taken_apart(int depth)
    {
        var bomb = new StringBuilder("From: a@example.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n");
        for (var i = 0; i < depth; i++) bomb.Append("--b").Append(i).Append("\r\nContent-Type: multipart/mixed; boundary=b").Append(i + 1).Append("\r\n\r\n");
        Assert.Equal(DkimResult.Pass, (await CheckAsync(Key.Sign(bomb.ToString(), headers: "from"))).Dkim[0].Result);
    }

    [Fact]
    public async Task Any_cut_of_a_message_is_read()
    {
        var message = Encoding.Latin1.GetBytes(Key.Seal(Key.Sign(Plain), 1));
        for (var length = 0; length < message.Length - 2; length += 3)   // without its last line end it is the same message
        {
            var found = await new MessageAuthenticator(_zone, Options).CheckAsync(message[..length], Ended);
            Assert.NotEqual(AuthenticityVerdict.Authentic, found?.Verdict);
        }
    }

    [Fact]
    public async Task Random_bytes_are_read()
    {
        var random = new Random(20260301);
        var message = Encoding.Latin1.GetBytes(Key.Seal(Key.Sign(Plain), 1));
        for (var i = 0; i < 300; i++)
        {
            var changed = (byte[])message.Clone();
            for (var j = 0; j < 5; j++) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            await new MessageAuthenticator(_zone, Options).CheckAsync(changed, Ended);
        }
    }

    private static readonly AuthenticityOptions Options = new() { At = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero) };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    // A message whose signature has the length of such a key.
    private string Signed(byte[] modulus, byte[] exponent)
    {
        _zone.Add("TXT", "big._domainkey.example.test", TestSigner.RecordOf(modulus, exponent));
        var message = Key.Sign(Plain, edit: field => field.Replace("s=s1", "s=big", StringComparison.Ordinal));
        var b = message.IndexOf(" b=", StringComparison.Ordinal) + 3;
        return message[..b] + Convert.ToBase64String(new byte[modulus.Length].Select(_ => (byte)0x55).ToArray()) + message[message.IndexOf("\r\n", b, StringComparison.Ordinal)..];
    }

    private async Task<MessageAuthenticity> CheckAsync(string message)
    {
        var clock = Stopwatch.StartNew();
        var found = await new MessageAuthenticator(_zone, Options).CheckAsync(Encoding.Latin1.GetBytes(message), Ended);
        Assert.True(clock.Elapsed < Bearable, $"It took {clock.Elapsed}.");
        return Assert.IsType<MessageAuthenticity>(found);
    }
}
