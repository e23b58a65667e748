using System.Text.Json;
using MailOps.Relay.Delivery.Pace;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery.Pace;

public sealed class ReplyRuleTests
{
    // What speaks of the sender's speed or connections, by the data's words.
    private static readonly string[] Labels = ["speeding", "toomanyconn"];

    // Labelled as those, and yet nothing that fewer connections or messages would mend: too many recipients in one message, or for one mailbox; a code behind a link.
    private static readonly string[] NotOurs = ["too many recipients", "recipient", "user you are trying", "user is receiving", "sender rejected"];

    [Theory]
    [InlineData("google", "421 4.7.28 mx.google.com: Our system has detected an unusual rate of unsolicited mail originating from your IP address", "10 messages a minute")]
    [InlineData("yahoo", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints", "nothing is sent")]
    [InlineData("yahoo", "421 4.7.0 [TS02] Messages from 192.0.2.1 temporarily deferred", "1 messages a minute")]
    [InlineData("yahoo", "421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred", "10 messages a minute")]
    [InlineData("outlook", "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your provider since part of their network is on our block list (S3150).", "nothing is sent")]
    [InlineData("microsoft365", "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.", "nothing is sent")]
    [InlineData("gmx-webde", "421 gmx.net (mxgmx115) Nemesis ESMTP Service not available / Too many connections", "1 connections")]
    [InlineData("orange", "421 mwinf5c04 ME Trop de connexions, veuillez verifier votre configuration. OFR_104", "1 connections")]
    [InlineData("comcast", "421 4.1.0 192.0.2.1 Throttled - try again later. RL000010", "nothing is sent")]
    [InlineData("qq", "550 Ip frequency limited [xx]", "nothing is sent")]
    [InlineData(null, "421 4.7.0 Too many connections from your address", "2 connections")]
    [InlineData(null, "450 4.7.1 Error: too much mail from 192.0.2.1", "10 messages a minute, 2 connections")]
    [InlineData(null, "451 4.7.1 Greylisted, please try again in 300 seconds", null)]
    [InlineData(null, "452 4.2.2 Over quota", null)]
    [InlineData(null, "421 4.3.2 Service shutting down", null)]
    [InlineData(null, "552 Too many recipients", null)]
    [InlineData(null, "450 4.2.1 The user you are trying to contact is receiving mail too quickly", null)]
    public void A_reply_changes_what_it_speaks_of(string? profile, string reply, string? change)
    {
        var profiles = new Profiles(new DeliveryOptions());
        var rule = profiles.RuleFor(profile is null ? null : profiles.Named(profile), Reply(reply));
        Assert.Equal(change, rule?.ToString());
    }

    [Fact]
    public void Ones_own_rules_come_before_the_shipped_ones_and_the_shipped_ones_can_be_switched_off()
    {
        var reply = Reply("421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred");
        var own = new Profiles(new DeliveryOptions { Replies = [new() { Pattern = "TSS04", MessagesPerMinute = 3 }] });
        Assert.Equal("3 messages a minute", own.RuleFor(own.Named("yahoo"), reply)!.ToString());
        var none = new Profiles(new DeliveryOptions { UseProviderProfiles = false });
        Assert.Null(none.RuleFor(null, reply));
        Assert.Null(none.Named("yahoo"));
    }

    [Theory]
    [InlineData("aspmx.l.google.com", "google")]
    [InlineData("smtp-relay.gmail.com", "google-submission")]
    [InlineData("SMTP.office365.com", "microsoft365-submission")]
    [InlineData("example-com.mail.protection.outlook.com", "microsoft365")]
    [InlineData("example-com.a-v1.mx.microsoft", "microsoft365")]
    [InlineData("outlook-com.olc.protection.outlook.com", "outlook")]
    [InlineData("mta5.am0.yahoodns.net", "yahoo")]
    [InlineData("mx01.mail.icloud.com", "apple")]
    [InlineData("mx1a1.comcast.net", "comcast")]
    [InlineData("eu-smtp-inbound-1.mimecast.com", "mimecast")]
    [InlineData("smtp-in.orange.fr", "orange")]
    [InlineData("mx-ha02.web.de", "gmx-webde")]
    [InlineData("google.com.example.test", null)]
    [InlineData("notgoogle.com", null)]
    public void A_server_belongs_to_its_provider(string server, string? profile) => Assert.Equal(profile, new Profiles(new DeliveryOptions()).Of(null, [server])?.Options.Name);

    [Fact]
    public void The_account_of_a_smart_host_of_Microsoft_365_has_the_limits_that_Microsoft_publishes()
    {
        var profile = new Profiles(new DeliveryOptions()).Named("microsoft365-submission")!.Options;
        Assert.Equal((30, 3, 10_000), (profile.MessagesPerMinute, profile.MaxConnections, profile.RecipientsPerDay));
    }

    [Fact]
    public void All_shipped_patterns_are_such_that_no_reply_takes_long()
    {
        foreach (var profile in Profiles.All)
            foreach (var reply in profile.Replies) ReplyRule.Compile(reply.Pattern);
    }

    [Fact]
    public void The_general_rule_knows_replies_of_the_conformance_data_by_their_label()
    {
        var cases = new List<(string Text, bool IsLimit)>();
        Read("labelled.json", "text", "label");
        Read("providers.json", "fragment", "reason");
        var (limits, others) = (cases.Where(c => c.IsLimit).ToList(), cases.Where(c => !c.IsLimit).ToList());
        var missed = limits.Where(c => !RateLimitReply.Is(c.Text)).Select(c => c.Text).ToList();
        var wrong = others.Where(c => RateLimitReply.Is(c.Text)).Select(c => c.Text).ToList();
        TestContext.Current.TestOutputHelper!.WriteLine($"missed {missed.Count} of {limits.Count}:\n{string.Join('\n', missed)}\nwrong {wrong.Count} of {others.Count}:\n{string.Join('\n', wrong)}");
        Assert.True(missed.Count <= 0.15 * limits.Count, $"missed {missed.Count} of {limits.Count}: {string.Join(" | ", missed)}");
        Assert.True(wrong.Count <= 0.03 * others.Count, $"wrong {wrong.Count} of {others.Count}: {string.Join(" | ", wrong)}");

        void Read(string file, string text, string label)
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Conformance.Files("responses", file)[0]));
            foreach (var one in document.RootElement.GetProperty("cases").EnumerateArray())
            {
                var (said, meant) = (one.GetProperty(text).GetString()!, one.GetProperty(label).GetString());
                cases.Add((said, Labels.Contains(meant) && !NotOurs.Any(words => said.Contains(words, StringComparison.OrdinalIgnoreCase))));
            }
        }
    }

    private static SmtpReply Reply(string text)
    {
        var parts = text.Split(' ', 3);
        return parts[1].Contains('.', StringComparison.Ordinal) && char.IsDigit(parts[1][0])
            ? new SmtpReply(int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts[1], parts[2])
            : new SmtpReply(int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), null, text[4..]);
    }
}
