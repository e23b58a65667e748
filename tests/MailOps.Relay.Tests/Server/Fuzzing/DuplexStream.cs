using System.IO.Pipelines;

namespace MailOps.Relay.Tests.Server.Fuzzing;

/// <summary>One end of a connection in memory. The server waits for the client as on a socket; what it says may wait until the client listens.</summary>
internal sealed class DuplexStream(Stream from, Stream to) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Both ends of a new connection.</summary>
    public static (DuplexStream Client, DuplexStream Server) Pair()
    {
        var (up, down) = (new Pipe(), new Pipe(new PipeOptions(pauseWriterThreshold: 0)));
        return (new DuplexStream(down.Reader.AsStream(), up.Writer.AsStream()), new DuplexStream(up.Reader.AsStream(), down.Writer.AsStream()));
    }

    /// <summary>Ends this side; the other still can speak.</summary>
    public ValueTask EndAsync() => to.DisposeAsync();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => from.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => to.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => to.FlushAsync(cancellationToken);

    public override void Flush() => to.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            from.Dispose();
            to.Dispose();
        }
        base.Dispose(disposing);
    }
}
