using MailOps.Filtering;

namespace MailOps.Core.Tests.Filtering;

public sealed class ObjectFilterTests
{
    private static readonly SmtpRelayMessage Message = new()
    {
        Identity = @"lab\06DQK8V5S0000",
        QueueId = "06DQK8V5S0000",
        FromAddress = "Ada@example.test",
        Status = "Retry",
        Size = 3 << 20,
        DateReceived = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        LastError = "450 4.2.0 It's [full]",
        RetryCount = 2,
        Recipients = [new SmtpRelayRecipient { Address = "one@a.test", Status = "Deferred" }, new SmtpRelayRecipient { Address = "two@b.test", Status = "Pending" }],
    };

    [Theory]
    [InlineData("Status -eq 'Retry'", true)]
    [InlineData("status -EQ \"retry\"", true)]
    [InlineData("Status -eq Retry", true)]
    [InlineData("Status -ne 'Retry'", false)]
    [InlineData("FromAddress -like '*@example.test'", true)]
    [InlineData("FromAddress -like 'ada@?xample.*'", true)]
    [InlineData("FromAddress -like '*@other.test'", false)]
    [InlineData("FromAddress -notlike '*@other.test'", true)]
    [InlineData("LastError -like '*it''s [full]'", true)]
    [InlineData("Size -gt 2MB", true)]
    [InlineData("Size -gt 3MB", false)]
    [InlineData("Size -ge 3MB", true)]
    [InlineData("Size -lt 0.01GB", true)]
    [InlineData("Size -le 3145727", false)]
    [InlineData("RetryCount -eq 2", true)]
    [InlineData("DateReceived -lt '2026-03-01T12:00:01Z'", true)]
    [InlineData("DateReceived -ge '2026-03-01T12:00:01Z'", false)]
    [InlineData("DateReceived -gt '02/28/2026 00:00:00'", true)]
    [InlineData("DateReceived -gt '03/03/2026 00:00:00'", false)]
    [InlineData("SourceIP -eq $null", true)]
    [InlineData("LastError -ne $null", true)]
    [InlineData("SourceIP -ne '192.0.2.1'", true)]
    [InlineData("SourceIP -eq '192.0.2.1'", false)]
    [InlineData("NextRetryTime -lt '2027-01-01'", false)]
    [InlineData("Recipients -eq 'two@b.test'", true)]
    [InlineData("Recipients -like '*@b.test'", true)]
    [InlineData("Recipients -ne 'one@a.test'", false)]
    [InlineData("Status -eq 'Ready' -or Size -gt 1MB -and RetryCount -gt 1", true)]
    [InlineData("(Status -eq 'Ready' -or Size -gt 1MB) -and RetryCount -gt 2", false)]
    [InlineData("Status -eq 'Retry' -or Size -gt 9MB -and RetryCount -gt 9", true)]
    [InlineData("-not Status -eq 'Retry'", false)]
    [InlineData("-not (Status -eq 'Ready') -and RetryCount -eq 2", true)]
    [InlineData("(((Status -eq 'Retry')))", true)]
    public void A_filter_lets_through_what_it_says(string filter, bool expected) => Assert.Equal(expected, new ObjectFilter<SmtpRelayMessage>(filter).Matches(Message));

    [Theory]
    [InlineData("", "at character 1: a property is expected")]
    [InlineData("Status", "at character 7: '' is not one of -eq")]
    [InlineData("Status -eq", "at character 11: a value is expected")]
    [InlineData("Status -is 'Retry'", "at character 8: '-is' is not one of -eq -ne -gt")]
    [InlineData("Status -eq 'Retry", "at character 12: the text that begins there has no closing '")]
    [InlineData("Status -eq 'Retry' Size -gt 1", "at character 20: 'Size' is too much")]
    [InlineData("(Status -eq 'Retry'", "at character 1: the parenthesis is not closed")]
    [InlineData("Status -eq 'Retry')", "at character 19: ')' is too much")]
    [InlineData("Size -gt many", "at character 10: Size is a number, and 'many' is none")]
    [InlineData("Size -gt 5XB", "at character 10: Size is a number")]
    [InlineData("Size -like '1*'", "at character 12: Size is not text")]
    [InlineData("DateReceived -gt 'soon'", "at character 18: DateReceived is a time, and 'soon' is none")]
    [InlineData("SourceIP -gt $null", "at character 14: $null can be compared by -eq and -ne only")]
    [InlineData("Sise -gt 1", "There is no property 'Sise' to filter or sort by; the nearest known one is 'Size'.")]
    [InlineData("Date -gt 1", "There is no property 'Date' to filter or sort by; the nearest known one is 'DateReceived'.")]
    [InlineData("Recipient -eq 'a'", "There is no property 'Recipient' to filter or sort by; the nearest known one is 'Recipients'.")]
    [InlineData("Sender -eq 'a'", "There is no property 'Sender' to filter or sort by.")]
    public void What_is_no_filter_is_refused_with_the_place(string filter, string message)
    {
        var fault = Assert.Throws<MailOpsException>(() => new ObjectFilter<SmtpRelayMessage>(filter));
        Assert.Equal(ErrorCode.FilterInvalid, fault.Code);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.NotEmpty(fault.Hint);
    }

    [Fact]
    public void A_filter_that_is_nested_too_deeply_is_refused_and_ends_no_process()
    {
        var filter = new string('(', 100_000) + "Size -gt 1" + new string(')', 100_000);
        Assert.Contains("nested too deeply", Assert.Throws<MailOpsException>(() => new ObjectFilter<SmtpRelayMessage>(filter)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MessageCount", "a2 b1 c3", "b1 a2 c3")]
    [InlineData("+MessageCount", "a2 b1 c3", "b1 a2 c3")]
    [InlineData("-MessageCount", "a2 b1 c3", "c3 a2 b1")]
    [InlineData("-MessageCount, +Identity", "b2 a2 c3", "c3 a2 b2")]
    [InlineData("identity", "B2 a2 C3", "a2 B2 C3")]
    public void Objects_are_sorted_by_the_properties_in_turn(string order, string given, string expected)
    {
        var queues = given.Split(' ').Select(text => new SmtpRelayQueue { Identity = text[..1], DeliveryType = "Mx", NextHopDomain = "", Status = "Ready", MessageCount = text[1] - '0' });
        Assert.Equal(expected, string.Join(' ', new SortOrder<SmtpRelayQueue>(order).Sort(queues).Select(queue => queue.Identity + queue.MessageCount)));
    }

    [Fact]
    public void What_has_no_value_comes_first_and_an_unknown_property_to_sort_by_is_refused()
    {
        var queues = new[] { "421 Busy", null }.Select(error => new SmtpRelayQueue { Identity = "", DeliveryType = "Mx", NextHopDomain = "", Status = "Ready", LastError = error });
        Assert.Equal([null, "421 Busy"], new SortOrder<SmtpRelayQueue>("LastError").Sort(queues).Select(queue => queue.LastError));
        Assert.Contains("'MessageCount'", Assert.Throws<MailOpsException>(() => new SortOrder<SmtpRelayQueue>("+MesageCount").Sort(queues)).Message, StringComparison.Ordinal);
    }
}
