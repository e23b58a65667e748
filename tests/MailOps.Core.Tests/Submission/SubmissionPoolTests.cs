using System.Net;
using MailOps.Submission;
using MailOps.Tests.Shared;
using static MailOps.Core.Tests.Submission.SmtpSubmissionTests;

namespace MailOps.Core.Tests.Submission;

/// <summary>Several connections to one server, and what becomes of messages when connections are lost.</summary>
public sealed class SubmissionPoolTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_share_as_many_connections_as_allowed_and_each_arrives_once()
    {
        using var server = new LoopbackSmtpServer { MaxMessages = 7 };
        using var pool = new SubmissionPool(Options(server), 3);

        var results = await SendAllAsync(pool, 100);
        await pool.CloseAsync(Token);

        Assert.All(results, result => Assert.Empty(result.Errors));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"a{i}@x.test").Order(), Subjects(server));
        Assert.InRange(server.Connections, 100 / 7, (100 / 7) + 3);
    }

    [Fact]
    public async Task A_server_that_is_down_is_asked_by_one_connection_at_a_time()
    {
        using var server = new LoopbackSmtpServer(("(greeting)", LoopbackSmtpServer.Silence));
        using var pool = new SubmissionPool(Options(server) with { Timeout = TimeSpan.FromMilliseconds(300) }, 4);

        var sending = SendAllAsync(pool, 3);
        await Poll.UntilAsync(() => server.Connections > 0);
        Assert.Equal(1, server.Connections);

        Assert.All(await sending, result => Assert.Equal(ErrorCode.SmtpTimeout, Assert.Single(result.Errors).Error.Code));
        Assert.Equal(3, server.Connections);
    }

    [Fact]
    public async Task A_server_that_takes_fewer_connections_gets_all_messages_over_those()
    {
        using var server = new LoopbackSmtpServer { MaxConnections = 2 };
        using var pool = new SubmissionPool(Options(server), 8);

        var results = await SendAllAsync(pool, 60);

        Assert.All(results, result => Assert.Empty(result.Errors));
        Assert.Equal(60, server.Messages.Count);
        Assert.InRange(server.Connections, 3, 12);
    }

    [Fact]
    public async Task A_wrong_password_is_shown_once_and_not_for_each_message()
    {
        using var server = new LoopbackSmtpServer(("AUTH PLAIN", "535 5.7.8 no")) { Keywords = ["AUTH PLAIN"] };
        using var pool = new SubmissionPool(Options(server) with { Tls = TlsMode.None, Credential = new NetworkCredential("u", "wrong") }, 4);

        var results = await SendAllAsync(pool, 20);

        Assert.All(results, result => Assert.Equal((ErrorCode.SmtpAuthFailed, DeliveryStatus.Failed), (Assert.Single(result.Errors).Error.Code, result.Recipients[0].Status)));
        Assert.Single(server.Commands, command => command.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_the_server_may_have_taken_is_not_sent_again()
    {
        // The second content of each connection gets no answer, only the end of the connection.
        using var server = new LoopbackSmtpServer { HangUpAfterContent = 2 };
        using var pool = new SubmissionPool(Options(server), 1);

        var results = await SendAllAsync(pool, 6);

        Assert.Equal(6, server.Messages.Count);
        Assert.Equal(6, Subjects(server).Distinct().Count());
        var unknown = results.Where(result => result.Errors.Count > 0).ToArray();
        Assert.Equal(3, unknown.Length);
        Assert.All(unknown, result => Assert.Equal((ErrorCode.SmtpOutcomeUnknown, true, DeliveryStatus.Deferred), (result.Errors[0].Error.Code, result.Recipients[0].IsOutcomeUnknown, result.Recipients[0].Status)));
    }

    [Fact]
    public async Task A_message_that_the_server_cannot_have_is_sent_again_over_another_connection()
    {
        using var server = new LoopbackSmtpServer { HangUpAtData = 2 };
        using var pool = new SubmissionPool(Options(server), 1);

        var results = await SendAllAsync(pool, 6);

        Assert.All(results, result => Assert.Empty(result.Errors));
        Assert.Equal(6, Subjects(server).Distinct().Count());
        Assert.Equal(6, server.Messages.Count);
    }

    [Fact]
    public async Task Who_was_refused_is_known_even_where_the_rest_is_not()
    {
        using var server = new LoopbackSmtpServer(("RCPT TO:<no", "550 5.1.1 no"), (".", LoopbackSmtpServer.HangUp));
        using var pool = new SubmissionPool(Options(server), 1);
        using var message = Message("a@x.test, no@x.test");

        var result = await pool.SendAsync(message, Token);

        Assert.Equal([(true, DeliveryStatus.Deferred), (false, DeliveryStatus.Failed)], result.Recipients.Select(r => (r.IsOutcomeUnknown, r.Status)));
    }

    [Fact]
    public async Task A_cancellation_ends_those_that_wait_for_a_connection_too()
    {
        using var server = new LoopbackSmtpServer(("MAIL FROM:", LoopbackSmtpServer.Silence));
        using var pool = new SubmissionPool(Options(server), 1);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var sending = Enumerable.Range(0, 3).Select(i => SendAsync(pool, i, cancel.Token)).ToArray();
        await Poll.UntilAsync(() => server.Connections == 1);

        await cancel.CancelAsync();

        foreach (var one in sending) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one.WaitAsync(TimeSpan.FromSeconds(30), Token));
    }

    [Fact]
    public async Task A_cancellation_after_the_whole_content_leaves_an_unknown_outcome_and_not_nothing()
    {
        using var server = new LoopbackSmtpServer((".", LoopbackSmtpServer.Silence));
        using var pool = new SubmissionPool(Options(server), 1);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var sending = SendAsync(pool, 1, cancel.Token);
        await Poll.UntilAsync(() => !server.Messages.IsEmpty);

        await cancel.CancelAsync();

        Assert.True((await sending.WaitAsync(TimeSpan.FromSeconds(30), Token)).Recipients[0].IsOutcomeUnknown);
    }

    private static Task<SubmissionResult[]> SendAllAsync(SubmissionPool pool, int count) => Task.WhenAll(Enumerable.Range(0, count).Select(i => SendAsync(pool, i, Token)));

    private static async Task<SubmissionResult> SendAsync(SubmissionPool pool, int number, CancellationToken cancellationToken)
    {
        using var message = Message($"a{number}@x.test");
        return await Task.Run(() => pool.SendAsync(message, cancellationToken), cancellationToken);
    }

    /// <summary>The recipients as the contents name them, in order.</summary>
    private static IEnumerable<string> Subjects(LoopbackSmtpServer server) =>
        Enumerable.Range(0, server.Messages.Count).Select(i => server.Text(i).Split("\r\n").First(line => line.StartsWith("To: ", StringComparison.Ordinal))[4..]).Order();
}
