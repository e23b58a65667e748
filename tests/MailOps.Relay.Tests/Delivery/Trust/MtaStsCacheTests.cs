using MailOps.Relay.Delivery.Trust;
using MailOps.Relay.Delivery.Trust.Reports;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery.Trust;

public sealed class MtaStsCacheTests
{
    private static readonly TimeSpan Later = MtaStsCache.CheckEvery;

    [Fact]
    public async Task A_policy_is_fetched_once_and_again_when_its_id_changes()
    {
        await using var scene = new MtaStsScene();
        Assert.Equal(["mx.example.test"], (await scene.FindAsync()).Policy!.Mx);
        scene.Pass(Later);
        await scene.FindAsync();
        Assert.Equal(1, scene.Fetches);

        scene.Publish("enforce", "mx2.example.test", 86400);
        scene.Record("a2");
        Assert.Equal(["mx.example.test"], (await scene.FindAsync()).Policy!.Mx);   // the record was looked at a moment ago
        scene.Pass(Later);
        Assert.Equal(["mx2.example.test"], (await scene.FindAsync()).Policy!.Mx);
        Assert.Equal(2, scene.Fetches);
    }

    [Fact]
    public async Task Who_blocks_the_DNS_or_the_web_server_does_not_take_a_policy_away_before_it_expires()
    {
        await using var scene = new MtaStsScene();
        await scene.FindAsync();
        scene.Answer = new HttpsResponse(503, null, []);
        foreach (var attack in (Action[])[
            () => scene.Dns.Fail.Add("TXT _mta-sts.example.test"),
            () => scene.Dns.Txt.Remove("_mta-sts.example.test"),
            () => scene.Dns.Txt["_mta-sts.example.test"] = ["v=STSv1; id=-"],
            () => scene.Record("b1")])
        {
            scene.Dns.Fail.Clear();
            attack();
            scene.Pass(Later);
            Assert.Equal(MtaStsMode.Enforce, (await scene.FindAsync()).Policy?.Mode);
        }
        Assert.Equal(2, scene.Fetches);
        Assert.Contains("it counts until 2026-03-08 12:00:00Z: the DNS gave no answer for its record", Assert.Single(scene.Trace.Faults), StringComparison.Ordinal);   // told once

        scene.Pass(TimeSpan.FromDays(7) - (5 * Later));
        Assert.NotNull((await scene.FindAsync()).Policy);
        scene.Pass(Later);
        Assert.Equal(new MtaStsAnswer(null, TlsResultType.StsPolicyFetchError, "the policy cannot be had: the server answered 503") { IsUnknown = true }, await scene.FindAsync());
    }

    [Theory]
    [InlineData("record", TlsResultType.StsPolicyInvalid, false)]
    [InlineData("policy", TlsResultType.StsPolicyInvalid, false)]
    [InlineData("server", TlsResultType.StsPolicyFetchError, true)]
    [InlineData("none", null, false)]
    [InlineData("dns", null, true)]
    public async Task A_policy_that_was_never_there_keeps_no_mail_and_is_looked_for_again_after_a_pause(string wrong, object? failure, bool isUnknown)
    {
        await using var scene = new MtaStsScene();
        var good = scene.Answer;
        switch (wrong)
        {
            case "record": scene.Dns.Txt["_mta-sts.example.test"] = ["v=STSv1; id="]; break;
            case "policy": scene.Answer = HttpsResponse.Text("hello"); break;
            case "server": scene.Answer = new HttpsResponse(404, null, []); break;
            case "none": scene.Dns.Txt.Clear(); break;
            default: scene.Dns.Fail.Add("TXT _mta-sts.example.test"); break;
        }
        var answer = await scene.FindAsync();
        Assert.Equal((null, (TlsResultType?)failure, isUnknown), (answer.Policy, answer.Failure, answer.IsUnknown));

        (scene.Answer, scene.Dns.Txt["_mta-sts.example.test"]) = (good, ["v=STSv1; id=a1"]);
        scene.Dns.Fail.Clear();
        scene.Pass(Later - TimeSpan.FromSeconds(1));
        Assert.Null((await scene.FindAsync()).Policy);
        scene.Pass(TimeSpan.FromSeconds(1));
        Assert.NotNull((await scene.FindAsync()).Policy);
    }

