using MailOps.Relay.Delivery.Trust.Reports;

namespace MailOps.Relay.Tests.Delivery.Trust.Reports;

public sealed class TlsResultCountsTests
{
    [Fact]
    public void Of_a_long_policy_the_beginning_is_kept_and_sessions_by_it_are_counted_together_also_after_a_restart()
    {
        var lines = Enumerable.Range(0, 2000).Select(i => $"mx: mx{i:D5}.example.test").ToList();
        var result = new TlsResult("example.test", new AppliedPolicy(TlsPolicyType.Sts, lines, lines), "mx1.example.test");
        var (day, before, counts) = (new DateOnly(2026, 3, 1), new TlsResultCounts(), new TlsResultCounts());
        before.Add(day, result);
        counts.Add(Assert.Single(before.All()));
        counts.Add(day, result);

        var policy = Assert.Single(Assert.Single(counts.All()).Policies);
        Assert.Equal(2, policy.Successes);
        Assert.InRange(policy.Policy.Strings.Sum(line => line.Length), 3000, 4096);
        Assert.InRange(policy.Policy.MxPatterns.Sum(line => line.Length), 3000, 4096);
        Assert.Equal(lines[0], policy.Policy.Strings[0]);
    }
}
