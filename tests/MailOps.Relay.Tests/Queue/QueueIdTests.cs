using System.Globalization;
using MailOps.Relay.Queue;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Queue;

public sealed class QueueIdTests
{
    [Theory]
    [InlineData(0UL, "0000000000000")]
    [InlineData(31UL, "000000000000Z")]
    [InlineData(32UL, "0000000000010")]
    [InlineData(ulong.MaxValue, "FZZZZZZZZZZZZ")]
    public void It_is_13_characters_of_base_32(ulong value, string text)
    {
        Assert.Equal(text, new QueueId(value).ToString());
        Assert.True(QueueId.TryParse(text.ToLowerInvariant(), out var id));
        Assert.Equal(value, id.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("000000000000")]
    [InlineData("00000000000000")]
    [InlineData("000000000000U")]
    [InlineData("000000000000-")]
    [InlineData("G000000000000")]
    public void What_is_not_an_id_is_not_read(string? text) => Assert.False(QueueId.TryParse(text, out _));

    [Fact]
    public void It_is_read_the_same_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("tr-TR");
            Assert.True(QueueId.TryParse("0123456789abc", out var id));
            Assert.Equal("0123456789ABC", id.ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Ids_grow_while_the_clock_runs_stands_still_or_goes_back()
    {
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        var ids = new QueueIdSequence(clock);
        var seen = new List<string>();
        for (var i = 0; i < 10_000; i++)
        {
            if (i % 100 == 0) clock.Advance(TimeSpan.FromMilliseconds(1));
            seen.Add(ids.Next().ToString());
        }
        Assert.Equal(seen.Order(StringComparer.Ordinal), seen);
        Assert.Equal(seen.Count, seen.Distinct().Count());

        var restarted = new QueueIdSequence(new FakeTimeProvider(clock.GetUtcNow().AddHours(-1)));
        restarted.Saw(ids.Last);
        Assert.True(restarted.Next().Value > ids.Last.Value);
    }

    [Fact]
    public async Task Ids_are_unique_though_many_ask_at_once()
    {
        var ids = new QueueIdSequence(new FakeTimeProvider());
        var seen = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 5000).Select(_ => ids.Next()).ToList())));
        Assert.Equal(20_000, seen.SelectMany(id => id).Distinct().Count());
    }

    [Fact]
    public async Task An_id_is_not_given_twice_though_the_queue_ran_empty_and_the_clock_went_back()
    {
        using var scene = new QueueScene { Settings = new LogQueueSettings { SegmentSize = 100 } };   // a record a segment: the accepted ones are deleted
        string last;
        await using (var queue = await scene.OpenAsync())
        {
            for (var i = 0; i < 3; i++) await QueueScene.SendAsync(queue, "text");
            last = await QueueScene.SendAsync(queue, "last");
            foreach (var message in await QueueScene.ClaimAllAsync(queue)) await queue.SettleAsync(message, [QueueScene.Delivered()], QueueScene.Ended);
        }
        var earlier = new FakeTimeProvider(scene.Clock.GetUtcNow().AddDays(-1));
        await using var again = await LogQueue.OpenAsync(scene.Folder, 0, scene.Faults, earlier, QueueScene.Ended);
        Assert.True(string.CompareOrdinal(await QueueScene.SendAsync(again, "text"), last) > 0);
    }
}
