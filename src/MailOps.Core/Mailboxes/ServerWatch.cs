using System.Globalization;
using System.Text;
using MailKit;
using MailKit.Net.Imap;

namespace MailOps.Mailboxes;

/// <summary>A server asks for more and more while a client logs in.</summary>
internal sealed class EndlessLoginException() : IOException(FormattableString.Invariant($"more than {ServerWatch.MaxChallenges} challenges"));

/// <summary>Sees what the server says, under TLS too, before MailKit does: it makes room for a literal of IMAP as large as the server says that it will be, ends what is nested so deeply that MailKit, which goes down into it by recursion, would end the process, and keeps why a login is refused and how often it asks for more.</summary>
/// <param name="limit">How many bytes the server may send now.</param>
internal sealed class ServerWatch(Func<long> limit) : IProtocolLogger
{
    /// <summary>Challenges in one login; the longest mechanism has three.</summary>
    internal const int MaxChallenges = 10;

    private const int MaxKept = 512;

    /// <summary>Levels of parentheses in one answer of IMAP. Mails are not nested so deeply, and MailKit's recursion survives more.</summary>
    private const int MaxDepth = 100;

    private static readonly char[] Space = [' '];

    private readonly StringBuilder _line = new();
    private readonly StringBuilder _digits = new();
    private long _literal;
    private int _challenges;
    private int _depth;
    private bool _isImap;
    private bool _isContinued;
    private bool _startsTls;
    private Quote _quote;
    private Brace _brace;

    // Where a quoted string is. A quote ends it only before a space, a bracket or the line's end, as MailKit has it.
    private enum Quote
    {
        Outside,
        Inside,
        Escaped,
        MayEnd,
    }

    // Where the announcement of a literal is, as in {123} or {123+}.
    private enum Brace
    {
        None,
        Digits,
        Plus,
        Closed,
        Wrong,
    }

    /// <summary>The last line by which the server refused something, without its first words; null for none.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The last line that the server has said; null for none since it was made null.</summary>
    public string? LastLine { get; set; }

    /// <summary>Whether a login is under way, in which challenges are counted.</summary>
    public bool IsLoggingIn { get; set; }

    /// <summary>MailKit's own detector of secrets: nothing is written down here.</summary>
    public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

    public void LogConnect(Uri uri) => _isImap = uri.Scheme.StartsWith("imap", StringComparison.OrdinalIgnoreCase);

    // Only the server is watched; but what it began before TLS is not gone on with under TLS (RFC 3501 section 6.2.1), where the client speaks first.
    public void LogClient(byte[] buffer, int offset, int count)
    {
        if (_startsTls) Forget();
        _startsTls = Encoding.ASCII.GetString(buffer, offset, Math.Min(count, 64)).Contains("STARTTLS");
    }

    public void LogServer(byte[] buffer, int offset, int count)
    {
        for (var i = offset; i < offset + count; i++)
        {
            if (_literal > 0)
            {
                var skipped = (int)Math.Min(_literal, offset + count - i);
                _literal -= skipped;
                i += skipped - 1;
            }
            else
            {
                See((char)buffer[i]);
            }
        }
    }

    public void Dispose()
    {
        // Holds nothing.
    }

    private void See(char c)
    {
        if (c == '\n')
        {
            End();
            return;
        }
        if (_line.Length < MaxKept) _line.Append(c);
        if (!_isImap || IsQuoted(c)) return;
        SeeBrace(c);
        switch (c)
        {
            case '"':
                _quote = Quote.Inside;
                break;
            case '(' when ++_depth > MaxDepth:
                throw new ImapProtocolException(FormattableString.Invariant($"an answer has more than {MaxDepth} parentheses in one another"));
            case ')' when _depth > 0:
                _depth--;
                break;
            default:
                break;
        }
    }

    private bool IsQuoted(char c)
    {
        if (_quote == Quote.MayEnd) _quote = c is ']' or ')' or ' ' or '\r' ? Quote.Outside : Quote.Inside;
        if (_quote == Quote.Outside) return false;
        _quote = c switch
        {
            _ when _quote == Quote.Escaped => Quote.Inside,
            '\\' => Quote.Escaped,
            '"' => Quote.MayEnd,
            _ => Quote.Inside,
        };
        return true;
    }

    // A literal (RFC 3501 section 4.3) is announced at the end of a line, as in {123}.
    private void SeeBrace(char c)
    {
        if (c == '{' && _brace == Brace.None) _digits.Clear();
        else if (_brace == Brace.Digits && c is >= '0' and <= '9') _digits.Append(_digits.Length < 20 ? c.ToString() : "");
        _brace = (_brace, c) switch
        {
            (Brace.None, '{') => Brace.Digits,
            (Brace.None, _) => Brace.None,
            (Brace.Digits, >= '0' and <= '9') => Brace.Digits,
            (Brace.Digits, '+') => Brace.Plus,
            (Brace.Digits or Brace.Plus, '}') when _digits.Length > 0 => Brace.Closed,
            (Brace.Closed, '\r') => Brace.Closed,
            _ => Brace.Wrong,
        };
    }

    private void End()
    {
        var line = _line.ToString();
        var words = line.Split(Space, 3);
        LastLine = line.TrimEnd('\r');
        // RFC 3501 section 7.5, and POP3 alike: a plus sign, and the challenge.
        if (IsLoggingIn && !_isContinued && (line.StartsWith("+ ", StringComparison.Ordinal) || line.TrimEnd('\r') == "+") && ++_challenges > MaxChallenges) throw new EndlessLoginException();
        if (line.StartsWith("-ERR ", StringComparison.Ordinal)) Refusal = line.Substring(5).TrimEnd('\r');
        // RFC 3501 section 7.1: NO and BAD behind the tag of a command.
        else if (words.Length == 3 && words[0] is not ("*" or "+") && words[1] is "NO" or "BAD") Refusal = words[2].TrimEnd('\r');
        // Text for people has neither quoted strings nor literals, but for the code in brackets.
        var isText = !_isContinued && (words[0] is "+" || (words.Length == 3 && words[1] is "OK" or "NO" or "BAD" or "BYE" or "PREAUTH"));
        var isOpen = _quote is Quote.Inside or Quote.Escaped || _brace is Brace.Digits or Brace.Plus or Brace.Wrong;
        var isAnnounced = _brace == Brace.Closed;
        // Where this and MailKit could differ about what is quoted, nothing can be counted.
        if (isText ? isAnnounced && words.Length == 3 && words[2].StartsWith("[", StringComparison.Ordinal) : isOpen)
            throw new ImapProtocolException("a line ends within a quoted string or a brace");
        if (isText || !isAnnounced)
        {
            Forget();
            return;
        }
        _line.Clear();
        (_brace, _quote, _isContinued) = (Brace.None, Quote.Outside, true);
        if (!long.TryParse(_digits.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out _literal) || _literal > limit()) throw new TooMuchException(limit());
    }

    private void Forget()
    {
        _line.Clear();
        (_brace, _quote, _isContinued, _depth, _literal) = (Brace.None, Quote.Outside, false, 0, 0);
    }
}
