using MailOps.Messages;
using MailOps.Providers;
using MailOps.Submission;
using MailOps.Tests.Shared;
using static MailOps.Core.Tests.Submission.SmtpSubmissionTests;

namespace MailOps.Core.Tests.Submission;

public sealed class SendQuotaTests
{
    private DateTime _now = new(2026, 11, 26, 12, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_window_slides()
    {
        var quota = Quota(new MailProvider { Name = "x", DisplayName = "X", MessagesPerMinute = 2 });

        Assert.Null(quota.Take(1));
        _now = _now.AddSeconds(20);
        Assert.Null(quota.Take(500));
        Assert.Equal(TimeSpan.FromSeconds(40), quota.Take(1));
        Assert.Equal(("X takes 2 messages a minute", _now.AddSeconds(40)), quota.Waiting);
        _now = _now.AddSeconds(39);
        Assert.Equal(TimeSpan.FromSeconds(1), quota.Take(1));
        _now = _now.AddSeconds(1);
        Assert.Null(quota.Take(1));
        Assert.Null(quota.Waiting);
        Assert.Equal(TimeSpan.FromSeconds(20), quota.Take(1));
    }

    [Fact]
    public void Recipients_of_a_day_count_each()
    {
        var quota = Quota(new MailProvider { Name = "x", DisplayName = "X", RecipientsPerDay = 10, MessagesPerDay = 100 });

        Assert.Null(quota.Take(6));
        Assert.Null(quota.Take(4));
        Assert.Equal(TimeSpan.FromDays(1), quota.Take(1));
        _now = _now.AddDays(1);
        Assert.Null(quota.Take(10));
    }

    [Fact]
    public void What_alone_is_over_a_limit_goes_when_nothing_else_counts()
    {
        var quota = Quota(new MailProvider { Name = "x", DisplayName = "X", RecipientsPerDay = 10 });

        Assert.Null(quota.Take(1));
        Assert.Equal(TimeSpan.FromDays(1), quota.Take(50));
        _now = _now.AddDays(1);
        Assert.Null(quota.Take(50));
    }

    [Fact]
    public void What_went_before_counts_until_it_is_a_day_old()
    {
        var quota = Quota(new MailProvider { Name = "x", DisplayName = "X", MessagesPerDay = 3 });
        quota.Remember([(_now.AddHours(-1), 1), (_now.AddHours(-25), 1), (_now.AddHours(-23), 1), (_now.AddHours(1), 1)]);

        Assert.Null(quota.Take(1));
        Assert.Equal(TimeSpan.FromHours(1), quota.Take(1));
    }

    [Fact]
    public void A_provider_without_numbers_has_no_limits()
    {
        var quota = Quota(new MailProvider { Name = "x", DisplayName = "X" });

        for (var i = 0; i < 10_000; i++) Assert.Null(quota.Take(1000));
        Assert.Equal(int.MaxValue, quota.RecipientsPerMessage);
    }

    [Fact]
    public async Task A_message_for_more_than_a_provider_takes_goes_in_several_and_waits_between()
    {
        using var server = new LoopbackSmtpServer(("RCPT TO:<a4@", "550 5.1.1 no"));
        using var pool = new SubmissionPool(Options(server), 2);
        var quota = new SendQuota([new SendWindow(2, TimeSpan.FromSeconds(1), perRecipient: false, "2 a second")], recipientsPerMessage: 2);
        using var message = MessageComposer.Compose(Draft("a1@x.test, a2@x.test, a3@x.test, a4@x.test, a5@x.test"));
        var settled = new List<int>();

        var clock = System.Diagnostics.Stopwatch.StartNew();
        var result = await pool.SendAsync(message, quota, one => settled.Add(one.Recipients.Count), Token);

        Assert.True(clock.Elapsed > TimeSpan.FromSeconds(0.9), $"{clock.Elapsed}");
        Assert.Equal([2, 2, 1], settled);
        Assert.Equal(3, server.Messages.Count);
        Assert.Equal(["a1@x.test Delivered", "a2@x.test Delivered", "a3@x.test Delivered", "a4@x.test Failed", "a5@x.test Delivered"], result.Recipients.Select(one => one.ToString()));
        Assert.Equal("a4@x.test", Assert.Single(result.Errors).Target);
        Assert.Equal(message.MessageId, result.Message.MessageId);
    }

    [Fact]
    public async Task A_cancellation_ends_the_wait()
    {
        var quota = Quota(new MailProvider { Name = "x", DisplayName = "X", MessagesPerDay = 1 });
        await quota.TakeAsync(1, Token);
        using var cancel = new CancellationTokenSource();
        var waiting = quota.TakeAsync(1, cancel.Token);
        Assert.False(waiting.IsCompleted);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(10), Token));
    }

    [Fact]
    public void Every_provider_is_found_by_its_name_in_any_case() =>
        Assert.All(MailProviders.All, provider => Assert.Same(provider, MailProviders.Named(provider.Name.ToUpperInvariant())));

    private SendQuota Quota(MailProvider provider) => new(provider, () => _now);
}
