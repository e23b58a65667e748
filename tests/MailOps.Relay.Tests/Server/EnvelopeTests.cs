using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Server;

public sealed class EnvelopeTests
{
    [Theory]
    [InlineData("FROM:<a@example.test>", "250", "a@example.test")]
    [InlineData("FROM: <a@example.test> ", "250", "a@example.test")]
    [InlineData("from:a@example.test", "250", "a@example.test")]
    [InlineData("FROM:<>", "250", null)]
    [InlineData("FROM:<\"a>b \\\" c\"@example.test> SIZE=5", "250", "\"a>b \\\" c\"@example.test")]
    [InlineData("FROM:<@relay.example.test,@other.example.test:a@example.test>", "250", "a@example.test")]
    [InlineData("FROM:<a@[192.0.2.1]>", "250", "a@[192.0.2.1]")]
    [InlineData("FROM:", "501 5.5.4", null)]
    [InlineData("FROM:<a@example.test", "501 5.5.4", null)]
    [InlineData("FROM:<a@example.test>SIZE=5", "501 5.5.4", null)]
    [InlineData("TO:<a@example.test>", "501 5.5.4", null)]
    [InlineData("<a@example.test>", "501 5.5.4", null)]
    [InlineData("FROM:<a>", "501 5.1.7", null)]
    [InlineData("FROM:<a b@example.test>", "501 5.1.7", null)]
    [InlineData("FROM:<\u00c3\u00a4@example.test>", "553 5.6.7", null)]
    [InlineData("FROM:<\u00c3\u00a4@example.test> SMTPUTF8", "250", "\u00e4@example.test")]
    [InlineData("FROM:<\u00e4@example.test> SMTPUTF8", "501 5.5.4", null)]   // not UTF-8
    public async Task A_sender_is_read(string argument, string reply, string? path)
    {
        var sender = await MailAsync(argument, reply);
        if (reply == "250") Assert.Equal(path, sender!.ReversePath?.ToString());
    }

    [Theory]
    [InlineData("SIZE=", "501 5.5.4")]
    [InlineData("SIZE=-1", "501 5.5.4")]
    [InlineData("SIZE=1 SIZE=1", "501 5.5.4")]
    [InlineData("BODY=BINARY", "501 5.5.4")]
    [InlineData("BODY", "501 5.5.4")]
    [InlineData("SMTPUTF8=yes", "501 5.5.4")]
    [InlineData("RET=SOME", "501 5.5.4")]
    [InlineData("ENVID=a+0D+0AX:", "501 5.5.4")]
    [InlineData("ENVID=a+0d", "501 5.5.4")]
    [InlineData("ENVID=a=b", "501 5.5.4")]
    [InlineData("=x", "501 5.5.4")]
    [InlineData("XYZZY=1", "555 5.5.4")]
    [InlineData("NOTIFY=NEVER", "555 5.5.4")]
    [InlineData("AUTH=<>", "250")]
    [InlineData("AUTH=a+40example.test", "250")]
    public async Task A_parameter_of_MAIL_is_checked(string parameter, string reply) => await MailAsync("FROM:<a@example.test> " + parameter, reply);

    [Fact]
    public async Task The_parameters_of_MAIL_reach_the_target()
    {
        var sender = await MailAsync("FROM:<a@example.test> size=12 BODY=8BITMIME SMTPUTF8 RET=hdrs ENVID=Q+2B1 AUTH=<>", "250");
        Assert.Equal((12, MailBody.EightBitMime, true, DsnReturn.Headers, "Q+1"), (sender!.DeclaredSize, sender.Body, sender.SmtpUtf8, sender.Return, sender.EnvelopeId));
        Assert.Equal("UTF8SMTP", sender.Origin!.Protocol);
        Assert.Equal(DsnReturn.Full, (await MailAsync("FROM:<> RET=FULL", "250"))!.Return);
    }

    [Theory]
    [InlineData("TO:<b@example.test> NOTIFY=SUCCESS,FAILURE,DELAY", DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay, null)]
    [InlineData("TO:<b@example.test> notify=never", DsnNotify.Never, null)]
    [InlineData("TO:<b@example.test> ORCPT=rfc822;b+2Bc@example.test", DsnNotify.Unspecified, "rfc822;b+2Bc@example.test")]
    [InlineData("TO:b@example.test", DsnNotify.Unspecified, null)]
    [InlineData("TO:<b@example.test> ORCPT=rfc822;+C3+BC@example.test", DsnNotify.Unspecified, "rfc822;+C3+BC@example.test")]   // MailKit's way
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;gr\x{FC}n\x{2B}x@b\x{fc}cher.test", DsnNotify.Unspecified, @"utf-8;gr\x{FC}n\x{2B}x@b\x{fc}cher.test")]
    [InlineData("TO:<b@example.test> ORCPT=UTF-8;\u00c3\u00bc@b\\x{1F600}.test", DsnNotify.Unspecified, "UTF-8;\u00fc@b\\x{1F600}.test")]
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;""a\x{20}b\x{5C}\x{5C}""@example.test", DsnNotify.Unspecified, @"utf-8;""a\x{20}b\x{5C}\x{5C}""@example.test")]
    public async Task The_parameters_of_RCPT_reach_the_target(string argument, DsnNotify notify, string? original)
    {
        MailRecipient? seen = null;
        var (_, reply) = await RcptAsync(argument, r => seen = r);
        Assert.Equal("250 2.1.5 Recipient OK", reply);
        Assert.Equal(("b@example.test", notify, original), (seen!.ForwardPath.ToString(), seen.Notify, seen.OriginalRecipient));
    }

