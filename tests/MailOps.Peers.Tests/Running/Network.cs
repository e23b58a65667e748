using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace MailOps.Peers.Tests.Running;

/// <summary>
/// A network of one test's own (a Linux network namespace). What a test starts and opens in there has every port to itself, 25 and 443 too, and addresses that are not loopback ones but
/// lead no further. It is a thread's own, so the test stays on that thread: code that leaves it (ConfigureAwait(false), Task.Run) must not open sockets or start processes.
/// </summary>
internal sealed class Network : SynchronizationContext
{
    private const int NewNetwork = 0x40000000;   // CLONE_NEWNET of sched.h
    private readonly BlockingCollection<(SendOrPostCallback Work, object? State)> _due = [];

    /// <summary>Runs a test in a network that has 127.0.0.0/8 and the given addresses.</summary>
    public static Task RunAsync(IReadOnlyList<string> addresses, Func<Task> test)
    {
        Installed.Root("a network of its own can be made by root alone.");
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => new Network().Run(addresses, test, done)) { IsBackground = true, Name = "test network" }.Start();
        return done.Task;
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_due)
        {
            if (!_due.IsAddingCompleted) _due.Add((d, state), CancellationToken.None);
            else ThreadPool.QueueUserWorkItem(_ => d(state));   // the test is over: something of it only ends
        }
    }

    private void Run(IReadOnlyList<string> addresses, Func<Task> test, TaskCompletionSource done)
    {
        SetSynchronizationContext(this);
        var running = InsideAsync(addresses, test);
        running.ContinueWith(
            _ =>
            {
                lock (_due) _due.CompleteAdding();
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        foreach (var (work, state) in _due.GetConsumingEnumerable(CancellationToken.None)) work(state);
        if (running.Exception is { } failure) done.SetException(failure.InnerExceptions);
        else if (running.IsCanceled) done.SetCanceled(CancellationToken.None);
        else done.SetResult();
    }

    private static async Task InsideAsync(IReadOnlyList<string> addresses, Func<Task> test)
    {
        var ip = Installed.Program("ip", "iproute2");
        var made = Unshare(NewNetwork);
        Assert.SkipUnless(made == 0, $"The system makes no network namespace: error {Marshal.GetLastPInvokeError()}.");
        await IpAsync(ip, "link", "set", "lo", "up");
        foreach (var address in addresses) await IpAsync(ip, "address", "add", $"{address}/32", "dev", "lo");
        await test();
    }

    private static async Task IpAsync(string program, params string[] arguments)
    {
        var (exitCode, output) = await ChildProcess.RunAsync(program, arguments);
        Assert.True(exitCode == 0, output);
    }

    [DllImport("libc", EntryPoint = "unshare", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unshare(int flags);
}
