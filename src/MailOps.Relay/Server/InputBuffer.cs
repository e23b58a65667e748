using System.Buffers;

namespace MailOps.Relay.Server;

/// <summary>
/// The bytes of one client that were read and not yet consumed, always together. Commands fit into a small buffer that the session keeps, so that one that
/// rests costs a kilobyte; a larger one is borrowed while there is content to read, or more than a few commands at once, and given back when it is empty.
/// </summary>
internal sealed class InputBuffer : IDisposable
{
    private const int Resting = 1024;
    private const int Working = 16 * 1024;   // one TLS record
    private const int Streaming = 64 * 1024;   // for a client that fills the other one at once
    private const int LeastRoom = 256;

    private readonly byte[] _resting = new byte[Resting];
    private byte[] _bytes;
    private int _start;
    private int _end;
    private bool _wasFilled;

    public InputBuffer() => _bytes = _resting;

    /// <summary>What was read and not consumed; valid until <see cref="Room"/> is asked for.</summary>
    public ReadOnlyMemory<byte> Held => _bytes.AsMemory(_start, _end - _start);

    /// <summary>Marks bytes as done with.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>Where to read the next bytes to, behind those that are held.</summary>
    /// <param name="content">Whether a message's content is coming, which is worth a larger buffer.</param>
    public Memory<byte> Room(bool content)
    {
        var held = _end - _start;
        if (held == 0) Exchange(content ? _wasFilled ? Streaming : Working : Resting);
        else if (_bytes.Length - held < LeastRoom) Exchange(Math.Max(Working, _bytes.Length * 2));
        else if (_bytes.Length - _end < LeastRoom) Exchange(_bytes.Length);
        return _bytes.AsMemory(_end);
    }

    /// <summary>So many bytes were read into the room.</summary>
    public void Took(int count)
    {
        _end += count;
        _wasFilled = _end == _bytes.Length;
    }

    /// <summary>Forgets everything.</summary>
    public void Dispose()
    {
        _start = _end;
        Exchange(Resting);
    }

    // Moves what is held to the beginning of a buffer of that size: this one, the small one, or a borrowed one.
    private void Exchange(int size)
    {
        var held = _bytes.AsSpan(_start, _end - _start);
        var target = size == Resting ? _resting : size > _bytes.Length || _bytes == _resting ? ArrayPool<byte>.Shared.Rent(size) : _bytes;
        held.CopyTo(target);
        (_start, _end) = (0, held.Length);
        if (target == _bytes) return;
        if (_bytes != _resting) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = target;
    }
}
