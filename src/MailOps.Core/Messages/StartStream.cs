namespace MailOps.Messages;

/// <summary>Keeps the beginning of what is written and counts all of it.</summary>
internal sealed class StartStream(int most) : Stream
{
    private readonly MemoryStream _start = new();
    private long _length;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    public byte[] ToArray() => _start.ToArray();

    public override void Write(byte[] buffer, int offset, int count)
    {
        _start.Write(buffer, offset, (int)Math.Min(count, most - _start.Length));
        _length += count;
    }

    public override void Flush()
    {
        // All is in memory.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _start.Dispose();
        base.Dispose(disposing);
    }
}
