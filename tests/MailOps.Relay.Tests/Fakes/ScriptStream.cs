using System.Text;
using System.Threading.Channels;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>How the script's replies arrive.</summary>
public enum Chunking
{
    Whole,
    ByLine,
    ByByte,
}

/// <summary>
/// A server that follows a script: it sends a reply when exactly the expected octets have been written to it, and closes at the end. What is
/// written beyond the script, or differs from it, fails the test.
/// </summary>
public sealed class ScriptStream : Stream
{
    private readonly Queue<(byte[] Expected, byte[] Reply)> _script;
    private readonly Channel<byte[]> _replies = Channel.CreateUnbounded<byte[]>();
    private readonly Chunking _chunking;
    private readonly bool _hangAtEnd;
    private readonly MemoryStream _written = new();
    private byte[] _rest = [];

    public ScriptStream(Chunking chunking, IEnumerable<(string Expected, string Reply)> script, bool hangAtEnd = false)
    {
        (_chunking, _hangAtEnd) = (chunking, hangAtEnd);
        _script = new Queue<(byte[], byte[])>(script.Select(s => (Encoding.UTF8.GetBytes(s.Expected), Encoding.UTF8.GetBytes(s.Reply))));
        Advance();
    }

    /// <summary>How often was written, which is how often the network is used.</summary>
    public int Writes { get; private set; }

    /// <summary>Whether all of the script was played.</summary>
    public bool IsOver => _script.Count == 0;

    /// <summary>Sends what is in no script.</summary>
    public void Send(string text) => _replies.Writer.TryWrite(Encoding.UTF8.GetBytes(text));

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest.Length == 0)
        {
            if (!await _replies.Reader.WaitToReadAsync(cancellationToken)) return 0;
            _rest = await _replies.Reader.ReadAsync(cancellationToken);
        }
        var count = Math.Min(_rest.Length, buffer.Length);
        _rest.AsSpan(0, count).CopyTo(buffer.Span);
        _rest = _rest[count..];
        return count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Writes++;
        _written.Write(buffer.Span);
        Advance();
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Advance()
    {
        while (_script.TryPeek(out var next))
        {
            var written = _written.ToArray();
            var common = Math.Min(written.Length, next.Expected.Length);
            Assert.Equal(Encoding.UTF8.GetString(next.Expected, 0, common), Encoding.UTF8.GetString(written, 0, common));
            if (written.Length < next.Expected.Length) return;
            _script.Dequeue();
            _written.SetLength(0);
            _written.Write(written.AsSpan(common));
            foreach (var chunk in Chunks(next.Reply)) _replies.Writer.TryWrite(chunk);
        }
        if (_written.Length > 0) Assert.Fail("Written beyond the script: " + Encoding.UTF8.GetString(_written.ToArray()));
        if (!_hangAtEnd) _replies.Writer.TryComplete();
    }

    private IEnumerable<byte[]> Chunks(byte[] reply) => _chunking switch
    {
        Chunking.Whole => reply.Length == 0 ? [] : [reply],
        Chunking.ByByte => reply.Chunk(1),
        _ => Encoding.UTF8.GetString(reply).Split('\n').Select((l, i) => (l, i)).Where(p => p.l.Length > 0).Select(p => Encoding.UTF8.GetBytes(p.l.EndsWith('\r') ? p.l + "\n" : p.l)),
    };
}
