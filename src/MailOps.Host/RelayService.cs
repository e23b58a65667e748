using System.Globalization;
using System.Runtime.InteropServices;
using MailOps.Relay;
using MailOps.Relay.Configuration;
using MailOps.Relay.Control;

namespace MailOps.Host;

/// <summary>A relay as a process of its own: started from its configuration, ended by a signal.</summary>
internal static class RelayService
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30), WarningCheck = TimeSpan.FromSeconds(10), LastWord = TimeSpan.FromSeconds(1), StartGrace = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Runs until SIGTERM or SIGINT, and says on standard output where it listens and when it is ready; on standard error what <c>Get-SmtpRelay</c> would show as Warnings, at start and when
    /// it comes up.
    /// </summary>
    public static async Task<int> ServeAsync(string configuration)
    {
        ServeOnSocketThreads();
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

        using var giveUp = new CancellationTokenSource();
        var starting = Task.Run(() => SmtpRelay.StartAsync(RelayConfiguration.ReadFile(configuration), giveUp.Token));
        if (await Task.WhenAny(starting, stop.Task) != starting) return await GiveUpAsync(starting, giveUp);
        await using var relay = await starting;
        foreach (var listener in relay.GetStatus().Listeners) Console.WriteLine($"Listening on {listener}");
        Console.WriteLine("Ready");
        // Beside the wait, and on a thread that may be blocked: a service manager that has stopped reading holds up the warnings, and not the stop.
        await await Task.WhenAny(stop.Task, Task.Run(() => WarnUntilAsync(stop.Task, relay)));
        var said = Task.Run(() => Console.WriteLine("Stopping"));   // the console writes nothing at all while one of its streams blocks
        await relay.StopAsync(Grace, CancellationToken.None);
        await Task.WhenAny(said, Task.Delay(LastWord));
        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;   // not the runtime's sudden end: ours, with what is in flight finished
            stop.TrySetResult();
        }
    }

    /// <summary>Told to stop while it starts, which may take long: a large queue is read, or a disk does not answer.</summary>
    private static async Task<int> GiveUpAsync(Task<SmtpRelay> starting, CancellationTokenSource giveUp)
    {
        await giveUp.CancelAsync();
        if (await Task.WhenAny(starting, Task.Delay(StartGrace)) != starting)
        {
            Console.Error.WriteLine($"The relay was told to stop while it started, and could not within {StartGrace.TotalSeconds} seconds: a disk does not answer.");
            return 1;
        }
        try
        {
            await (await starting).DisposeAsync();
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            // As it was told.
        }
        return 0;
    }

    // Nobody can ask this process for its state, so that it has to speak up by itself; each warning once, until it is gone and comes again.
    private static async Task WarnUntilAsync(Task stop, SmtpRelay relay)
    {
        var news = new NewWarnings();
        while (!stop.IsCompleted)
        {
            foreach (var warning in news.Of(relay.GetStatus().Warnings)) Console.Error.WriteLine($"WARNING: {warning}");
            await Task.WhenAny(stop, Task.Delay(WarningCheck));
        }
    }

    /// <summary>
    /// Lets the threads that learn of a socket's input work on it themselves, which saves waking another thread for every line of every session; a
    /// thread for each two processors, so that others have room for the disk. .NET takes this from the environment alone, and reads it with the first socket.
    /// Nothing in the relay blocks such a thread.
    /// </summary>
    private static void ServeOnSocketThreads()
    {
        if (OperatingSystem.IsWindows()) return;   // its completion ports know neither
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", Math.Max(1, Environment.ProcessorCount / 2).ToString(CultureInfo.InvariantCulture));
    }
}
