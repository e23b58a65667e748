using System.Text.Json;
using MailOps.Policies;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Policies;

/// <summary>Records and policies of others, good and bad, and what they are to be taken for.</summary>
public sealed class PolicyConformanceTests
{
    [Theory]
    [InlineData("mtasts-parse-mox.json", "txt", 18)]
    [InlineData("mtasts-parse-mox.json", "policy", 24)]
    [InlineData("tlsrpt-parse-mox.json", "tlsrpt-txt", 20)]
    public void Each_case_is_read_or_refused_as_it_says(string name, string kind, int count)
    {
        var file = Conformance.Files("policy", name).Single();
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        var cases = document.RootElement.GetProperty("cases").EnumerateArray().Where(each => each.GetProperty("kind").GetString() == kind).ToList();
        Assert.Equal(count, cases.Count);
        var wrong = from each in cases
                    let fault = FaultOf(kind, each.GetProperty("input").GetString()!)
                    where (fault is null) != each.GetProperty("valid").GetBoolean()
                    select $"{each.GetProperty("input")} ({each.GetProperty("comment")}): {fault?.ToString() ?? "taken"}";
        Assert.Empty(wrong);
    }

    private static PolicyFault? FaultOf(string kind, string input) => kind switch
    {
        "txt" => Judge(MtaStsRecord.Parse(input)),
        "policy" => Judge(MtaStsPolicy.Parse(input)),
        _ => Judge(TlsRptRecord.Parse(input)),
    };

    private static PolicyFault? Judge<T>(PolicyReading<T> reading)
        where T : class
    {
        Assert.NotEqual(reading.Value is null, reading.Fault is null);
        return reading.Fault;
    }
}
