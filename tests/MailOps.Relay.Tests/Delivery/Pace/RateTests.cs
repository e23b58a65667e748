using MailOps.Relay.Delivery.Pace;

namespace MailOps.Relay.Tests.Delivery.Pace;

public sealed class RateTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 3, 7, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 60)]
    [InlineData(30, 10)]
    [InlineData(600, 5)]
    [InlineData(30_000, 2)]
    public void A_rate_is_kept_within_5_percent_though_every_timer_is_late(int perMinute, int minutes)
    {
        var rate = new MinuteRate();
        var sent = new List<DateTimeOffset>();
        for (var now = Start; now < Start.AddMinutes(minutes);)
        {
            if (rate.WaitUntil(now, perMinute) is { } until)
            {
                now = until.AddMilliseconds(7);
                continue;
            }
            rate.Take(now, perMinute);
            sent.Add(now);
        }
        Assert.InRange(sent.Count, 0.95 * perMinute * minutes, (1.05 * perMinute * minutes) + 1);
        for (var (first, i) = (0, 0); i < sent.Count; i++)
        {
            while (sent[i] - sent[first] >= TimeSpan.FromMinutes(1)) first++;
            Assert.InRange(i - first + 1, 1, (1.05 * perMinute) + 1);
        }
    }

    [Fact]
    public void After_a_rest_there_is_no_burst()
    {
        var rate = new MinuteRate();
        rate.Take(Start, 600);
        var now = Start.AddHours(1);
        var burst = 0;
        for (; rate.WaitUntil(now, 600) is null; burst++) rate.Take(now, 600);
        Assert.InRange(burst, 1, 3);
    }

    [Fact]
    public void A_clock_that_is_set_back_stops_nothing_for_longer_than_a_step()
    {
        var rate = new MinuteRate();
        rate.Take(Start, 30);
        Assert.InRange(rate.WaitUntil(Start.AddHours(-5), 30)!.Value, Start.AddHours(-5), Start.AddHours(-5).AddSeconds(2));
    }

    [Fact]
    public void A_day_is_any_24_hours_and_a_step_of_ten_minutes_at_most_longer()
    {
        var day = new DayCount();
        day.Take(Start, 60);
        day.Take(Start.AddHours(3), 40);
        var now = Start.AddHours(23);
        Assert.Equal(100, day.Used(now));
        Assert.Null(day.WaitUntil(now, 10, 110));
        var first = day.WaitUntil(now, 60, 100)!.Value;
        Assert.InRange(first, Start.AddHours(24), Start.AddHours(24).AddMinutes(10));
        Assert.InRange(day.WaitUntil(now, 61, 100)!.Value, Start.AddHours(27), Start.AddHours(27).AddMinutes(10));
        Assert.Null(day.WaitUntil(first, 60, 100));
        Assert.Equal(40, day.Used(first));
        Assert.Equal(0, day.Used(Start.AddDays(2)));
    }

    [Fact]
    public void What_did_not_go_is_taken_out_of_the_step_in_which_it_was_counted()
    {
        var day = new DayCount();
        day.Take(Start, 7);
        day.Take(Start.AddMinutes(15), 5);
        day.GiveBack(Start.AddMinutes(16), Start, 6);
        Assert.Equal(6, day.Used(Start.AddMinutes(16)));
        Assert.Equal(5, day.Used(Start.AddHours(24).AddMinutes(10)));   // the step of the one that is left is over
        day.GiveBack(Start.AddMinutes(17), Start.AddMinutes(15), 2);
        Assert.Equal(3, day.Used(Start.AddHours(24).AddMinutes(10)));
        day.GiveBack(Start.AddHours(24).AddMinutes(10), Start, 1);      // what no longer counts does not count twice
        Assert.Equal(3, day.Used(Start.AddHours(24).AddMinutes(10)));
        Assert.Equal([3], day.Steps.Select(step => step.Count));
    }

    [Fact]
    public void A_day_is_remembered()
    {
        var day = new DayCount();
        for (var i = 0; i < 50; i++) day.Take(Start.AddMinutes(7 * i), i);
        var other = new DayCount();
        other.Restore(day.Steps);
        for (var hours = 6; hours < 40; hours++) Assert.Equal(day.Used(Start.AddHours(hours)), other.Used(Start.AddHours(hours)));
    }

    [Fact]
    public void What_has_more_recipients_than_a_day_may_go_when_nothing_else_counts()
    {
        var day = new DayCount();
        Assert.Null(day.WaitUntil(Start, 100, 5));
        day.Take(Start, 1);
        Assert.NotNull(day.WaitUntil(Start, 100, 5));
    }

    [Fact]
    public void What_cannot_be_reached_is_left_alone_for_longer_each_time()
    {
        var hold = new HoldDown(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(67));
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 67, 67], Enumerable.Range(1, 9).Select(i => hold.After(i).TotalMinutes));
    }
}
