using MailOps.Relay.Delivery;
using MailOps.Relay.Delivery.Smtp;

namespace MailOps.Relay.Tests.Delivery;

public sealed class FailurePolicyTests
{
    [Theory]
    [InlineData(nameof(SmtpStep.Connect), 451, "4.4.1", nameof(FailureScope.Host), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.Greeting), 421, null, nameof(FailureScope.Host), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.Greeting), 554, null, nameof(FailureScope.Host), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.Greeting), 521, null, nameof(FailureScope.Host), DeliveryStatus.Failed)]
    [InlineData(nameof(SmtpStep.Hello), 550, "5.7.1", nameof(FailureScope.Host), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.StartTls), 554, null, nameof(FailureScope.Host), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.Auth), 535, "5.7.8", nameof(FailureScope.Site), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.Route), 556, "5.1.10", nameof(FailureScope.Site), DeliveryStatus.Failed)]
    [InlineData(nameof(SmtpStep.Route), 451, "4.4.3", nameof(FailureScope.Site), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.Mail), 550, "5.7.1", nameof(FailureScope.Message), DeliveryStatus.Failed)]
    [InlineData(nameof(SmtpStep.Mail), 451, null, nameof(FailureScope.Message), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.Rcpt), 550, "5.1.1", nameof(FailureScope.Recipient), DeliveryStatus.Failed)]
    [InlineData(nameof(SmtpStep.Rcpt), 552, null, nameof(FailureScope.Recipient), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.Rcpt), 552, "5.2.2", nameof(FailureScope.Recipient), DeliveryStatus.Failed)]
    [InlineData(nameof(SmtpStep.Rcpt), 354, null, nameof(FailureScope.Recipient), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.Final), 552, null, nameof(FailureScope.Message), DeliveryStatus.Failed)]
    [InlineData(nameof(SmtpStep.Final), 299, null, nameof(FailureScope.Message), DeliveryStatus.Delivered)]
    [InlineData(nameof(SmtpStep.Content), 350, null, nameof(FailureScope.Message), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.Mail), 530, "5.7.57", nameof(FailureScope.Message), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.Rcpt), 530, "5.7.57", nameof(FailureScope.Recipient), DeliveryStatus.Deferred)]
    [InlineData(nameof(SmtpStep.Final), 550, "5.7.60", nameof(FailureScope.Message), DeliveryStatus.Failed)]
    [InlineData(nameof(SmtpStep.RequireTls), 550, "5.7.30", nameof(FailureScope.Host), DeliveryStatus.Failed)]
    public void A_reply_means_this_at_this_step(string step, int code, string? enhanced, string scope, DeliveryStatus status) =>
        Assert.Equal(new FailureVerdict(Enum.Parse<FailureScope>(scope), status), FailurePolicy.Judge(Enum.Parse<SmtpStep>(step), new SmtpReply(code, enhanced, "x")));
}
