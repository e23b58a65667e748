using MailOps.Messages;
using MailOps.Relay.Policy;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Policy;

public sealed class SenderRewritingTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_sender_becomes_one_of_ours_and_is_found_again()
    {
        var srs = Srs("one");
        var rewritten = srs.Forward(EmailAddress.Parse("Ada.L=x@Example.test"), "ours.test")!;
        Assert.Matches("^SRS0=[A-Za-z0-9+/]{6}=[A-Z2-7]{2}=Example\\.test=Ada\\.L=x@ours\\.test$", rewritten.ToString());
        Assert.True(SenderRewriting.HasForm(rewritten));
        Assert.Equal("Ada.L=x@Example.test", srs.Reverse(rewritten)!.ToString());
        Assert.NotNull(srs.Reverse(EmailAddress.Parse(rewritten.ToString().ToLowerInvariant())));   // some servers change the case
    }

    [Theory]
    [InlineData(21, true)]
    [InlineData(22, false)]
    [InlineData(1000, false)]
    [InlineData(-1, false)]
    public void A_rewritten_address_is_good_for_21_days(int days, bool good)
    {
        var srs = Srs("one");
        var rewritten = srs.Forward(EmailAddress.Parse("a@example.test"), "ours.test")!;
        _clock.AdjustTime(_clock.GetUtcNow().AddDays(days));
        Assert.Equal(good, srs.Reverse(rewritten) is not null);
    }

    [Fact]
    public void What_another_has_rewritten_goes_the_short_way_back_to_him()
    {
        var (first, second, third) = (Srs("one"), Srs("two"), Srs("three"));
        var one = first.Forward(EmailAddress.Parse("a@example.test"), "first.test")!;
        var two = second.Forward(one, "second.test")!;
        Assert.StartsWith("SRS1=", two.LocalPart, StringComparison.Ordinal);
        var three = third.Forward(two, "third.test")!;
        Assert.Equal("third.test", three.Domain);
        Assert.Equal(two.LocalPart[12..], three.LocalPart[12..]);   // but for the hash
        Assert.Equal(one, third.Reverse(three));
        Assert.Equal(one, second.Reverse(two));
        Assert.Null(second.Reverse(three with { }));
        Assert.Equal("a@example.test", first.Reverse(one)!.ToString());
    }

    [Fact]
    public void A_hash_that_is_not_ours_or_of_another_sender_proves_nothing()
    {
        var rewritten = Srs("one").Forward(EmailAddress.Parse("a@example.test"), "ours.test")!.ToString();
        Assert.Null(Srs("two").Reverse(EmailAddress.Parse(rewritten)));
        Assert.NotNull(Srs("new", "one").Reverse(EmailAddress.Parse(rewritten)));   // the secret of before
        foreach (var forged in (string[])[rewritten.Replace("=a@", "=b@", StringComparison.Ordinal), rewritten.Replace("example", "another", StringComparison.Ordinal), "SRS0=a@ours.test", "SRS0=x=y@ours.test", "SRS0====@ours.test", "SRS1=x=y=z@ours.test"])
            Assert.Null(Srs("one").Reverse(EmailAddress.Parse(forged)));
    }

    [Theory]
    [InlineData("a-name-that-is-far-too-long-for-what-has-to-be-put-before-it@example.test")]
    [InlineData("\"a b\"@example.test")]
    public void What_would_be_no_address_stays(string sender) => Assert.Null(Srs("one").Forward(EmailAddress.Parse(sender), "ours.test"));

    private SenderRewriting Srs(params string[] secrets) => new([.. secrets.Select(System.Text.Encoding.UTF8.GetBytes)], _clock);
}
