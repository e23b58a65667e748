using System.Net;
using System.Net.Sockets;
using MailOps.Relay.Tests.Server;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests;

/// <summary>The relay as a whole: what becomes of its parts when one of them fails.</summary>
public sealed class SmtpRelayTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-relay-").FullName;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private string Queue => Path.Combine(_folder, "queue");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_part_that_fails_when_the_relay_stops_is_told_and_leaves_no_other_running()
    {
        var relay = await SmtpRelay.StartAsync(Options(new Stubborn(answers: false)), Ended);
        var told = await Assert.ThrowsAsync<InvalidOperationException>(() => relay.StopAsync(TimeSpan.Zero, Ended));
        Assert.Equal("It does not want to end.", told.Message);
        await using var next = await SmtpRelay.StartAsync(Options(null), Ended);   // the folder is free
    }

    [Fact]
    public async Task A_part_that_fails_when_a_start_is_given_up_does_not_keep_the_folder()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var told = await Assert.ThrowsAsync<MailOpsException>(() => SmtpRelay.StartAsync(Options(new Stubborn(answers: false), ((IPEndPoint)taken.LocalEndpoint).Port), Ended));
        Assert.Equal(ErrorCode.RelayListenFailed, told.Code);
        await using var next = await SmtpRelay.StartAsync(Options(null), Ended);
        Assert.Contains("It does not want to end.", await File.ReadAllTextAsync(Directory.GetFiles(Path.Combine(Queue, "tracking"), "*.faults.log").Single(), Ended), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_is_opened_beside_its_caller_who_hears_from_the_task_what_went_wrong()
    {
        await using var relay = await SmtpRelay.StartAsync(Options(null), Ended);
        await relay.ActOnQueuesAsync(["*"], new SmtpRelayAction(SmtpRelayActionKind.Suspend), Ended);
        await using var client = await TestClient.ConnectAsync(relay.GetStatus().Port);
        foreach (var line in (string[])["EHLO x", "MAIL FROM:<a@example.test>", "RCPT TO:<b@example.test>", "DATA"]) await client.AskAsync(line);
        await client.SendAsync(string.Concat(Enumerable.Repeat(new string('x', 998) + "\r\n", 6000)) + ".\r\n");
        await Poll.UntilAsync(() => relay.GetStatus().MessageCount == 1);
        var content = Directory.GetFiles(Path.Combine(Queue, "content")).Single();
        var id = Path.GetFileNameWithoutExtension(content);
        await using (var opened = await relay.OpenMessageAsync(id, Ended)) Assert.Equal(new FileInfo(content).Length, opened!.Length);
        Assert.Null(await relay.OpenMessageAsync("000", Ended));
        File.Delete(content);
        var opening = relay.OpenMessageAsync(id, Ended);
        Assert.Equal(ErrorCode.FileUnreadable, (await Assert.ThrowsAsync<MailOpsException>(() => opening)).Code);
    }

    private SmtpRelayOptions Options(Stubborn? users, int port = 0) => new()
    {
        QueuePath = Queue,
        Listeners = [new ListenerOptions { Endpoint = $"127.0.0.1:{port}", Tls = TlsMode.None }],
        Authentication = users is null ? new AuthenticationOptions() : new AuthenticationOptions { Check = users.CheckAsync },
    };

    private sealed class Stubborn(bool answers) : IDisposable
    {
        private readonly bool _answers = answers;

        public Task<bool> CheckAsync(string _1, string _2, IPAddress _3, CancellationToken _4) => Task.FromResult(_answers);

        public void Dispose() => throw new InvalidOperationException("It does not want to end.");
    }
}
