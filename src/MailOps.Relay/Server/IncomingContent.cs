using MailOps.Relay.Mail;
using MailOps.Relay.Server.Limits;

namespace MailOps.Relay.Server;

/// <summary>
/// The content of a message while it comes in. Once there is a reason to refuse it, what was kept is dropped, and the rest is only counted off: the
/// client hears the reason when it has finished (RFC 5321 section 4.2.5).
/// </summary>
/// <param name="server">Where large content goes, and where faults are told.</param>
/// <param name="limits">What the content may be.</param>
/// <param name="isBinary">RFC 3030 section 3: whether it has no lines.</param>
internal sealed class IncomingContent(Surroundings server, LimitOptions limits, bool isBinary = false) : IDisposable
{
    private readonly ContentWriter _writer = new(server.SpoolFolder);
    private readonly HopCounter _hops = new();
    private readonly LineLength? _lines = limits.MaxLineLength > 0 && !isBinary ? new LineLength(limits.MaxLineLength) : null;
    private long _size;
    private bool _afterCr;

    /// <summary>Why the message will be refused, or null so far.</summary>
    public Reply? Refusal { get; private set; }

    /// <summary>Bytes that came, less the dots that were stuffed.</summary>
    public long Size => _size;

    /// <summary>Whether the client has sent its end.</summary>
    public bool Complete { get; set; }

    /// <summary>Adds the relay's own trace header, which is not part of what the client sent.</summary>
    public void AppendTrace(string header) => _writer.Append(System.Text.Encoding.UTF8.GetBytes(header));

    /// <summary>Adds bytes of the client's message.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _size += bytes.Length;
        if (Refusal is not null) return;
        if (_size > limits.MaxMessageSize)
        {
            Refuse(Replies.TooBig);
            return;
        }
        _hops.Count(bytes);
        _lines?.Count(bytes);
        if (_hops.Hops > limits.MaxHops) Refuse(Replies.TooManyHops);
        else if (_hops.HeaderSize > limits.MaxHeaderSize) Refuse(Replies.HeaderTooBig);
        else if (_lines is { Exceeded: true }) Refuse(Replies.LineOfContentTooLong);
        else _writer.Append(bytes);
    }

    /// <summary>Adds bytes of a chunk. RFC 3030 section 3: without BINARYMIME these are lines too, and on the next hop a lone CR or LF could hide an end.</summary>
    public void AppendChunk(ReadOnlySpan<byte> bytes)
    {
        var rest = isBinary ? [] : bytes;
        while (!rest.IsEmpty)
        {
            if (_afterCr != (rest[0] == '\n')) Refuse(Replies.BareNewline);
            if (_afterCr) rest = rest[1..];
            var lineEnd = rest.IndexOfAny((byte)'\r', (byte)'\n');
            _afterCr = lineEnd >= 0 && rest[lineEnd] == '\r';
            if (lineEnd >= 0 && !_afterCr) Refuse(Replies.BareNewline);
            rest = lineEnd < 0 ? [] : rest[(lineEnd + 1)..];
        }
        Append(bytes);
    }

    /// <summary>The last chunk was taken.</summary>
    public void CompleteChunks()
    {
        if (_afterCr) Refuse(Replies.BareNewline);
        Complete = true;
    }

    /// <summary>Refuses the message, and drops what was kept of it. The first reason stays, unless a later one must end the session.</summary>
    public void Refuse(Reply reply)
    {
        if (Refusal is null || reply.Closes) Refusal = reply;
        _writer.Dispose();
    }

    /// <summary>Moves a large message to its file.</summary>
    public async ValueTask SpillAsync(CancellationToken cancellationToken)
    {
        if (Refusal is not null) return;
        try
        {
            await _writer.SpillAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            RefuseUnusable(e);
        }
    }

    /// <summary>The whole content, for who takes the message; null where it is refused.</summary>
    public async ValueTask<MailContent?> TakeAsync(CancellationToken cancellationToken)
    {
        if (Refusal is not null) return null;
        try
        {
            return await _writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            RefuseUnusable(e);
            return null;
        }
    }

    public void Dispose() => _writer.Dispose();

    private void RefuseUnusable(Exception e)
    {
        server.Trace.Fault($"content, writing in {server.SpoolFolder}", e);
        Refuse(Replies.SpoolUnusable);
    }
}
