using System.Diagnostics.CodeAnalysis;

namespace MailOps.Relay.Mail;

/// <summary>
/// The bytes of one message, exactly as they go over the wire but without dot-stuffing: in memory when small, in a file when large.
/// It can be read more than once; whoever made it disposes it.
/// </summary>
public abstract class MailContent : IDisposable
{
    /// <summary>The number of bytes.</summary>
    public abstract long Length { get; }

    /// <summary>The bytes, where they are in memory; they stay valid until the content is disposed.</summary>
    public virtual bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <summary>The file, where they are in one. A queue on the same volume may take the file over by renaming it.</summary>
    public virtual bool TryGetFile([NotNullWhen(true)] out string? path)
    {
        path = null;
        return false;
    }

    /// <summary>Reads from the first byte.</summary>
    public abstract Stream OpenRead();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives back the memory, or deletes the file if it is still where it was made.</summary>
    protected virtual void Dispose(bool disposing) { }
}

/// <summary>Content in memory.</summary>
/// <param name="content">The bytes; the caller keeps them unchanged while the content lives.</param>
public sealed class MemoryContent(ReadOnlyMemory<byte> content) : MailContent
{
    /// <inheritdoc/>
    public override long Length => content.Length;

    /// <inheritdoc/>
    public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
    {
        bytes = content;
        return true;
    }

    /// <inheritdoc/>
    public override Stream OpenRead() => new MemoryStream(content.ToArray(), writable: false);
}
