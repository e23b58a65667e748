using MailOps.Relay.Delivery.Smtp.Authentication;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Delivery.Smtp.Authentication;

public sealed class RefusedPasswordTests
{
    private static readonly SmtpReply No = new(535, "5.7.139", "Authentication unsuccessful, basic authentication is disabled");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void It_is_sent_again_after_a_pause_that_grows()
    {
        var refused = new RefusedPassword(_clock);
        var sent = new List<int>();
        for (var minute = 0; minute <= 60; minute++)
        {
            if (refused.Holds("old") is null)
            {
                sent.Add(minute);
                refused.Remember("old", No);
                refused.Remember("old", No);   // another connection that was under way
            }
            _clock.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.Equal([0, 5, 15, 30, 45, 60], sent);
    }

    [Fact]
    public void One_that_was_changed_is_sent_at_once_and_the_pause_begins_anew()
    {
        var refused = new RefusedPassword(_clock);
        refused.Remember("old", No);
        Assert.Null(refused.Holds("new"));
        refused.Remember("new", No);
        Assert.NotNull(refused.Holds("new"));
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(refused.Holds("new"));
    }

    [Fact]
    public void It_says_what_was_answered_what_to_do_and_when_it_goes_on_and_never_the_password()
    {
        var refused = new RefusedPassword(_clock);
        refused.Remember("hush-hush", No);
        Assert.Equal("The server refused this password with '535 5.7.139 Authentication unsuccessful, basic authentication is disabled'. Passwords are off for SMTP (authentication policy of the tenant or mailbox): "
            + "use OAuth 2.0 with XOAUTH2. So that the account is not locked, the relay sends it again at 2026-03-01 12:05:00Z or once it is changed", refused.Holds("hush-hush"));
        refused.Forget();
        Assert.Null(refused.Holds("hush-hush"));
    }
}
