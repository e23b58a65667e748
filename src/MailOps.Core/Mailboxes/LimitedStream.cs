using System.Diagnostics;
using System.Net.Sockets;

namespace MailOps.Mailboxes;

/// <summary>A server sends more than it may for one question.</summary>
internal sealed class TooMuchException(long limit) : IOException(FormattableString.Invariant($"more than {limit} bytes for one question"))
{
    /// <summary>What it may send, in bytes.</summary>
    public long Limit => limit;
}

/// <summary>A connection of which each question has a limit in bytes and in time. MailKit, which reads from it, has neither.</summary>
/// <remarks>.NET Framework cannot cancel a socket, so the end of the time closes it: nothing more is read after that.</remarks>
internal sealed class LimitedStream(Socket socket) : Stream
{
    /// <summary>What is slower, in bytes a second, is no answer but a trickle that keeps the question open.</summary>
    private const int SlowestRate = 8 * 1024;

    private readonly NetworkStream _inner = new(socket, ownsSocket: true);
    private readonly Stopwatch _clock = new();
    private CancellationTokenSource? _end;
    private TimeSpan _timeout;
    private long _limit;
    private long _received;

    /// <summary>How many bytes may come for the question that is asked now.</summary>
    public long Limit => _limit;

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Begins a question.</summary>
    /// <param name="limit">How many bytes may come.</param>
    /// <param name="timeout">How long the server may take, beside the time for what it sends.</param>
    /// <param name="end">Cancelled when the time is over.</param>
    public void Begin(long limit, TimeSpan timeout, CancellationTokenSource end)
    {
        (_limit, _received, _timeout, _end) = (limit, 0, timeout, end);
        _clock.Restart();
        end.CancelAfter(timeout);
    }

    /// <summary>Ends it.</summary>
    public void End() => _end = null;

    public override int Read(byte[] buffer, int offset, int count) => Take(_inner.Read(buffer, offset, Room(count)));

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Take(await _inner.ReadAsync(buffer, offset, Room(count), cancellationToken).ConfigureAwait(false));

#if NET
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Take(await _inner.ReadAsync(buffer.Slice(0, Room(buffer.Length)), cancellationToken).ConfigureAwait(false));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _inner.WriteAsync(buffer, cancellationToken);
#endif

    public override void Write(byte[] buffer, int offset, int count) => _inner.Write(buffer, offset, count);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => _inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Flush() => _inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _inner.Dispose();
        base.Dispose(disposing);
    }

    private int Room(int count)
    {
        if (_received >= _limit) throw new TooMuchException(_limit);
        return (int)Math.Min(count, _limit - _received);
    }

    private int Take(int count)
    {
        _received += count;
        var left = _timeout + TimeSpan.FromSeconds((double)_received / SlowestRate) - _clock.Elapsed;
        if (count > 0) _end?.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        return count;
    }
}