    [Theory]
    [InlineData("TO:<>", "501 5.1.3")]
    [InlineData("TO:<b@example.test> NOTIFY=NEVER,DELAY", "501 5.5.4")]
    [InlineData("TO:<b@example.test> NOTIFY=", "501 5.5.4")]
    [InlineData("TO:<b@example.test> NOTIFY=,", "501 5.5.4")]
    [InlineData("TO:<b@example.test> ORCPT=b@example.test", "501 5.5.4")]
    [InlineData("TO:<b@example.test> ORCPT=rfc822;", "501 5.5.4")]
    [InlineData("TO:<b@example.test> ORCPT=rfc822;a+0Ab", "501 5.5.4")]
    [InlineData("TO:<b@example.test> ORCPT=rfc822;\u00c3\u00bc@example.test", "501 5.5.4")]
    [InlineData("TO:<b@example.test> ORCPT=rfc822;+C3@example.test", "501 5.5.4")]
    [InlineData("TO:<b@example.test> ORCPT=rfc822;+C3+BC", "501 5.5.4")]
    [InlineData("TO:<b@example.test> ORCPT=x400;+C3+BC@example.test", "501 5.5.4")]
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;no.mailbox", "501 5.5.4")]
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;a+2Bb@example.test", "501 5.5.4")]     // xtext is another encoding
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;a=b@example.test", "501 5.5.4")]
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;a\b@example.test", "501 5.5.4")]
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;\X{FC}@example.test", "501 5.5.4")]
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;\x{FC@example.test", "501 5.5.4")]
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;\x{}@example.test", "501 5.5.4")]
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;\x{41}@example.test", "501 5.5.4")]    // it needs no such thing
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;\x{0FC}@example.test", "501 5.5.4")]
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;\x{D800}@example.test", "501 5.5.4")]
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;\x{110000}@example.test", "501 5.5.4")]
    [InlineData(@"TO:<b@example.test> ORCPT=utf-8;\x{ FC}@example.test", "501 5.5.4")]
    [InlineData("TO:<b@example.test> SIZE=3", "555 5.5.4")]
    [InlineData("TO:<\u00c3\u00a4@example.test>", "553 5.6.7")]
    public async Task A_wrong_RCPT_is_refused(string argument, string reply)
    {
        var (asked, said) = await RcptAsync(argument, _ => { });
        Assert.StartsWith(reply, said, StringComparison.Ordinal);
        Assert.False(asked);
    }

    [Theory]
    [InlineData("rfc822;", 500, "250 2.1.5")]
    [InlineData("rfc822;", 501, "501 5.5.4")]
    public async Task An_original_recipient_has_500_octets_at_most(string type, int length, string reply)
    {
        var (_, said) = await RcptAsync("TO:<b@example.test> ORCPT=" + type + new string('x', length - type.Length), _ => { });
        Assert.StartsWith(reply, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, "250")]
    [InlineData(101, "501 5.5.4")]
    public async Task An_envelope_identifier_has_100_octets_at_most(int length, string reply) => await MailAsync("FROM:<a@example.test> ENVID=" + new string('x', length), reply);

    [Fact]
    public async Task Postmaster_without_a_domain_is_the_one_of_the_first_local_domain()
    {
        await using var server = TestServer.Start(with: o => o with { LocalDomains = [new LocalDomainOptions { Name = "ours.test", MailboxPath = "unused" }] });
        await server.TalkAsync("HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<postMaster>\r\nDATA\r\n.\r\n");
        Assert.Equal("postMaster@ours.test", server.Target.Taken.Single().Recipients[0].ForwardPath.ToString());
    }

    private static async Task<MailSender?> MailAsync(string argument, string reply)
    {
        MailSender? seen = null;
        await using var server = TestServer.Start(new RecordingTarget
        {
            RefuseSender = s =>
            {
                seen = s;
                return null;
            },
        });
        var said = (await server.TalkAsync("EHLO x\r\nMAIL " + argument + "\r\n")).TrimEnd().Split("\r\n")[^1];
        Assert.StartsWith(reply, said, StringComparison.Ordinal);
        Assert.Equal(reply == "250", seen is not null);
        return seen;
    }

    private static async Task<(bool Asked, string Reply)> RcptAsync(string argument, Action<MailRecipient> see)
    {
        var asked = false;
        await using var server = TestServer.Start(new RecordingTarget
        {
            RefuseRecipient = r =>
            {
                asked = true;
                see(r);
                return null;
            },
        });
        var said = await server.TalkAsync("EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT " + argument + "\r\n");
        return (asked, said.TrimEnd().Split("\r\n")[^1]);
    }
}
