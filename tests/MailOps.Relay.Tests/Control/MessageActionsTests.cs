using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Delivery;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using MimeKit;
using static MailOps.SmtpRelayActionKind;

namespace MailOps.Relay.Tests.Control;

/// <summary>What an administrator does with messages, while they wait and while they are delivered.</summary>
public sealed class MessageActionsTests
{
    private const string Unknown = "0000000000000";

    [Fact]
    public async Task A_suspended_message_waits_past_its_lifetime_and_is_delivered_when_it_is_resumed()
    {
        await using var server = Greylisting();
        await using var admin = await AdminScene.StartAsync(server);
        var id = await DeferredAsync(admin);
        Assert.Equal(SmtpRelayActionOutcome.Done, (await admin.MessageAsync(id, Suspend)).Outcome);
        Assert.Equal("Suspended", admin.Message(id)!.Status);
        admin.Scene.Clock.Advance(TimeSpan.FromDays(30));
        server.On = _ => null;
        var other = await admin.Scene.SendAsync("other@example.test");
        await Poll.UntilAsync(() => admin.Message(other) is null);
        Assert.Equal("<other@example.test>", Assert.Single(Assert.Single(server.Mail).To));

        await admin.MessageAsync(id, Resume);
        await admin.Scene.UntilEmptyAsync();
        Assert.Equal((2, 0), (server.Mail.Count, admin.Scene.Agent.Failed));
        Assert.Equal([("SUSPEND", id), ("RESUME", id)], admin.Scene.Trace.Events.Where(e => e.Source == "ADMIN" && e.SourceContext == "ada").Select(e => (e.EventId, e.InternalMessageId!)));
    }

    [Fact]
    public async Task A_message_suspended_during_an_attempt_waits_after_it_and_is_delivered_where_the_attempt_does_that()
    {
        using var gate = new SemaphoreSlim(0);
        await using var server = new FakeMailServer();
        string? reply = null;
        server.OnContent = _ =>
        {
            gate.Wait();
            return reply;
        };
        await using var admin = await AdminScene.StartAsync(server);
        foreach (var delivered in new[] { true, false })
        {
            var id = await admin.Scene.SendAsync("user@example.test");
            await UnderWayAsync(server, id, admin);
            reply = delivered ? null : "450 4.2.0 Not now";
            var result = await admin.MessageAsync(id, Suspend);
            Assert.Equal((SmtpRelayActionOutcome.Pending, "PendingSuspend"), (result.Outcome, admin.Message(id)!.Status));
            gate.Release();
            await admin.UntilQuietAsync();
            Assert.Equal(delivered ? null : "Suspended", admin.Message(id)?.Status);
        }
    }

    [Fact]
    public async Task A_message_that_waits_behind_others_for_a_connection_goes_back_at_once_when_it_is_suspended()
    {
        using var gate = new SemaphoreSlim(0);
        await using var server = Gated(gate);
        await using var admin = await AdminScene.StartAsync(server);
        var first = await admin.Scene.SendAsync("first@example.test");
        await UnderWayAsync(server, first, admin);
        var second = await admin.Scene.SendAsync("second@example.test");
        await Poll.UntilAsync(() => admin.Message(second)!.Status == "Active");
        await admin.MessageAsync(second, Suspend);
        await Poll.UntilAsync(() => admin.Message(second)!.Status == "Suspended");
        Assert.Equal("Active", admin.Message(first)!.Status);
        gate.Release(10);
        await Poll.UntilAsync(() => admin.Message(first) is null);
        Assert.Single(server.Mail);
    }

