using System.Globalization;
using System.Text.Json;
using MailOps.Reports;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Reports;

/// <summary>Bounces of many systems, as they were received.</summary>
/// <remarks>
/// A file is right if, for each recipient in the order given: there are as many as expected, each with an address; Action is what the reply means (delivered for 2yz,
/// failed or delayed for the rest); Status is the expected one, or has its class (first digit) where the expected one is x.0.9nn, which says that the message has none;
/// SmtpStatusCode is the expected reply, where one is expected; Class is one of those that the expected reason may be called here (<see cref="Classes"/>); and IsAddressInvalid
/// holds for whatever is a hard bounce by the expected values and no automatic answer. A file for which no recipient is expected is a complaint (RFC 5965): each object has the class Feedback.
/// </remarks>
public class ConformanceTests
{
    private static readonly Dictionary<string, DeliveryReportClass[]> Classes = new()
    {
        ["userunknown"] = [DeliveryReportClass.NoSuchUser],
        ["filtered"] = [DeliveryReportClass.NoSuchUser, DeliveryReportClass.PolicyRefused],
        ["mailboxfull"] = [DeliveryReportClass.MailboxFull],
        ["hostunknown"] = [DeliveryReportClass.DomainUnknown],
        ["hasmoved"] = [DeliveryReportClass.Moved],
        ["notaccept"] = [DeliveryReportClass.NotAccepting],
        ["suspend"] = [DeliveryReportClass.Suspended],
        ["rejected"] = [DeliveryReportClass.SenderRefused, DeliveryReportClass.PolicyRefused],
        ["authfailure"] = [DeliveryReportClass.AuthenticationFailed],
        ["blocked"] = [DeliveryReportClass.Blocked],
        ["badreputation"] = [DeliveryReportClass.Blocked],
        ["requireptr"] = [DeliveryReportClass.NoReverseDns],
        ["policyviolation"] = [DeliveryReportClass.PolicyRefused, DeliveryReportClass.ContentRefused],
        ["securityerror"] = [DeliveryReportClass.PolicyRefused],
        ["spamdetected"] = [DeliveryReportClass.SpamRefused],
        ["virusdetected"] = [DeliveryReportClass.VirusFound],
        ["contenterror"] = [DeliveryReportClass.ContentRefused],
        ["notcompliantrfc"] = [DeliveryReportClass.ContentRefused],
        ["exceedlimit"] = [DeliveryReportClass.MessageTooLarge],
        ["mesgtoobig"] = [DeliveryReportClass.MessageTooLarge],
        ["toomanyconn"] = [DeliveryReportClass.RateLimited],
        ["speeding"] = [DeliveryReportClass.RateLimited],
        ["norelaying"] = [DeliveryReportClass.RelayingDenied],
        ["systemerror"] = [DeliveryReportClass.SystemFault],
        ["systemfull"] = [DeliveryReportClass.SystemFault],
        ["mailererror"] = [DeliveryReportClass.SystemFault],
        ["syntaxerror"] = [DeliveryReportClass.ProtocolError],
        ["networkerror"] = [DeliveryReportClass.Network],
        // No connection until the time was over: the report tells the one or the other.
        ["expired"] = [DeliveryReportClass.Expired, DeliveryReportClass.Network],
        ["delivered"] = [DeliveryReportClass.Delivered],
        ["vacation"] = [DeliveryReportClass.AutoReply],
        ["undefined"] = [DeliveryReportClass.Unknown],
    };

    [Fact]
    public void Of_real_reports_at_least_95_in_100_are_read_right()
    {
        using var data = JsonDocument.Parse(File.ReadAllText(Conformance.Files("dsn", "expected.json").Single()));
        var files = Conformance.Files("dsn", "*.eml").ToDictionary(file => Path.GetFileName(file)!);
        var faults = new List<string>();
        var count = 0;
        foreach (var item in data.RootElement.GetProperty("cases").EnumerateArray())
        {
            count++;
            var name = Path.GetFileName(item.GetProperty("file").GetString()!);
            var found = DeliveryReportReader.Read(File.ReadAllBytes(files[name]));
            if (Fault(found, [.. item.GetProperty("expected").EnumerateArray()]) is { } fault) faults.Add($"{name}: {fault}");
        }
        var share = 1 - (double)faults.Count / count;
        TestContext.Current.TestOutputHelper!.WriteLine($"{count - faults.Count} of {count} right ({share:P1})\n{string.Join("\n", faults)}");
        Assert.Equal(287, count);
        Assert.True(share >= 0.95, $"{count - faults.Count} of {count} ({share:P1}):\n{string.Join("\n", faults)}");
    }

    private static string? Fault(IReadOnlyList<DeliveryReport> found, List<JsonElement> expected)
    {
        if (expected.Count == 0) return found.Count > 0 && found.All(report => report.Class == DeliveryReportClass.Feedback) ? null : $"no complaint: {string.Join(", ", found.Select(Show))}";
        if (found.Count != expected.Count) return $"{found.Count} instead of {expected.Count}: {string.Join(" / ", found.Select(Show))}";
        var faults = found.Zip(expected, Fault).Where(fault => fault is not null).ToList();
        return faults.Count == 0 ? null : string.Join("; ", faults);
    }

    private static string? Fault(DeliveryReport found, JsonElement expected)
    {
        var (status, reply, reason) = (expected.GetProperty("status").GetString()!, expected.GetProperty("reply").GetString()!, expected.GetProperty("reason").GetString()!);
        var faults = new List<string>();
        if (found.Recipient is null || !found.Recipient.Contains('@')) faults.Add("recipient");
        if (!Classes[reason].Contains(found.Class)) faults.Add($"class is not {reason}");
        if (reason != "vacation" && !IsStatus(found.Status, status)) faults.Add($"status is not {status}");
        if (reply.Length > 0 && found.SmtpStatusCode.ToString(CultureInfo.InvariantCulture) != reply) faults.Add($"reply is not {reply}");
        if (reason != "vacation" && (status[0] == '2') != (found.Action == DeliveryReportAction.Delivered)) faults.Add("action");
        if (expected.GetProperty("hardbounce").GetBoolean() && !found.IsAddressInvalid) faults.Add("address not invalid");
        return faults.Count == 0 ? null : $"{string.Join(", ", faults)} [{Show(found)}]";
    }

    private static bool IsStatus(string? found, string expected) => expected.Contains(".0.9", StringComparison.Ordinal) ? found is not null && found[0] == expected[0] : found == expected;

    private static string Show(DeliveryReport report) => $"{report.Recipient} {report.Action} {report.Status} {report.SmtpStatusCode} {report.Class} '{report.Diagnostic}'";
}
