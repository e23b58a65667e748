using System.Security.Cryptography;

namespace MailOps.Authenticity.Signatures;

/// <summary>The SHA-256 of a body as a signature sees it (RFC 6376 sections 3.4.3 to 3.4.5); the body comes in blocks and is not kept.</summary>
/// <param name="isRelaxed">Whether white space within lines is one space, and none at their end.</param>
/// <param name="limit">How many bytes are signed (l=); null for all.</param>
internal sealed class BodyHash(bool isRelaxed, long? limit)
{
    private const int BufferSize = 16 * 1024;

    private readonly byte[] _buffer = new byte[BufferSize];
    private IncrementalHash? _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _buffered;
    private long _emptyLines;      // ends of lines that count only if something follows
    private bool _space, _return, _hasText;

    /// <summary>Whether white space is relaxed.</summary>
    public bool IsRelaxed { get; } = isRelaxed;

    /// <summary>How many bytes are signed.</summary>
    public long? Limit { get; } = limit;

    /// <summary>How many bytes the canonical body has.</summary>
    public long Length { get; private set; }

    /// <summary>The hash, once the body has ended.</summary>
    public byte[] Value { get; private set; } = [];

    /// <summary>Takes a block.</summary>
    public void Add(byte[] block, int count)
    {
        for (var i = 0; i < count;)
        {
            var plain = _return || _space || _emptyLines > 0 ? 0 : PlainLetters(block, i, count);
            if (plain > 0) Emit(block, i, plain);
            else Add(block[i]);
            i += Math.Max(plain, 1);
        }
    }

    /// <summary>Ends the body.</summary>
    public void End()
    {
        if (_return) Text((byte)'\r');
        // RFC 6376 section 3.4.3: an empty body is one line end; relaxed (section 3.4.4), it is nothing.
        if (_hasText || !IsRelaxed) LineEnd();
        Flush();
        Value = _hash!.GetHashAndReset();
        _hash.Dispose();
        _hash = null;
    }

    private void Add(byte letter)
    {
        if (_return)
        {
            _return = false;
            if (letter == '\n')
            {
                _space = false;
                _emptyLines++;
                return;
            }
            Text((byte)'\r');
        }
        if (letter == '\r') _return = true;
        else if (IsRelaxed && letter is (byte)' ' or (byte)'\t') _space = true;
        else Text(letter);
    }

    // Most of a body means nothing to either algorithm, and goes on as it is.
    private int PlainLetters(byte[] block, int start, int count)
    {
        var end = start;
        while (end < count && block[end] != '\r' && !(IsRelaxed && block[end] is (byte)' ' or (byte)'\t')) end++;
        return end - start;
    }

    private void Text(byte letter)
    {
        for (; _emptyLines > 0; _emptyLines--) LineEnd();
        if (_space) Emit((byte)' ');
        _space = false;
        Emit(letter);
        _hasText = true;
    }

    private void LineEnd()
    {
        Emit((byte)'\r');
        Emit((byte)'\n');
    }

    private void Emit(byte letter)
    {
        if (Limit is null || Length < Limit) _buffer[_buffered++] = letter;
        Length++;
        if (_buffered == BufferSize) Flush();
    }

    private void Emit(byte[] block, int start, int count)
    {
        var signed = Limit is { } limit ? (int)Math.Max(0, Math.Min(count, limit - Length)) : count;
        if (_buffered + signed > BufferSize) Flush();
        if (signed > BufferSize)
        {
            _hash!.AppendData(block, start, signed);
        }
        else
        {
            Array.Copy(block, start, _buffer, _buffered, signed);
            _buffered += signed;
        }
        if (_buffered == BufferSize) Flush();
        Length += count;
        _hasText = true;
    }

    private void Flush()
    {
        if (_buffered > 0) _hash!.AppendData(_buffer, 0, _buffered);
        _buffered = 0;
    }
}
