using System.Buffers;

namespace MailOps.Relay.Server;

/// <summary>
/// Takes the content of DATA off the wire: removes dot-stuffing (RFC 5321 section 4.5.2) and finds the end, byte by byte, in any cut of the bytes. Only
/// CR LF ends a line and only CR LF . CR LF ends the message (RFC 5321 section 4.1.1.4). A message with a lone CR or LF is refused; its end
/// is then looked for the way a sloppy sender may have meant it, so that nothing behind it is ever taken for a command that was hidden in it.
/// </summary>
internal sealed class DataDecoder
{
    private enum State
    {
        /// <summary>At the beginning of a line, or of the message.</summary>
        LineStart,
        /// <summary>Inside a line.</summary>
        Text,
        /// <summary>After a CR inside a line.</summary>
        Cr,
        /// <summary>After the dot that began a line; the dot is not content.</summary>
        Dot,
        /// <summary>After dot and CR.</summary>
        DotCr,
        /// <summary>After the end.</summary>
        Ended,
    }

    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    private State _state = State.LineStart;
    private bool _lineBeforeEndedBare;

    /// <summary>Whether the end was found.</summary>
    public bool Ended => _state == State.Ended;

    /// <summary>Whether a CR or LF stood alone.</summary>
    public bool FoundBare { get; private set; }

    /// <summary>Whether the end was one only for a sloppy reader: what follows is not to be trusted.</summary>
    public bool EndedBare { get; private set; }

    /// <summary>Decodes up to the end of the message or of the input.</summary>
    /// <param name="input">Bytes from the wire.</param>
    /// <param name="content">Takes what is content.</param>
    /// <returns>How many bytes belong to the message.</returns>
    public int Decode(ReadOnlySpan<byte> input, IncomingContent content)
    {
        var start = 0;   // of what is content and not handed on yet
        var i = 0;
        while (i < input.Length && _state != State.Ended)
        {
            if (_state == State.Text)
            {
                var text = input[i..].IndexOfAny(LineEnds);
                if (text < 0)
                {
                    i = input.Length;
                    break;
                }
                i += text;
            }
            var isContent = Step(input[i]);
            if (!isContent)
            {
                content.Append(input[start..i]);
                start = i + 1;
            }
            i++;
        }
        content.Append(input[start..i]);
        if (FoundBare) content.Refuse(EndedBare ? Replies.BareNewlineAtEnd : Replies.BareNewline);
        return i;
    }

    // Whether the byte is content; the dot that begins a line and the CR LF behind a lone one are not.
    private bool Step(byte b)
    {
        switch (_state)
        {
            case State.LineStart when b == '.':
                _state = State.Dot;
                return false;
            case State.Dot when b == '\r':
                _state = State.DotCr;
                return false;
            case State.Dot when b == '\n':
                End(bare: true);
                return false;
            case State.DotCr when b == '\n':
                End(_lineBeforeEndedBare);
                return false;
            case State.Cr when b == '\n':
                (_state, _lineBeforeEndedBare) = (State.LineStart, false);
                return true;
            case State.Cr or State.DotCr:
                FoundBare = true;
                break;
            default: break;
        }
        if (b == '\n')
        {
            FoundBare = true;
            (_state, _lineBeforeEndedBare) = (State.LineStart, true);
            return true;
        }
        _state = b == '\r' ? State.Cr : State.Text;
        return true;
    }

    private void End(bool bare)
    {
        _state = State.Ended;
        EndedBare = bare;
        FoundBare |= bare;
    }
}
