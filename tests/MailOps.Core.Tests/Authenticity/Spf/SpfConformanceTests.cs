using System.Net;
using MailOps.Authenticity.Spf;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Authenticity.Spf;

/// <summary>Scenarios of others: a zone, a client, a sender, and what a check must come to.</summary>
public sealed class SpfConformanceTests(ITestOutputHelper output)
{
    /// <summary>Where the scenarios ask for something else than the RFC does, and what the RFC has instead.</summary>
    private static readonly Dictionary<string, (string Result, string Why)> Departures = new(StringComparer.Ordinal)
    {
        ["basic.yml: DNS Lookup Limits #1"] = ("permerror", "ten names that do not exist; section 4.6.4 allows two by default, and the scenario is met with a higher limit"),
        ["exists.yml: Exists #2"] = ("fail", "only an AAAA record is there; section 5.7 asks for A, whatever the client has"),
        ["macro.yml: Macro expansion 2 #2"] = ("fail", "the same"),
    };

    [Fact]
    public async Task Each_scenario_comes_to_what_it_expects()
    {
        var scenarios = Conformance.Files("spf", "*.yml").SelectMany(SpfScenarios.Read).ToList();
        Assert.Equal(163, scenarios.Count);
        var wrong = new List<string>();
        foreach (var scenario in scenarios)
        {
            var check = await new SpfChecker(scenario.Zone).CheckAsync(
                new SpfQuery(IPAddress.Parse(scenario.Ip), scenario.Sender, scenario.Helo, DateTimeOffset.UnixEpoch), TestContext.Current.CancellationToken);
            var got = $"{check.Result.ToString().ToLowerInvariant()} {check.Explanation}".TrimEnd();
            var expected = Departures.TryGetValue(scenario.Name, out var departure) ? departure.Result : scenario.Expect;
            if (got != expected) wrong.Add($"{scenario.Name}: {got}, not {expected}: {check.Reason}");
        }
        output.WriteLine($"{scenarios.Count - wrong.Count - Departures.Count} of {scenarios.Count} as the scenarios have it, {Departures.Count} as the RFC has it instead");
        Assert.True(wrong.Count == 0, string.Join((char)10, wrong));
    }

    [Fact]
    public async Task With_another_limit_of_look_ups_that_find_nothing_the_scenario_of_ten_is_met()
    {
        var scenario = Conformance.Files("spf", "basic.yml").SelectMany(SpfScenarios.Read).Single(each => each.Name == "basic.yml: DNS Lookup Limits #1");
        var check = await new SpfChecker(scenario.Zone, new SpfLimits { MaxVoidLookups = 10 }).CheckAsync(
            new SpfQuery(IPAddress.Parse(scenario.Ip), scenario.Sender, scenario.Helo, DateTimeOffset.UnixEpoch), TestContext.Current.CancellationToken);
        Assert.Equal((scenario.Expect, 10, 10), (check.Result.ToString().ToLowerInvariant(), check.LookupCount, check.VoidLookupCount));
    }
}