    [Fact]
    public async Task Mode_none_takes_a_policy_away()
    {
        await using var scene = new MtaStsScene();
        await scene.FindAsync();
        scene.Publish("none", "mx.example.test", 86400);
        scene.Record("a2");
        scene.Pass(Later);
        Assert.Equal(MtaStsAnswer.None, await scene.FindAsync());
        scene.Pass(Later);
        Assert.Equal(MtaStsAnswer.None, await scene.FindAsync());
        Assert.Equal(2, scene.Fetches);
        await scene.RestartAsync();
        Assert.DoesNotContain("example.test", await File.ReadAllTextAsync(scene.File, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_is_fetched_again_each_day_although_no_mail_asks_for_it()
    {
        await using var scene = new MtaStsScene();
        await scene.FindAsync();
        scene.Publish("enforce", "mx2.example.test", 86400 * 7);   // under the same id
        scene.Pass(TimeSpan.FromHours(23));
        scene.Pass(TimeSpan.FromHours(1) + MtaStsCache.RefreshEvery);
        await Poll.UntilAsync(() => scene.Fetches == 2);
        await Poll.UntilAsync(() => scene.FindAsync().GetAwaiter().GetResult().Policy!.Mx is ["mx2.example.test"]);
        Assert.Empty(scene.Trace.Faults);
    }

    [Fact]
    public async Task Many_who_ask_for_one_domain_share_a_look_up_and_hold_up_no_other()
    {
        await using var scene = new MtaStsScene();
        var (held, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        scene.Dns.Before = _ =>
        {
            held.TrySetResult();
            return release.Task;
        };
        var many = Enumerable.Range(0, 20).Select(_ => scene.FindAsync()).ToList();
        await held.Task;
        scene.Dns.Before = _ => Task.CompletedTask;
        Assert.Equal(MtaStsAnswer.None, await scene.FindAsync("other.test"));
        Assert.All(many, task => Assert.False(task.IsCompleted));
        release.SetResult();
        Assert.All(await Task.WhenAll(many), answer => Assert.NotNull(answer.Policy));
        Assert.Equal(1, scene.Fetches);
    }

    [Fact]
    public async Task Mail_for_a_domain_whose_policy_is_known_waits_only_a_little_to_hear_whether_it_has_changed()
    {
        await using var scene = new MtaStsScene();
        await scene.FindAsync();
        var (held, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        scene.Dns.Before = _ =>
        {
            held.TrySetResult();
            return release.Task;
        };
        scene.Pass(Later);
        var waits = scene.FindAsync();
        await held.Task;
        for (var i = 0; i < 1000 && !waits.IsCompleted; i++)   // its timer may not exist at the first
        {
            scene.Pass(TimeSpan.FromSeconds(5));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        var isOver = waits.IsCompleted;
        release.SetResult();
        Assert.True(isOver);
        Assert.NotNull((await waits).Policy);
    }

    [Fact]
    public async Task A_restart_keeps_policies_for_the_relay_alone()
    {
        await using var scene = new MtaStsScene();
        await scene.FindAsync();
        await scene.RestartAsync(() => scene.Dns.Fail.Add("TXT _mta-sts.example.test"));
        var policy = (await scene.FindAsync()).Policy!;
        Assert.Equal(["version: STSv1", "mode: enforce", "mx: mx.example.test", "max_age: 604800"], policy.Lines);
        Assert.Equal(1, scene.Fetches);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(scene.File));
        scene.Pass(TimeSpan.FromDays(7));
        Assert.Null((await scene.FindAsync()).Policy);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(300, false)]   // with more exchangers than anybody has it counts, and is fetched anew after a restart
    public async Task On_disk_a_policy_has_only_what_counts_and_a_bound(int exchangers, bool isKept)
    {
        await using var scene = new MtaStsScene();
        var mx = string.Concat(Enumerable.Range(0, exchangers).Select(i => $"mx: mx{i}.example.test\n"));
        scene.Answer = HttpsResponse.Text($"version: STSv1\nmode: enforce\n{mx}max_age: 604800\n{string.Concat(Enumerable.Repeat("mode: none\n", 1000))}x: {new string('y', 40_000)}\n");
        Assert.Equal(exchangers, (await scene.FindAsync()).Policy!.Mx.Count);
        await scene.RestartAsync(() => scene.Dns.Fail.Add("TXT _mta-sts.example.test"));
        Assert.InRange(new FileInfo(scene.File).Length, 1, 5000);
        Assert.Empty(scene.Trace.Faults);
        Assert.Equal(isKept, (await scene.FindAsync()).Policy is { Mode: MtaStsMode.Enforce });
    }

    [Fact]
    public async Task A_crash_loses_no_policy_that_is_older_than_some_seconds()
    {
        await using var scene = new MtaStsScene();
        await scene.FindAsync();
        scene.Pass(TimeSpan.FromSeconds(10));
        await Poll.UntilAsync(() => File.Exists(scene.File));
    }

    [Theory]
    [InlineData("{ \"version\": 1, \"policies\": [ {")]
    [InlineData("{ \"version\": 1 }")]
    [InlineData("{ \"version\": 2, \"policies\": [] }")]
    [InlineData("null")]
    [InlineData("{ \"version\": 1, \"policies\": [ { \"domain\": \"example.test\", \"id\": \"a\", \"fetched\": \"2026-03-01T12:00:00Z\", \"policy\": [ \"version: STSv1\" ] } ] }")]
    public async Task A_damaged_file_is_told_and_set_aside(string content)
    {
        await using var scene = new MtaStsScene();
        await scene.RestartAsync(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(scene.File)!);
            File.WriteAllText(scene.File, content);
        });
        Assert.Contains("' is damaged: ", Assert.Single(scene.Trace.Faults), StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(scene.File + ".damaged", TestContext.Current.CancellationToken));
        Assert.NotNull((await scene.FindAsync()).Policy);
        await scene.RestartAsync(() => Assert.True(File.Exists(scene.File)));
        Assert.Single(scene.Trace.Faults);
    }

    [Fact]
    public async Task Of_too_many_domains_those_with_a_policy_are_kept()
    {
        await using var scene = new MtaStsScene(maxDomains: 10);
        await scene.FindAsync();
        for (var i = 0; i < 50; i++) await scene.FindAsync($"d{i}.test");
        scene.Dns.Fail.Add("TXT _mta-sts.example.test");
        scene.Pass(Later);
        Assert.NotNull((await scene.FindAsync()).Policy);
    }

    [Fact]
    public async Task A_policy_of_no_time_counts_for_the_mail_that_waited_for_it()
    {
        await using var scene = new MtaStsScene();
        scene.Publish("testing", "mx.example.test", 0);
        Assert.Equal(MtaStsMode.Testing, (await scene.FindAsync()).Policy?.Mode);
        scene.Dns.Fail.Add("TXT _mta-sts.example.test");
        scene.Pass(Later);
        Assert.Null((await scene.FindAsync()).Policy);
    }
}
