using System.Security;

namespace MailOps.Messages;

/// <summary>Files that go into messages: attachments and whole messages.</summary>
internal static class MessageFile
{
    /// <summary>Opens a file for reading in the background.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/> with the reason.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 16 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MailOpsException(ErrorCode.FileUnreadable, $"The file '{path}' does not exist.", "Check the path; a relative one starts at the current location of PowerShell.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or ArgumentException or NotSupportedException)
        {
            var reason = Directory.Exists(path) ? "it is a folder" : e.Message;
            throw new MailOpsException(ErrorCode.FileUnreadable, $"The file '{path}' cannot be read: {reason}", "Check that it is a file, that you may read it and that no program holds it open for itself.", e);
        }
    }

    /// <summary>The beginning of a file.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/> with the reason.</exception>
    public static async Task<byte[]> ReadHeadAsync(string path, int limit, CancellationToken cancellationToken)
    {
        using var file = Open(path);
        try
        {
            return await ReadHeadAsync(file, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailOpsException(ErrorCode.FileUnreadable, $"The file '{path}' cannot be read: {e.Message}", "Check the disk or the share it is on, and try again.", e);
        }
    }

    /// <summary>The beginning of a stream, from where it stands.</summary>
    public static async Task<byte[]> ReadHeadAsync(Stream content, int limit, CancellationToken cancellationToken)
    {
        using var head = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (head.Length < limit)
        {
            var wanted = (int)Math.Min(buffer.Length, limit - head.Length);
            var read = await content.ReadAsync(buffer, 0, wanted, cancellationToken).ConfigureAwait(false);
            if (read == 0) break;
            head.Write(buffer, 0, read);
        }
        return head.ToArray();
    }
}
