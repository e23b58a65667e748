using System.Globalization;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Servers;

/// <summary>Postfix's smtp-sink: takes everything, keeps a file a message.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly string _folder;

    private SmtpSink(ChildProcess process, string folder, int port) => (_process, _folder, Port) = (process, folder, port);

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>The messages it has, envelope first (<c>X-Mail-Args</c>, <c>X-Rcpt-Args</c>), line ends as LF.</summary>
    public IReadOnlyList<string> Messages => [.. Directory.GetFiles(_folder).Select(File.ReadAllText).Where(text => text.EndsWith("\n\n", StringComparison.Ordinal))];

    /// <summary>Starts it.</summary>
    /// <param name="folder">The test's folder.</param>
    /// <param name="options">More of its options, such as <c>-r RCPT</c> to refuse recipients.</param>
    public static async Task<SmtpSink> StartAsync(TestFolder folder, params string[] options)
    {
        var program = Installed.Program("smtp-sink", "postfix");
        var port = Ports.Free();
        var dump = folder.At("sink");
        string[] where = ["-d", Path.Combine(dump, "%M.")];
        if (Environment.IsPrivilegedProcess)
        {
            await folder.FolderOfAsync("sink", "nobody");
            where = ["-u", "nobody", "-R", dump, "-d", "%M."];
        }
        else
        {
            Directory.CreateDirectory(dump);
        }

        var process = ChildProcess.Start(program, [.. where, .. options, $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}", "1000"]);
        var sink = new SmtpSink(process, dump, port);
        await Ports.OpenAsync(port, process);
        return sink;
    }

    /// <summary>Waits for so many messages.</summary>
    public Task<IReadOnlyList<string>> ReceivedAsync(int count) =>
        Until.FoundAsync(() => Messages is { } messages && messages.Count >= count ? messages : null, () => $"smtp-sink has {Messages.Count} of {count} messages.");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
