namespace MailOps.Peers.Tests.NextHops;

/// <summary>MTA-STS (RFC 8461) with the whole relay: records by unbound, policies over HTTPS, a Postfix as mail exchanger; and what REQUIRETLS and TLS-Required: No (RFC 8689) make of it.</summary>
public sealed class MtaStsTests(PolicyScene scene) : IClassFixture<PolicyScene>
{
    private const string AnotherName = "(it is for another name)";

    [Fact]
    public async Task A_server_of_the_policy_with_a_certificate_for_its_name_gets_the_message_over_TLS()
    {
        await scene.PlayedAsync();
        Assert.Contains("(using TLSv1", Got("known@good.test"), StringComparison.Ordinal);
        Assert.Empty(scene.Deferrals("known@good.test", PolicyScene.When.First));
    }

    [Theory]
    [InlineData("other", AnotherName)]
    [InlineData("selfsigned", "(UntrustedRoot)")]
    [InlineData("outdated", "(NotTimeValid)")]
    [InlineData("unlisted", "the MTA-STS policy of the domain does not have the mail exchanger mx.unlisted.test")]
    [InlineData("stripped", "the server does not offer STARTTLS")]
    public async Task A_server_that_a_policy_in_force_does_not_allow_gets_nothing_and_LastError_says_why(string name, string words) =>
        await NothingAsync(name, PolicyScene.When.First, words);

    // RFC 8461 section 5.1: a policy that was fetched and has not expired is applied, whatever DNS and web server say or do not say now.
    [Theory]
    [InlineData("cached")]     // the web server is gone
    [InlineData("silenced")]   // and the record in the DNS with it
    [InlineData("robbed")]     // an attacker's web server, to which the DNS leads, has one of mode none; its certificate is for another name
    public async Task A_policy_that_is_known_is_in_force_whoever_hides_it(string name)
    {
        await NothingAsync(name, PolicyScene.When.First, AnotherName);
        await NothingAsync(name, PolicyScene.When.Later, AnotherName);
    }

    // RFC 8461 section 3.3: where a record is found, no policy can be fetched, "and there is no valid (non-expired) previously cached policy, senders MUST continue with delivery as
    // though the domain has not implemented MTA-STS". Who wants that must keep the policy from being refreshed for all of its max_age, which section 10.2 asks to be long.
    [Fact]
    public async Task A_policy_that_has_expired_and_cannot_be_had_any_more_is_none()
    {
        await NothingAsync("expired", PolicyScene.When.First, AnotherName, forGood: false);
        Assert.Contains("expired.test", scene.Aged);
        Assert.Contains("(using TLSv1", Got("known@expired.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_that_has_expired_is_fetched_again_before_anything_is_sent()
    {
        await NothingAsync("renewed", PolicyScene.When.Later, AnotherName);
        Assert.Contains("renewed.test", scene.Aged);
        Assert.Contains("mta-sts.renewed.test", scene.AskedLater);
    }

    // RFC 8461 section 5: in mode testing mail is delivered all the same.
    [Fact]
    public async Task In_mode_testing_a_wrong_certificate_is_delivered_to()
    {
        await scene.PlayedAsync();
        Assert.Contains("(using TLSv1", Got("known@testing.test"), StringComparison.Ordinal);
    }

    // RFC 8461 section 3.3: the web server's certificate must be valid for mta-sts.DOMAIN; else anyone who forges the DNS could keep a domain's mail away from it.
    [Fact]
    public async Task A_policy_of_a_web_server_with_a_certificate_for_another_name_is_none()
    {
        await scene.PlayedAsync();
        Assert.Contains("mta-sts.attacked.test", scene.AttackerGreeted);
        Assert.Contains("mta-sts.robbed.test", scene.AttackerGreeted);
        Assert.Contains("(using TLSv1", Got("known@attacked.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_policy_a_self_signed_certificate_is_good_enough_unless_the_route_requires_TLS()
    {
        await NothingAsync("required", PolicyScene.When.Later, "(UntrustedRoot)");
        Assert.Contains("(using TLSv1", Got("known@free.test"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("optional@other.test", true)]
    [InlineData("optional@stripped.test", false)]
    public async Task TLS_Required_No_is_delivered_although_the_policy_would_keep_it(string recipient, bool tls)
    {
        await scene.PlayedAsync();
        Assert.Equal(tls, Got(recipient).Contains("(using TLSv1", StringComparison.Ordinal));
    }

    // Postfix does not offer REQUIRETLS, so none of this may reach it (RFC 8689 section 4.2.1).
    [Theory]
    [InlineData("secret@good.test", "5.7.30")]
    [InlineData("secret@other.test", "5.7.10")]
    public async Task REQUIRETLS_comes_back_from_a_server_that_does_not_offer_it_or_is_not_proven(string recipient, string status)
    {
        await scene.PlayedAsync();
        Assert.Null(scene.Delivered(recipient));
        var bounce = Assert.Single(scene.Bounces, bounce => bounce.Contains($"Final-Recipient: rfc822; {recipient}", StringComparison.Ordinal));
        Assert.Contains($"Status: {status}", bounce, StringComparison.Ordinal);
        Assert.DoesNotContain("Very secret", bounce, StringComparison.Ordinal);
    }

    private string Got(string recipient)
    {
        var message = scene.Delivered(recipient);
        Assert.True(message is not null, $"{recipient} got nothing.\n{scene.Log}\n{scene.LastErrors}");
        return message;
    }

    private async Task NothingAsync(string name, PolicyScene.When when, string words, bool forGood = true)
    {
        await scene.PlayedAsync();
        var recipient = $"known@{name}.test";
        var deferrals = scene.Deferrals(recipient, when);
        Assert.NotEmpty(deferrals);
        Assert.All(deferrals, deferral => Assert.Contains(words, deferral, StringComparison.Ordinal));
        if (!forGood) return;
        Assert.Null(scene.Delivered(recipient));
        Assert.DoesNotContain($"to=<{recipient}>", scene.Log, StringComparison.Ordinal);
        Assert.Contains(scene.LastErrors.Split('\n'), line => line.Contains($"\\{name}.test|", StringComparison.Ordinal) && line.Contains(words, StringComparison.Ordinal));
    }
}
