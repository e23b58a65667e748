using System.Diagnostics;
using System.Management.Automation;

namespace MailOps.PowerShell.Tests;

/// <summary>The pump under every asynchronous cmdlet, in the built module.</summary>
public sealed class AsyncCmdletTests : IDisposable
{
    private readonly Engine _engine = new();

    public AsyncCmdletTests() => _engine.Run("param($path) Import-Module -Name $path", BuiltFiles.TestCmdlets).AssertNoErrors();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void After_each_await_the_body_is_on_the_pipeline_thread()
    {
        var result = _engine.Run("Test-PumpThread").AssertNoErrors();
        Assert.Equal([true, true, true, true], result.Output.Select(o => o.BaseObject));
    }

    [Fact]
    public void Posts_from_other_threads_are_written_in_their_order_and_before_the_end()
    {
        var result = _engine.Run("Send-PumpPost -Count 100").AssertNoErrors();
        Assert.Equal(Enumerable.Range(0, 100).Order(), Numbers(result).Where(n => n >= 0));
        Assert.Contains(-1, Numbers(result));
    }

    [Fact]
    public void A_posted_action_that_throws_cancels_the_body_which_unwinds_and_its_error_is_the_cmdlets()
    {
        var before = Unwound();
        var result = _engine.Run("Send-PumpPost -Count 5 -FailAt 2");
        Assert.Equal([0, 1], Numbers(result));
        Assert.Equal("Action 2", result.Error.Exception.Message);
        Assert.Equal(before + 1, Unwound());
    }

    [Fact]
    public void A_post_after_the_body_is_over_is_ignored() =>
        Assert.Equal([-1, 7], Numbers(_engine.Run("Send-PumpPost; Send-PumpPost -Late; 7").AssertNoErrors()));

    [Fact]
    public void Two_asynchronous_cmdlets_in_one_pipeline_take_turns() =>
        Assert.Equal(Enumerable.Range(0, 50), Numbers(_engine.Run("Convert-PumpObject -Count 50 | Convert-PumpObject").AssertNoErrors()));

    [Fact]
    public void One_asynchronous_cmdlet_runs_inside_the_others_output()
    {
        var result = _engine.Run("Convert-PumpObject -Count 3 | ForEach-Object { $outer = $_; Convert-PumpObject -Count 2 | ForEach-Object { $outer * 10 + $_ } }");
        Assert.Equal([0, 1, 10, 11, 20, 21], Numbers(result.AssertNoErrors()));
    }

    [Fact]
    public void A_pipeline_that_wants_no_more_ends_the_body()
    {
        var result = _engine.Run("$seen = 0; foreach ($once in 1) { Convert-PumpObject -Count 1000000 | ForEach-Object { $seen++; if ($seen -eq 3) { break } } }; $seen");
        Assert.Equal([3], Numbers(result.AssertNoErrors()));
    }

    [Fact]
    public void Waiting_for_the_context_is_refused() =>
        Assert.IsType<NotSupportedException>(_engine.Run("Test-PumpSend").Error.Exception);

    [Fact]
    public void A_time_out_of_its_own_is_not_taken_for_a_stop()
    {
        var result = _engine.Run("Test-MailError -Code SmtpTimeout -Way Timeout; 'the script goes on'");
        Assert.Equal("My own time-out", result.Error.Exception.Message);
        Assert.Equal("the script goes on", (string)result.Output.Single().BaseObject);
    }

    [Fact]
    public void Ctrl_C_ends_a_waiting_cmdlet_at_once_and_its_finally_blocks_run()
    {
        var before = Unwound();
        Assert.InRange(Stop("Wait-Pump"), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(before + 1, Unwound());
    }

    [Fact]
    public void A_body_that_ignores_its_token_is_left_behind_after_three_seconds()
    {
        var before = Unwound();
        Assert.InRange(Stop("Wait-Pump -Stubborn"), TimeSpan.FromSeconds(2.9), TimeSpan.FromSeconds(30));
        Assert.Equal(before, Unwound());
    }

    /// <summary>Stops a cmdlet that has begun to wait; how long that took. The runspace must answer afterwards.</summary>
    private TimeSpan Stop(string script)
    {
        using var shell = _engine.Shell(script);
        using var output = new PSDataCollection<PSObject>();
        using var waiting = new ManualResetEventSlim();
        output.DataAdded += (_, _) => waiting.Set();
        var running = shell.BeginInvoke<PSObject, PSObject>(null, output);
        Assert.True(waiting.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        var clock = Stopwatch.StartNew();
        shell.Stop();
        var taken = clock.Elapsed;
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));
        Assert.Equal([42], Numbers(_engine.Run("42").AssertNoErrors()));
        return taken;
    }

    private int Unwound() => _engine.Run("[MailOps.PowerShell.TestCmdlets.Unwound]::Count").Value<int>();

    private static IEnumerable<int> Numbers(EngineResult result) => result.Output.Select(o => (int)o.BaseObject);
}