    [Theory]
    [InlineData(true, true, DsnNotify.Unspecified, 1)]
    [InlineData(false, true, DsnNotify.Unspecified, 0)]
    [InlineData(true, false, DsnNotify.Unspecified, 0)]
    [InlineData(true, true, DsnNotify.Never, 0)]
    [InlineData(true, true, DsnNotify.Success, 0)]
    [InlineData(true, true, DsnNotify.Failure, 1)]
    public async Task A_removed_message_is_gone_and_its_sender_told_once_where_he_is_to_be(bool withReport, bool hasSender, DsnNotify notify, int reports)
    {
        await using var server = Greylisting();
        await using var admin = await AdminScene.StartAsync(server);
        var id = await admin.Scene.SendAsync(hasSender ? Sender : new MailSender(null), "Subject: Gone\r\n\r\nText\r\n"u8.ToArray(), To("one@example.test", notify), To("two@example.test", notify));
        await admin.Scene.UntilDeferredAsync(2);
        Assert.Equal(SmtpRelayActionOutcome.Done, (await admin.MessageAsync(id, Remove, withReport: withReport)).Outcome);
        Assert.Null(admin.Message(id));
        await admin.Scene.UntilEmptyAsync();

        Assert.Equal(reports, admin.Origin.Mail.Count);
        Assert.Empty(server.Mail);
        var step = Assert.Single(admin.Scene.Trace.Of("FAIL"));
        Assert.Equal(("ADMIN", "ada", id), (step.Source, step.SourceContext, step.InternalMessageId));
        Assert.Equal(["one@example.test", "two@example.test"], step.Recipients);
        if (reports == 0) return;
        using var content = new MemoryStream(admin.Origin.Mail[0].Content);
        var groups = Assert.IsType<MessageDeliveryStatus>(Assert.IsType<MultipartReport>(MimeMessage.Load(content, DeliveryScene.Ended).Body)[1]).StatusGroups;
        Assert.Equal([("rfc822; one@example.test", "failed", "5.3.0"), ("rfc822; two@example.test", "failed", "5.3.0")], groups.Skip(1).Select(g => (g["Final-Recipient"], g["Action"], g["Status"])));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task A_message_removed_during_an_attempt_goes_when_that_is_over_unless_it_was_delivered(bool delivers, int reports)
    {
        using var gate = new SemaphoreSlim(0);
        await using var server = new FakeMailServer();
        server.OnContent = _ =>
        {
            gate.Wait();
            return delivers ? null : "450 4.2.0 Not now";
        };
        await using var admin = await AdminScene.StartAsync(server);
        var id = await admin.Scene.SendAsync("user@example.test");
        await UnderWayAsync(server, id, admin);
        Assert.Equal(SmtpRelayActionOutcome.Pending, (await admin.MessageAsync(id, Remove)).Outcome);
        Assert.Equal("PendingRemove", admin.Message(id)!.Status);
        Assert.Equal(SmtpRelayActionOutcome.Failed, (await admin.MessageAsync(id, Resume)).Outcome);
        gate.Release();
        await admin.Scene.UntilEmptyAsync();
        Assert.Equal((delivers ? 1 : 0, reports), (server.Mail.Count, admin.Origin.Mail.Count));
    }

    [Fact]
    public async Task What_cannot_be_told_to_its_sender_is_not_removed()
    {
        await using var server = Greylisting();
        var refuse = false;
        await using var admin = await AdminScene.StartAsync(server, queue => new RefusingQueue(queue, () => refuse));
        var id = await DeferredAsync(admin);
        refuse = true;
        var result = await admin.MessageAsync(id, Remove);
        Assert.Equal(SmtpRelayActionOutcome.Failed, result.Outcome);
        Assert.Equal("Retry", admin.Message(id)!.Status);
        Assert.Equal(SmtpRelayActionOutcome.Done, (await admin.MessageAsync(id, Remove, withReport: false)).Outcome);
        Assert.Equal(0, admin.Scene.Queue.Count);
    }

    [Fact]
    public async Task A_removal_whose_report_finds_no_place_when_the_attempt_is_over_is_made_later()
    {
        using var gate = new SemaphoreSlim(0);
        await using var server = Gated(gate, "450 4.2.0 Not now");
        var refuse = false;
        await using var admin = await AdminScene.StartAsync(server, queue => new RefusingQueue(queue, () => refuse));
        var id = await admin.Scene.SendAsync("user@example.test");
        await UnderWayAsync(server, id, admin);
        await admin.MessageAsync(id, Remove);
        refuse = true;
        gate.Release(10);
        await Poll.UntilAsync(() => admin.Message(id)!.LastError?.Contains("To be removed", StringComparison.Ordinal) == true);
        await admin.UntilQuietAsync();
        Assert.Equal("PendingRemove", admin.Message(id)!.Status);
        refuse = false;
        admin.Scene.Clock.Advance(TimeSpan.FromMinutes(5));
        await admin.Scene.UntilEmptyAsync();
        Assert.Equal((0, 1), (server.Mail.Count, admin.Origin.Mail.Count));
    }

    [Fact]
    public async Task A_redirected_message_goes_to_the_server_named_at_once_and_shows_it()
    {
        await using var server = Greylisting();
        await using var other = new FakeMailServer { Greeting = "421 4.3.2 Not yet" };
        await using var admin = await AdminScene.StartAsync(server);
        var id = await DeferredAsync(admin);
        await admin.MessageAsync(id, Redirect, $"127.0.0.1:{other.Port}");
        await admin.Scene.UntilDeferredAsync(2);
        var shown = admin.Message(id)!;
        Assert.Equal(($"127.0.0.1:{other.Port}", $@"lab\127.0.0.1:{other.Port}"), (shown.Recipients[0].NextHopDomain, Assert.Single(shown.Queue)));
        Assert.Equal(1, server.Connections);
        Assert.Equal($"127.0.0.1:{other.Port}", Assert.Single(admin.Queues()).NextHopDomain);

        server.On = _ => null;
        Assert.Equal(SmtpRelayActionOutcome.Done, (await admin.MessageAsync(id, Resubmit)).Outcome);
        await admin.Scene.UntilEmptyAsync();
        Assert.Equal((1, 0), (server.Mail.Count, other.Mail.Count));
        Assert.Equal($"127.0.0.1:{other.Port}", Assert.Single(admin.Scene.Trace.Of("REDIRECT")).ServerHostname);
    }

    [Fact]
    public async Task A_message_redirected_while_an_attempt_fails_is_due_at_once_at_its_new_place()
    {
        using var gate = new SemaphoreSlim(0);
        await using var server = Gated(gate, "450 4.2.0 Not now");
        await using var other = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server, null, DeliveryScene.Route("other.invalid", other) with { Name = "Other" });
        var id = await admin.Scene.SendAsync("user@example.test");
        await UnderWayAsync(server, id, admin);
        Assert.Equal(SmtpRelayActionOutcome.Pending, (await admin.MessageAsync(id, Redirect, "other")).Outcome);
        gate.Release(10);
        await admin.Scene.UntilEmptyAsync();
        Assert.Equal("<user@example.test>", Assert.Single(Assert.Single(other.Mail).To));
    }

