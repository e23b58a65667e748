using System.Globalization;
using System.Text;
using MailKit;

namespace MailOps.Mailboxes;

/// <summary>Sees what the server says, under TLS too, before MailKit does: it makes room for a literal of IMAP as large as the server says that it will be, and forgets why a login is refused.</summary>
/// <param name="limit">How many bytes the server may send now.</param>
internal sealed class ServerWatch(Func<long> limit) : IProtocolLogger
{
    private const int MaxKept = 512;

    private static readonly char[] Space = [' '];

    private readonly StringBuilder _line = new();
    private readonly StringBuilder _digits = new();
    private long _literal;
    private bool _announced;

    /// <summary>The last line by which the server refused something, without its first words; null for none.</summary>
    public string? Refusal { get; private set; }

    /// <summary>MailKit's own detector of secrets: nothing is written down here.</summary>
    public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

    public void LogConnect(Uri uri)
    {
        // Nothing was said yet.
    }

    public void LogClient(byte[] buffer, int offset, int count)
    {
        // Only the server is watched.
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

    // A literal (RFC 3501 section 4.3) is announced at the end of a line, as in {123}.
    private void See(char c)
    {
        switch (c)
        {
            case '\n':
                End();
                return;
            case '{':
                _announced = true;
                _digits.Clear();
                break;
            case >= '0' and <= '9' when _announced && _digits.Length < 20:
                _digits.Append(c);
                break;
            case '}' or '+' or '\r':
                break;
            default:
                _announced = false;
                break;
        }
        if (_line.Length < MaxKept) _line.Append(c);
    }

    private void End()
    {
        var line = _line.ToString();
        _line.Clear();
        if (line.StartsWith("-ERR ", StringComparison.Ordinal)) Refusal = line.Substring(5).TrimEnd('\r');
        // RFC 3501 section 7.1: NO and BAD behind the tag of a command.
        else if (line.Split(Space, 3) is { Length: 3 } words && words[0] is not ("*" or "+") && words[1] is "NO" or "BAD") Refusal = words[2].TrimEnd('\r');
        if (!_announced || _digits.Length == 0) return;
        _announced = false;
        if (!long.TryParse(_digits.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out _literal) || _literal > limit()) throw new TooMuchException(limit());
    }
}
