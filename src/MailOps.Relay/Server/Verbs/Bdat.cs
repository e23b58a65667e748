using System.Buffers.Text;

namespace MailOps.Relay.Server.Verbs;

/// <summary>BDAT (RFC 3030 section 2): content in chunks whose size is said before, hence without dot-stuffing and without an end to look for.</summary>
internal static class Bdat
{
    public static async ValueTask<Reply?> RunAsync(Session session, ReadOnlyMemory<byte> argument)
    {
        if (!TryRead(argument.Span, out var size, out var last)) return Replies.BadChunk;
        var content = session.Transaction!.OpenContent(session.Server, session.Limits);
        if (await ReceiveAsync(session, size, content).ConfigureAwait(false) is { } lost) return lost;
        if (last) content.CompleteChunks();
        if (last || content.Refusal is not null) return await Acceptance.CommitAsync(session).ConfigureAwait(false);
        return Replies.ChunkTaken(size);
    }

    /// <summary>RFC 3030 section 2: the bytes come, whether the command may run or not, and are thrown away where it may not.</summary>
    public static async ValueTask<Reply?> SkipAsync(Session session, ReadOnlyMemory<byte> argument) =>
        TryRead(argument.Span, out var size, out _) ? await ReceiveAsync(session, size, null).ConfigureAwait(false) : Replies.BadChunk;

    private static async ValueTask<Reply?> ReceiveAsync(Session session, long size, IncomingContent? content)
    {
        var connection = session.Connection;
        for (var remaining = size; remaining > 0;)
        {
            var input = connection.Buffered;
            if (input.IsEmpty)
            {
                if (await session.AwaitContentAsync().ConfigureAwait(false) is { } lost) return lost;
                continue;
            }
            var taken = (int)Math.Min(remaining, input.Length);
            if (content is not null)
            {
                content.AppendChunk(input.Span[..taken]);
                await content.SpillAsync(connection.Aborted).ConfigureAwait(false);
            }
            connection.Consume(taken);
            remaining -= taken;
        }
        return null;
    }

    // RFC 3030 section 2: chunk-size [SP "LAST"]
    private static bool TryRead(ReadOnlySpan<byte> argument, out long size, out bool last)
    {
        var space = argument.IndexOf((byte)' ');
        var digits = space < 0 ? argument : argument[..space];
        last = space >= 0;
        return Utf8Parser.TryParse(digits, out size, out var read) && read == digits.Length && char.IsAsciiDigit((char)digits[0])
            && (!last || System.Text.Ascii.EqualsIgnoreCase(argument[space..].Trim((byte)' '), "LAST"));
    }
}
