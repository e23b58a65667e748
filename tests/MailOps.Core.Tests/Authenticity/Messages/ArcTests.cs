using System.Text;
using MailOps.Authenticity;
using MailOps.Core.Tests.Dns;

namespace MailOps.Core.Tests.Authenticity.Messages;

public sealed class ArcTests
{
    private const string Plain = "From: A <a@example.test>\r\nTo: b@there.test\r\nSubject: One two\r\nDate: Sun, 1 Mar 2026 10:00:00 +0000\r\n\r\nHello\r\n";
    private static readonly TestSigner List = TestSigner.Rsa("list.test", "l");
    private static readonly TestSigner Next = TestSigner.Rsa("next.test", "n");
    private static readonly TestSigner Curve = TestSigner.Ed25519("curve.test");

    private readonly ZoneInspector _zone = new();

    public ArcTests()
    {
        foreach (var key in new[] { List, Next, Curve }) key.Publish(_zone.Add);
    }

    [Fact]
    public async Task A_chain_is_whole_and_tells_who_sealed_and_since_when_the_message_is_unchanged()
    {
        var arc = await CheckAsync(Curve.Seal(Next.Seal(List.Seal(Plain, 1), 2), 3));
        Assert.Equal((ArcResult.Pass, 0), (arc.Result, arc.OldestPass));
        Assert.Equal(["list.test", "next.test", "curve.test"], arc.Sealer);
        Assert.Equal([(1, "none"), (2, "pass"), (3, "pass")], arc.Instances.Select(one => (one.Instance, one.ChainStatus!)));
        Assert.All(arc.Instances, one => Assert.Equal((DkimResult.Pass, DkimResult.Pass), (one.SealResult, one.SignatureResult)));

        // A list that changes the text between: its own signature and those after it count.
        var changed = await CheckAsync(Next.Seal(List.Seal(Plain, 1).Replace("Hello", "Hello from the list", StringComparison.Ordinal), 2));
        Assert.Equal((ArcResult.Pass, 2), (changed.Result, changed.OldestPass));
        Assert.Equal([DkimResult.Fail, DkimResult.Pass], changed.Instances.Select(one => one.SignatureResult));
    }

    [Theory]
    [InlineData("the text", "The message is not the one that next.test has signed (instance 2)")]
    [InlineData("the results of the first", "Instance 2, by next.test: The seal does not fit")]
    [InlineData("the first set is gone", "The chain has gaps: it has the instances 2.")]
    [InlineData("the first seal is gone", "Instance 1: The set is not whole")]
    [InlineData("a second seal", "Instance 2: The set is not whole")]
    [InlineData("instance 0", "no instance (i=) from 1 to 50")]
    [InlineData("instance 51", "no instance (i=) from 1 to 50")]
    [InlineData("h in the seal", "must not have")]
    [InlineData("no key", "There is no key at n._domainkey.next.test")]
    public async Task What_breaks_a_chain_is_told(string change, string reason)
    {
        var arc = await CheckAsync(Change(Next.Seal(List.Seal(Plain, 1), 2), change));
        Assert.Equal(ArcResult.Fail, arc.Result);
        Assert.Contains(reason, arc.Reason, StringComparison.Ordinal);
        Assert.Null(change == "the text" ? arc.OldestPass : null);
    }

    [Theory]
    [InlineData("fail", "has found the chain broken before it (cv=fail)")]
    [InlineData("none", "Instance 2 says cv=none, which cannot be there.")]
    [InlineData("maybe", "Instance 2 says cv=maybe, which cannot be there.")]
    public async Task What_a_seal_says_of_the_chain_before_it_counts(string status, string reason)
    {
        var arc = await CheckAsync(Next.Seal(List.Seal(Plain, 1), 2, status));
        Assert.Equal((ArcResult.Fail, true), (arc.Result, arc.Reason.Contains(reason, StringComparison.Ordinal)));
        Assert.Equal(ArcResult.Fail, (await CheckAsync(List.Seal(Plain, 1, "pass"))).Result);
    }

    [Fact]
    public async Task A_DNS_without_an_answer_is_a_temporary_error_and_no_chain_is_none()
    {
        _zone.Fails = name => name.StartsWith("l.", StringComparison.Ordinal);
        Assert.Equal(ArcResult.TempError, (await CheckAsync(Next.Seal(List.Seal(Plain, 1), 2))).Result);
        Assert.Equal(ArcResult.None, (await CheckAsync(Plain)).Result);
    }

    [Fact]
    public async Task A_chain_of_fifty_is_validated_and_a_longer_one_is_not()
    {
        var message = Plain;
        for (var i = 1; i <= 50; i++) message = List.Seal(message, i);
        Assert.Equal((ArcResult.Pass, 50), (await CheckAsync(message) is var arc ? arc.Result : default, arc.Instances.Length));
        Assert.Equal(ArcResult.Fail, (await CheckAsync(List.Seal(message, 51))).Result);
    }

    private static string Change(string message, string change)
    {
        var lines = message.Split("\r\n").ToList();
        switch (change)
        {
            case "the text": return message.Replace("Hello", "Hallo", StringComparison.Ordinal);
            case "the results of the first": return message.Replace("i=1; list.test; spf=pass", "i=1; list.test; spf=fail", StringComparison.Ordinal);
            case "the first set is gone": return message[..message.IndexOf("ARC-Seal: i=1", StringComparison.Ordinal)] + Plain;
            case "the first seal is gone": lines.RemoveAll(line => line.StartsWith("ARC-Seal: i=1", StringComparison.Ordinal)); break;
            case "a second seal": lines.Insert(0, lines.First(line => line.StartsWith("ARC-Seal: i=2", StringComparison.Ordinal))); break;
            case "instance 0": lines.Insert(0, "ARC-Authentication-Results: i=0; x.test; none"); break;
            case "instance 51": lines.Insert(0, "ARC-Authentication-Results: i=51; x.test; none"); break;
            case "h in the seal": return message.Replace("ARC-Seal: i=2;", "ARC-Seal: i=2; h=from;", StringComparison.Ordinal);
            case "no key": return message;
            default: throw new ArgumentException(change);
        }
        return string.Join("\r\n", lines);
    }

    private async Task<ArcCheck> CheckAsync(string message)
    {
        // The case without a key has its zone to itself.
        var zone = _zone;
        if (TestContext.Current.Test!.TestDisplayName.Contains("no key", StringComparison.Ordinal))
        {
            zone = new ZoneInspector();
            List.Publish(zone.Add);
        }
        var found = await new MessageAuthenticator(zone, new AuthenticityOptions { At = DateTimeOffset.UnixEpoch }).CheckAsync(Encoding.ASCII.GetBytes(message), TestContext.Current.CancellationToken);
        return Assert.IsType<MessageAuthenticity>(found).Arc;
    }
}
