using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MailOps.Peers.Tests.Running;

/// <summary>A process a test started: its output is kept, and it and its children are gone when the test is.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private static readonly ConcurrentDictionary<int, ChildProcess> Running = [];
    private readonly Process _process;
    private readonly List<string> _lines = [];

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var child in Running.Values) child.Kill();
    };

    private ChildProcess(Process process) => _process = process;

    /// <summary>Its process id.</summary>
    public int Id { get; private init; }

    /// <summary>Everything it wrote so far, standard output and error together.</summary>
    public string Output => string.Join('\n', Lines);

    /// <summary>The lines it wrote so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program without a console and without a shell in between.</summary>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // What the test runner was told about itself is not for its children.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TESTINGPLATFORM", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        process.Start();
        var child = new ChildProcess(process) { Id = process.Id };
        Running[child.Id] = child;
        process.OutputDataReceived += child.Keep;
        process.ErrorDataReceived += child.Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>The exit code and what it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        await using var child = Start(program, arguments, environment);
        return (await child.ExitAsync(), child.Output);
    }

    /// <summary>Waits for its end and gives the exit code.</summary>
    /// <param name="patience">How long it may take. Default: <see cref="Until.Limit"/>.</param>
    public async Task<int> ExitAsync(TimeSpan? patience = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(patience ?? Until.Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            Assert.Fail($"{_process.StartInfo.FileName} did not end within {patience ?? Until.Limit}. It wrote:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Asks it to end, as an init system does.</summary>
    public void Terminate() => _ = Signal(Id, Sigterm);

    /// <summary>Ends it and its children at once (SIGKILL); it can flush and say nothing.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
        Running.TryRemove(Id, out _);
        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null) return;
        lock (_lines) _lines.Add(line.Data);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int id, int signal);
}
