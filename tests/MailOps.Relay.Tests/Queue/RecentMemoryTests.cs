using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Queue;

namespace MailOps.Relay.Tests.Queue;

public sealed class RecentMemoryTests
{
    private readonly RecentMemory _memory = new(10_240);
    private ulong _id;

    [Fact]
    public void What_comes_first_stays_where_there_is_one_domain()
    {
        var entries = Enumerable.Range(0, 12).Select(_ => Keep("dead.test")).ToList();
        Assert.Equal([.. Enumerable.Repeat(true, 10), false, false], entries.Select(entry => entry.Recent is not null));
        Assert.False(_memory.Allows(entries[0].Lane, 1024));
        Assert.Equal(10_240, _memory.Bytes);
        _memory.Forget(entries[3]);
        _memory.Forget(entries[3]);
        Assert.Equal(9216, _memory.Bytes);
        Assert.NotNull(Keep("dead.test").Recent);
    }

    [Fact]
    public void The_domain_that_has_most_gives_way_with_its_last_until_the_others_have_as_much()
    {
        var dead = Enumerable.Range(0, 10).Select(_ => Keep("dead.test")).ToList();
        var live = Enumerable.Range(0, 7).Select(_ => Keep("live.test")).ToList();
        Assert.Equal([.. Enumerable.Repeat(true, 5), .. Enumerable.Repeat(false, 5)], dead.Select(entry => entry.Recent is not null));
        Assert.Equal([.. Enumerable.Repeat(true, 5), false, false], live.Select(entry => entry.Recent is not null));
        Assert.Equal(10_240, _memory.Bytes);
        foreach (var entry in dead.Concat(live)) _memory.Forget(entry);
        Assert.Equal(0, _memory.Bytes);
    }

    [Fact]
    public void What_is_larger_than_all_of_it_drives_nothing_out()
    {
        var small = Keep("dead.test");
        Assert.False(_memory.Allows(Lanes.Of("live.test"), 10_241));
        Assert.Null(Keep("live.test", 10_000).Recent);
        Assert.NotNull(small.Recent);
    }

    private QueueEntry Keep(string domain, int content = 0)
    {
        var id = new QueueId(++_id);
        var envelope = new Envelope(id, 0, new MailSender(null), [new MailRecipient(EmailAddress.Parse("u@" + domain))], content, false);
        var entry = new QueueEntry(envelope.Summary) { Lane = Lanes.Of(domain) };
        var cost = RecentMessage.CostOf(envelope, content);
        if (_memory.Allows(entry.Lane, cost)) _memory.Keep(entry, new RecentMessage(envelope, new byte[content]));
        return entry;
    }
}
