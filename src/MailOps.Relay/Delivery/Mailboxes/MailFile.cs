using System.Globalization;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Mailboxes;

/// <summary>A message in a file of its own that others read.</summary>
internal static class MailFile
{
    private static long _counter;

    /// <summary>A name that no other delivery has: seconds, then microseconds, process and a counter; then the host, so that two relays may share the folder.</summary>
    public static string UniqueName(DateTimeOffset now, string hostName)
    {
        var micros = now.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond;
        return string.Create(CultureInfo.InvariantCulture, $"{now.ToUnixTimeSeconds()}.M{micros}P{Environment.ProcessId}Q{Interlocked.Increment(ref _counter)}{EndOf(hostName)}");
    }

    /// <summary>What the names of all files of a host end in.</summary>
    public static string EndOf(string hostName) => "." + hostName.Replace("/", "\\057", StringComparison.Ordinal).Replace(":", "\\072", StringComparison.Ordinal);

    /// <summary>Writes a new file, and returns when its bytes are on the disk.</summary>
    /// <param name="file">The file, which must not exist.</param>
    /// <param name="head">What comes before the content.</param>
    /// <param name="content">The content.</param>
    /// <param name="mode">Who may read it, on Unix; null is its owner alone.</param>
    /// <param name="cancellationToken">Ends it half-way.</param>
    public static async ValueTask WriteAsync(string file, byte[] head, MailContent content, UnixFileMode? mode, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous, BufferSize = 0 }.ForOwnerOnly();
        var stream = new FileStream(file, options);
        await using var _ = stream.ConfigureAwait(false);
        if (mode is { } given && !OperatingSystem.IsWindows()) File.SetUnixFileMode(stream.SafeFileHandle, given);   // whatever the umask says
        if (content.TryGetMemory(out var bytes))
        {
            await RandomAccess.WriteAsync(stream.SafeFileHandle, [head, bytes], 0, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await stream.WriteAsync(head, cancellationToken).ConfigureAwait(false);
            var source = content.OpenRead();
            await using var __ = source.ConfigureAwait(false);
            await source.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        FileFlush.ToDisk(stream.SafeFileHandle);
    }
}
