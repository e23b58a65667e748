using MailOps.Messages;
using MailOps.Relay.Control;
using MailOps.Relay.Delivery;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Control;

public sealed class QueueViewsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly QueueViews _views = new("lab", (address, redirect, _) => new NextHop(RouteKind.Mx, redirect ?? address.Domain), _ => null);

    [Fact]
    public void A_queue_counts_a_message_once_however_many_of_its_recipients_wait_there()
    {
        var queues = _views.Queues(
            [
                new FakeSketch(Waiting("a@a.test"), Waiting("b@a.test"), Deferred("c@b.test", 5, "451 old", 1)),
                new FakeSketch(Deferred("d@b.test", 9, "452 new", 2), Done("e@a.test")).With(MessageHold.Suspended, null),
                new FakeSketch(Done("f@c.test"), Waiting("g@d.test")).With(MessageHold.None, "r.test"),
            ],
            ["b.test", "z.test"],
            Now);
        Assert.Equal(
            [(@"lab\b.test", "Suspended", 2, 2, 1, "452 new"), (@"lab\a.test", "Ready", 1, 0, 0, null), (@"lab\r.test", "Ready", 1, 0, 0, null), (@"lab\z.test", "Suspended", 0, 0, 0, null)],
            queues.Select(q => (q.Identity, q.Status, q.MessageCount, q.DeferredMessageCount, q.SuspendedMessageCount, q.LastError)));
        Assert.Equal((Now.AddMinutes(5), Now.AddMinutes(-8)), (queues[0].NextRetryTime, queues[0].LastRetryTime));
    }

    [Fact]
    public void A_suspended_message_stands_in_no_schedule_neither_its_own_nor_that_of_its_queue()
    {
        var queue = Assert.Single(_views.Queues(
            [
                new FakeSketch(Deferred("a@a.test", 5, "451 no", 1)),
                new FakeSketch(Deferred("b@a.test", -3, "451 no", 9)).With(MessageHold.Suspended, null),
            ],
            [],
            Now));
        Assert.Equal(("Retry", 2, 1, Now.AddMinutes(5)), (queue.Status, queue.MessageCount, queue.SuspendedMessageCount, queue.NextRetryTime));

        var state = new QueuedMessageState("ID", "a@x.test", null, Now, 10, false, [Deferred("b@a.test", -3, "451 no", 1)]) { Hold = MessageHold.Suspended };
        var message = _views.Message(state, new RetryOptions(), Now);
        Assert.Equal(("Suspended", null), (message.Status, message.NextRetryTime));
    }

    [Fact]
    public void Addresses_are_read_once_and_not_for_every_count()
    {
        var messages = Enumerable.Range(0, 10).Select(i => new FakeSketch(Deferred($"u{i}@a.test", 5, "451 no", 1))).ToList();
        for (var i = 0; i < 3; i++) Assert.Equal(10, Assert.Single(_views.Queues(messages, [], Now)).MessageCount);
        Assert.All(messages, message => Assert.Equal(1, message.Reads));
        Assert.All(messages, message => Assert.Same(messages[0].Remembered, message.Remembered));
    }

    [Theory]
    [InlineData(MessageHold.None, false, -1, "Ready")]
    [InlineData(MessageHold.None, false, 1, "Retry")]
    [InlineData(MessageHold.None, true, 1, "Active")]
    [InlineData(MessageHold.Suspended, false, 1, "Suspended")]
    [InlineData(MessageHold.Suspended, true, 1, "PendingSuspend")]
    [InlineData(MessageHold.Remove, true, 1, "PendingRemove")]
    [InlineData(MessageHold.RemoveWithReport, false, 1, "PendingRemove")]
    public void A_message_has_the_status_word_of_Exchange(MessageHold hold, bool claimed, int minutes, string status)
    {
        var state = new QueuedMessageState("ID", "a@x.test", null, Now, 10, claimed, [Deferred("b@a.test", minutes, "451 no", 1)]) { Hold = hold };
        Assert.Equal(status, _views.Message(state, new RetryOptions(), Now).Status);
    }

    [Theory]
    [InlineData(null, 5)]
    [InlineData(-1, 5)]
    [InlineData(2, 7)]
    public void A_message_expires_its_lifetime_after_it_might_first_be_tried(int? heldForDays, int expiresAfterDays)
    {
        var state = new QueuedMessageState("ID", "a@x.test", null, Now, 10, false, [Waiting("b@a.test")]) { HoldUntil = heldForDays is { } days ? Now.AddDays(days) : null };
        Assert.Equal(Now.AddDays(expiresAfterDays), _views.Message(state, new RetryOptions(), Now).ExpirationTime);
    }

    [Fact]
    public void A_message_expires_with_the_last_of_those_that_still_wait_each_by_its_route()
    {
        var views = new QueueViews("lab", (address, _, _) => new NextHop(RouteKind.Mx, address.Domain) { Way = new RouteWay(new RouteOptions { Retry = new() { Lifetime = TimeSpan.FromDays(address.LocalPart.Length) } }) }, _ => null);
        Assert.Equal(2, Days(Waiting("a@a.test"), Deferred("bb@a.test", 5, "451 no", 1), Done("ccc@a.test")));
        Assert.Equal(9, Days(Waiting("a@a.test"), Waiting("nineninen@a.test")));

        double Days(params QueuedRecipientState[] recipients) =>
            (views.Message(new QueuedMessageState("ID", "a@x.test", null, Now, 10, false, recipients), new RetryOptions(), Now).ExpirationTime - Now).TotalDays;
    }

    private static QueuedRecipientState Waiting(string address) => new(address, null, 0, Now, null, null);

    private static QueuedRecipientState Deferred(string address, int minutes, string reply, int last) => new(address, DeliveryStatus.Deferred, 1, Now.AddMinutes(minutes), Now.AddMinutes(last - 10), reply);

    private static QueuedRecipientState Done(string address) => new(address, DeliveryStatus.Delivered, 1, null, Now, "250 Ok");

    private sealed class FakeSketch(params QueuedRecipientState[] recipients) : QueuedSketch
    {
        private MessageHold _hold;
        private string? _redirect;

        public int Reads { get; private set; }

        public override string Id => "ID";

        public override bool Claimed => false;

        public override MessageHold Hold => _hold;

        public override string? Redirect => _redirect;

        public override int Recipients => recipients.Length;

        public override object? Remembered { get; set; }

        public override QueuedRecipientState this[int recipient] => recipients[recipient];

        public override QueuedAddresses? ReadAddresses()
        {
            Reads++;
            return new QueuedAddresses(new MailSender(null), [.. recipients.Select(r => EmailAddress.Parse(r.Address))]);
        }

        public FakeSketch With(MessageHold hold, string? redirect)
        {
            (_hold, _redirect) = (hold, redirect);
            return this;
        }
    }
}
