using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery;

public sealed class PriorityTests
{
    [Fact]
    public async Task What_waits_for_a_next_hop_goes_by_priority_and_then_by_age()
    {
        using var gate = new SemaphoreSlim(0);
        await using var server = new FakeMailServer
        {
            OnContent = _ =>
            {
                gate.Wait();
                return null;
            },
        };
        await using var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)], Delivery = new DeliveryOptions { MaxConnectionsPerDestination = 1 } } };
        await scene.StartAsync();
        await scene.SendAsync("first@example.test");
        await Poll.UntilAsync(() => server.Commands.Any(c => c.StartsWith("BDAT", StringComparison.Ordinal)));
        foreach (var (name, priority) in new[] { ("a", 0), ("b", -9), ("c", 9), ("d", 0), ("e", 9), ("f", 3) })
            await scene.SendAsync(new MailSender(EmailAddress.Parse("sender@origin.test")) { Priority = priority }, "x\r\n", name + "@example.test");
        await Poll.UntilAsync(() => scene.Queue.Snapshot().All(m => m.Claimed));
        gate.Release(7);
        await scene.UntilEmptyAsync();
        Assert.Equal("fcefadb", string.Concat(server.Mail.Select(m => m.To[0][1])));
    }
}