    [Theory]
    [InlineData("standbyy", "'standbyy' is no route of this relay (those with a name are: standby) and was taken for the server standbyy:25, for which the DNS has no address")]
    [InlineData("slow.test:26", "server slow.test:26, for which the DNS gives no answer now")]
    [InlineData("there.test", null)]
    [InlineData("STANDBY", null)]
    [InlineData("routed.invalid:587", null)]
    [InlineData("127.0.0.1:1", null)]
    public async Task A_target_that_may_be_a_slip_is_taken_and_what_for_is_said(string target, string? reason)
    {
        await using var server = Greylisting();
        var routed = new RouteOptions { Name = "standby", Domain = "x.invalid", Kind = RouteKind.SmartHost, Host = "routed.invalid:587" };
        await using var admin = await AdminScene.StartAsync(server, null, routed);
        admin.Scene.Zone.Addresses["there.test"] = ["127.0.0.1"];
        admin.Scene.Zone.Fail.Add("A slow.test");
        var id = await DeferredAsync(admin);
        await admin.MessageAsync(id, Suspend);
        var result = await admin.MessageAsync(id, Redirect, target);
        Assert.Equal(SmtpRelayActionOutcome.Done, result.Outcome);
        if (reason is null) Assert.Null(result.Reason);
        else Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_DNS_that_cannot_be_asked_is_asked_before_the_move_once_for_all_batches_and_costs_none_of_its_results()
    {
        await using var server = Greylisting();
        await using var admin = await AdminScene.StartAsync(server);
        var (asked, movedBefore) = (0, 0);
        var id = await DeferredAsync(admin);
        await admin.MessageAsync(id, Suspend);
        admin.Scene.Zone.Before = _ =>
        {
            (asked, movedBefore) = (asked + 1, admin.Scene.Trace.Of("REDIRECT").Count());
            throw new InvalidOperationException("no resolver");
        };
        for (var batch = 0; batch < 2; batch++)
        {
            var result = await admin.MessageAsync(id, Redirect, "gone.test");
            Assert.Equal(SmtpRelayActionOutcome.Done, result.Outcome);
            Assert.Contains("for which the DNS gives no answer now", result.Reason, StringComparison.Ordinal);
        }
        Assert.Equal((1, 0), (asked, movedBefore));
        Assert.Contains("asking the DNS for gone.test", Assert.Single(admin.Scene.Trace.Faults), StringComparison.Ordinal);
        admin.Scene.Trace.Forget();
        admin.Scene.Zone.Before = _ => Task.CompletedTask;
        admin.Scene.Zone.Addresses["gone.test"] = ["127.0.0.1"];
        admin.Scene.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null((await admin.MessageAsync(id, Redirect, "gone.test")).Reason);   // not remembered for long
    }

    [Fact]
    public async Task A_DNS_that_does_not_answer_holds_up_a_move_for_seconds()
    {
        await using var server = Greylisting();
        await using var admin = await AdminScene.StartAsync(server);
        var id = await DeferredAsync(admin);
        await admin.MessageAsync(id, Suspend);
        admin.Scene.Zone.Before = token => Task.Delay(Timeout.Infinite, token);
        var move = admin.MessageAsync(id, Redirect, "gone.test");
        Assert.False(move.IsCompleted);
        admin.Scene.Clock.Advance(TimeSpan.FromSeconds(5));
        var result = await move.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Contains("for which the DNS gives no answer now", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_by_hand_that_fails_does_not_lengthen_the_wait()
    {
        await using var server = Greylisting();
        await using var admin = await AdminScene.StartAsync(server);
        var id = await DeferredAsync(admin);
        for (var i = 2; i <= 5; i++)
        {
            admin.Scene.Clock.Advance(TimeSpan.FromSeconds(10));
            await admin.MessageAsync(id, i % 2 == 0 ? Retry : Resubmit);
            await admin.Scene.UntilDeferredAsync(i);
        }
        Assert.Equal((5, admin.Scene.Clock.GetUtcNow().AddMinutes(5)), (admin.Message(id)!.RetryCount, admin.Message(id)!.NextRetryTime));
    }

    [Fact]
    public async Task A_target_that_is_nothing_is_refused_and_the_routes_that_have_a_name_are_told()
    {
        await using var server = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server, null, DeliveryScene.Route("x.invalid", server) with { Name = "partner" });
        var fault = await Assert.ThrowsAsync<MailOpsException>(() => admin.MessageAsync(Unknown, Redirect, "no such thing"));
        Assert.Equal(ErrorCode.RelayTargetInvalid, fault.Code);
        Assert.Contains("partner", fault.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_of_many_has_its_own_result()
    {
        await using var server = Greylisting();
        await using var admin = await AdminScene.StartAsync(server);
        var id = await DeferredAsync(admin);
        var attempts = 1;
        foreach (var kind in new[] { Suspend, Resume, Retry, Resubmit, Remove })
        {
            var results = await admin.MessagesAsync([Unknown, id, "nonsense"], kind);
            Assert.Equal([SmtpRelayActionOutcome.NotFound, SmtpRelayActionOutcome.Done, SmtpRelayActionOutcome.NotFound], results.Select(r => r.Outcome));
            Assert.Equal([Unknown, id, "nonsense"], results.Select(r => r.Id));
            if (kind is Retry or Resubmit) await admin.Scene.UntilDeferredAsync(++attempts);   // a change to what is being delivered would be Pending
        }
    }

    private static readonly MailSender Sender = new(EmailAddress.Parse("sender@origin.test"));

    private static MailRecipient To(string address, DsnNotify notify) => new(EmailAddress.Parse(address)) { Notify = notify };

    private static FakeMailServer Greylisting() => new() { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.2.0 Greylisted" : null };

    private static FakeMailServer Gated(SemaphoreSlim gate, string? reply = null)
    {
        var server = new FakeMailServer();
        server.OnContent = _ =>
        {
            gate.Wait();
            return reply;
        };
        return server;
    }

    private static async Task<string> DeferredAsync(AdminScene admin)
    {
        var id = await admin.Scene.SendAsync("user@example.test");
        await admin.Scene.UntilDeferredAsync(1);
        return id;
    }

    private static Task UnderWayAsync(FakeMailServer server, string id, AdminScene admin)
    {
        var before = server.Mail.Count;
        return Poll.UntilAsync(() => admin.Message(id)?.Status == "Active" && server.Commands.Count(c => c.StartsWith("BDAT", StringComparison.Ordinal)) > before);
    }
}
