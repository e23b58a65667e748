using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Delivery.Smtp.Authentication;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Delivery.Smtp;

public sealed class SmtpOpeningTests
{
    private static readonly (string, string) Greeting = ("", "220-mx.test ESMTP\r\n220 Welcome\r\n");

    [Theory]
    [InlineData(Chunking.Whole)]
    [InlineData(Chunking.ByLine)]
    [InlineData(Chunking.ByByte)]
    public async Task A_server_that_does_not_know_EHLO_is_greeted_with_HELO(Chunking chunking)
    {
        var talk = new Conversation();
        await talk.OpenWithAsync(chunking, [Greeting, ("EHLO relay.test\r\n", "502 What?\r\n"), ("HELO relay.test\r\n", "250 mx.test\r\n")]);

        Assert.Equal(SmtpCapabilities.None, talk.Connection!.Capabilities);
    }

    [Fact]
    public async Task A_temporary_refusal_of_EHLO_is_not_a_reason_for_HELO()
    {
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => new Conversation().OpenWithAsync(Chunking.Whole, [Greeting, ("EHLO relay.test\r\n", "451 Later\r\n")]));

        Assert.Equal((SmtpStep.Hello, 451), (failure.Step, failure.Reply.Code));
    }

    [Fact]
    public async Task A_password_is_not_sent_in_clear()
    {
        var asked = false;
        var talk = new Conversation
        {
            Opening = Authenticating(TlsMode.Auto) with { Credential = new HostCredential { UserName = "user", Password = () => { asked = true; return "hush"; } } },
        };
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => talk.OpenWithAsync(Chunking.Whole, [Greeting, ("EHLO relay.test\r\n", "250-mx\r\n250 AUTH PLAIN LOGIN\r\n")]));

        Assert.Equal((SmtpStep.Auth, "4.7.11", false), (failure.Step, failure.Reply.EnhancedCode, asked));
    }

    [Fact]
    public async Task TLS_that_is_required_and_not_offered_ends_the_conversation()
    {
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() =>
            new Conversation { Opening = Authenticating(TlsMode.StartTls) }.OpenWithAsync(Chunking.Whole, [Greeting, ("EHLO relay.test\r\n", "250 AUTH PLAIN\r\n")]));

        Assert.Equal(SmtpStep.StartTls, failure.Step);
    }

    [Fact]
    public async Task What_a_server_sends_after_its_reply_to_STARTTLS_is_not_read_as_if_it_were_encrypted()
    {
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => new Conversation().OpenWithAsync(
            Chunking.Whole, [Greeting, ("EHLO relay.test\r\n", "250-mx\r\n250 STARTTLS\r\n"), ("STARTTLS\r\n", "220 Go on\r\n250-injected\r\n250 AUTH PLAIN\r\n")]));

        Assert.Contains("more than its reply", failure.Reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AUTH PLAIN LOGIN", "AUTH PLAIN AHVzZXIAaHVzaA==\r\n", "235 2.7.0 Ok\r\n", null, null, null, null)]
    [InlineData("AUTH=LOGIN", "AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n", "dXNlcg==\r\n", "334 UGFzc3dvcmQ6\r\n", "aHVzaA==\r\n", "235 Ok\r\n")]
    public async Task To_loopback_a_password_may_go_without_TLS_where_that_is_said(string offer, string one, string reply, string? two, string? replyTwo, string? three, string? replyThree)
    {
        var talk = new Conversation { Opening = Authenticating(TlsMode.None) with { IsLoopback = true } };
        (string, string)[] rest = two is null ? [] : [(two, replyTwo!), (three!, replyThree!)];
        await talk.OpenWithAsync(Chunking.ByByte, [Greeting, ("EHLO relay.test\r\n", $"250-mx\r\n250 {offer}\r\n"), (one, reply), .. rest]);

        Assert.True(talk.Stream.IsOver);
    }

    [Fact]
    public async Task No_error_about_a_refused_password_contains_it()
    {
        var talk = new Conversation { Opening = Authenticating(TlsMode.None) with { IsLoopback = true } };
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => talk.OpenWithAsync(
            Chunking.Whole, [Greeting, ("EHLO relay.test\r\n", "250-mx\r\n250 AUTH PLAIN\r\n"), ("AUTH PLAIN AHVzZXIAaHVzaA==\r\n", "535 5.7.8 Wrong\r\n")]));

        Assert.Equal((SmtpStep.Auth, 535), (failure.Step, failure.Reply.Code));
        Assert.DoesNotContain("hush", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("aHVzaA", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_break_in_an_argument_is_never_written()
    {
        var talk = new Conversation { Opening = Authenticating(TlsMode.Auto) with { Credential = null, HostName = "relay.test\r\nRSET" } };

        await Assert.ThrowsAsync<InvalidOperationException>(() => talk.OpenWithAsync(Chunking.Whole, [Greeting]));
    }

    private static OpeningOptions Authenticating(TlsMode tls) =>
        new() { HostName = "relay.test", Certificate = new("mx.test"), Peer = "mx.test", Tls = tls, Credential = new HostCredential { UserName = "user", Password = () => "hush" } };
}
