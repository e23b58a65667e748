namespace MailOps.Submission;

/// <summary>
/// The content of a message as DATA has it: a dot before every dot that begins a line, CRLF at the end if it lacks one, and the final dot (RFC 5321 section 4.5.2). A small one is kept, so
/// that its size is known before it goes, and goes in one write; of a large one the size is counted, and it is written a second time, to the wire.
/// </summary>
#pragma warning disable CA1844 // WriteAsync of memory comes to that of an array, the only one that .NET Framework has
internal sealed class SubmissionContent : Stream
#pragma warning restore CA1844
{
    /// <summary>What is kept of a message at most, in bytes: most have less, and each connection holds that much.</summary>
    private const int MaxKept = 64 * 1024;

    private byte[] _bytes = new byte[4096];
    private int _count;
    private byte _last;
    private SmtpWire? _wire;

    /// <summary>The bytes of the message, without the dots that SMTP adds (RFC 1870 section 5).</summary>
    public long Size { get; private set; }

    /// <summary>Whether it has bytes beyond ASCII.</summary>
    public bool Has8Bit { get; private set; }

    /// <summary>Whether all of it is kept.</summary>
    public bool IsKept { get; private set; }

    /// <summary>Whether it is the wire that failed, and not what is written.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The bytes that went over the wire.</summary>
    public long Sent { get; private set; }

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => Size;

    public override long Position
    {
        get => Size;
        set => throw new NotSupportedException();
    }

    /// <summary>Begins another message.</summary>
    /// <param name="wire">Where it goes as it is written; null to keep it.</param>
    public void Begin(SmtpWire? wire)
    {
        (_count, _last, _wire, Size, Sent) = (0, (byte)'\n', wire, 0, 0);
        (IsKept, HasFailed) = (wire is null, false);
        if (IsKept) Has8Bit = false;
    }

    /// <summary>Ends the message, and sends what is not yet sent.</summary>
    /// <exception cref="SmtpRefusedException">The server has refused it, and takes no more of it.</exception>
    public Task EndAsync(SmtpWire wire, CancellationToken cancellationToken)
    {
        if (_last != '\n') Put([(byte)'\r', (byte)'\n'], 0, 2);
        Put([(byte)'.', (byte)'\r', (byte)'\n'], 0, 3);
        return SendAsync(wire, cancellationToken);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        Size += count;
        var end = offset + count;
        for (var i = offset; i < end && !Has8Bit; i++) Has8Bit = buffer[i] > 127;
        if (!IsKept && _wire is null) return;
        for (var i = offset; i < end;)
        {
            if (_last == '\n' && buffer[i] == '.') Put([(byte)'.'], 0, 1);
            var lineEnd = Array.IndexOf(buffer, (byte)'\n', i, end - i);
            var next = lineEnd < 0 ? end : lineEnd + 1;
            Put(buffer, i, next - i);
            _last = buffer[next - 1];
            i = next;
        }
        if (_count > MaxKept && _wire is null) (IsKept, _count) = (false, 0);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer, offset, count);
        return _wire is not null && _count >= MaxKept / 2 ? SendAsync(_wire, cancellationToken) : Task.CompletedTask;
    }

    public override void Flush()
    {
        // EndAsync sends what is left.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task SendAsync(SmtpWire wire, CancellationToken cancellationToken)
    {
        var count = _count;
        _count = 0;
        Sent += count;
        HasFailed = true;
        if (await wire.SendUnlessRefusedAsync(_bytes, count, cancellationToken).ConfigureAwait(false) is { } refusal) throw new SmtpRefusedException(SubmissionStep.Content, refusal, endsConnection: true);
        HasFailed = false;
    }

    private void Put(byte[] bytes, int offset, int count)
    {
        if (_count + count > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_count + count, 2 * _bytes.Length));
        Array.Copy(bytes, offset, _bytes, _count, count);
        _count += count;
    }
}
