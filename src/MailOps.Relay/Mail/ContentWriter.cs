using System.Buffers;
using MailOps.Relay.Disk;

namespace MailOps.Relay.Mail;

/// <summary>
/// Where the bytes of a message gather while they come in: in one pooled buffer up to 256 KiB, from there on in a file of the spool folder,
/// so that a large message is never held whole. <see cref="Append"/> never touches the disk; <see cref="SpillAsync"/> does.
/// </summary>
/// <remarks>Not flushed to disk: whoever takes responsibility for the message (the queue) does that.</remarks>
/// <param name="spoolFolder">The folder for the file; it must exist, on the queue's volume, so that the queue can take the file over by renaming it.</param>
/// <param name="memoryLimit">How many bytes stay in memory.</param>
internal sealed class ContentWriter(string spoolFolder, int memoryLimit = ContentWriter.DefaultMemoryLimit) : IDisposable
{
    /// <summary>256 KiB: nearly all mail is smaller and never costs a file of its own.</summary>
    public const int DefaultMemoryLimit = 256 * 1024;

    private const string Extension = ".incoming";
    private const int FirstBuffer = 4096;

    private byte[] _buffer = [];
    private int _buffered;
    private FileStream? _file;

    /// <summary>The bytes so far.</summary>
    public long Length { get; private set; }

    /// <summary>Adds bytes, in memory.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_buffer.Length - _buffered < bytes.Length) Grow(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
        Length += bytes.Length;
    }

    /// <summary>Moves what is in memory to the file where it is over the limit; to be awaited now and then while appending.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public ValueTask SpillAsync(CancellationToken cancellationToken) => _buffered > memoryLimit ? WriteOutAsync(cancellationToken) : default;

    /// <summary>Ends writing. The content owns the bytes from now on; disposing the writer is harmless.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public async ValueTask<MailContent> CompleteAsync(CancellationToken cancellationToken)
    {
        if (_file is null)
        {
            var content = new PooledContent(_buffer, _buffered);
            _buffer = [];
            _buffered = 0;
            return content;
        }
        await WriteOutAsync(cancellationToken).ConfigureAwait(false);
        var path = _file.Name;
        await _file.DisposeAsync().ConfigureAwait(false);
        _file = null;
        return new FileContent(path, Length);
    }

    /// <summary>Gives back the memory and deletes the file; nothing where the content was completed.</summary>
    public void Dispose()
    {
        GiveBack();
        if (_file is null) return;
        var path = _file.Name;
        _file.Dispose();
        _file = null;
        File.Delete(path);
    }

    private async ValueTask WriteOutAsync(CancellationToken cancellationToken)
    {
        _file ??= CreateInFolder();
        await _file.WriteAsync(_buffer.AsMemory(0, _buffered), cancellationToken).ConfigureAwait(false);
        _buffered = 0;
    }

    private FileStream CreateInFolder()
    {
        try
        {
            return Create();
        }
        catch (DirectoryNotFoundException) when (Directory.Exists(Path.GetDirectoryName(spoolFolder)))
        {
            // Somebody tidied up: the folder is empty nearly always. Where the queue's own folder is gone too, its mail is, and no more is taken.
            new LocalDisk().CreateFolder(spoolFolder);
            return Create();
        }
    }

    private FileStream Create()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous };
        return new FileStream(Path.Combine(spoolFolder, Guid.NewGuid().ToString("N") + Extension), options.ForOwnerOnly());
    }

    private void Grow(int more)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBuffer, Math.Max(_buffered + more, _buffered * 4)));
        _buffer.AsSpan(0, _buffered).CopyTo(larger);
        var length = _buffered;
        GiveBack();
        (_buffer, _buffered) = (larger, length);
    }

    private void GiveBack()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _buffered = 0;
    }

    private sealed class PooledContent(byte[] buffer, int length) : MailContent
    {
        private byte[]? _buffer = buffer;

        public override long Length => length;

        public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
        {
            bytes = Bytes.AsMemory(0, length);
            return true;
        }

        public override Stream OpenRead() => new MemoryStream(Bytes, 0, length, writable: false);

        private byte[] Bytes => _buffer ?? throw new ObjectDisposedException(nameof(MailContent));

        protected override void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _buffer, null) is { Length: > 0 } mine) ArrayPool<byte>.Shared.Return(mine);
            base.Dispose(disposing);
        }
    }
}
