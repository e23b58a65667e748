using System.Buffers;
using System.Text;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>
/// Reads one reply (RFC 5321 section 4.2) off the front of what has arrived: lines of one code, a hyphen after it on all but the last. A bare LF
/// ends a line too, for some servers write it. What is not a reply, or longer than any server has reason to, is a fault of the server.
/// </summary>
internal static class ReplyParser
{
    // RFC 5321 section 4.5.3.1.5 allows 512 octets a line; real servers exceed it. Text of a whole reply is held, hence bounded.
    internal const int MaxReply = 16 * 1024;

    /// <summary>True with the reply and the position behind it; false where more must arrive.</summary>
    /// <exception cref="FormatException">What arrived is not a reply.</exception>
    public static bool TryRead(ReadOnlySequence<byte> buffer, out SmtpReply? reply, out SequencePosition end)
    {
        var reader = new SequenceReader<byte>(buffer);
        reply = null;
        end = buffer.Start;
        var code = 0;
        string? enhanced = null;
        StringBuilder? text = null;
        while (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
        {
            var bytes = TrimCr(line);
            var (lineCode, last) = Head(bytes);
            if (code != 0 && lineCode != code) throw new FormatException("the lines of one reply have different codes");
            code = lineCode;
            var words = Words(bytes.Length > 4 ? bytes[4..] : default, code, ref enhanced);
            if (last)
            {
                reply = new SmtpReply(code, enhanced, text is null ? words : text.Append('\n').Append(words).ToString());
                end = reader.Position;
                return true;
            }
            text = text is null ? new StringBuilder(words) : text.Append('\n').Append(words);
        }
        if (buffer.Length > MaxReply) throw new FormatException("the reply does not end");
        return false;
    }

    private static ReadOnlySpan<byte> TrimCr(in ReadOnlySequence<byte> line)
    {
        if (line.Length > MaxReply) throw new FormatException("a line is too long");
        var bytes = line.IsSingleSegment ? line.FirstSpan : line.ToArray();
        return bytes is [.., (byte)'\r'] ? bytes[..^1] : bytes;
    }

    private static (int Code, bool Last) Head(ReadOnlySpan<byte> line)
    {
        if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5' || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2]))
            throw new FormatException("a line does not begin with a reply code");
        if (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-')) throw new FormatException("a reply code is followed by neither a space nor a hyphen");
        return ((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'), line.Length == 3 || line[3] == ' ');
    }

    // RFC 2034 section 4: the enhanced code stands at the beginning of each line, with the class of the reply.
    private static string Words(ReadOnlySpan<byte> bytes, int code, ref string? enhanced)
    {
        var length = EnhancedLength(bytes);
        if (length > 0 && bytes[0] - '0' == code / 100)
        {
            enhanced ??= Encoding.ASCII.GetString(bytes[..length]);
            bytes = bytes[length..].TrimStart((byte)' ');
        }
        var text = Encoding.UTF8.GetString(bytes);
        return text.AsSpan().ContainsAnyInRange('\0', '\x1f') ? string.Concat(text.Select(c => c < ' ' ? ' ' : c)) : text;
    }

    private static int EnhancedLength(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 5 || bytes[1] != '.') return 0;
        var subject = Digits(bytes[2..]);
        if (subject is 0 or > 3 || bytes.Length <= 2 + subject || bytes[2 + subject] != '.') return 0;
        var detail = Digits(bytes[(3 + subject)..]);
        var length = 3 + subject + detail;
        return detail is 0 or > 3 || (bytes.Length > length && bytes[length] != ' ') ? 0 : length;
    }

    private static int Digits(ReadOnlySpan<byte> bytes)
    {
        var other = bytes.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return other < 0 ? bytes.Length : other;
    }
}
