using System.Globalization;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;

namespace MailOps.Submission;

/// <summary>Turns the bytes on the wire into lines that may be shown: without credentials, and without the content of messages.</summary>
/// <remarks>
/// Secrets go by position, not by what they look like: from AUTH on, whatever the client sends is hidden until the server answers something other
/// than a challenge (RFC 4954 section 4). Content likewise: from 354 until the server's next line.
/// </remarks>
/// <param name="line">Takes the lines; null where nobody reads them, which spares the work.</param>
/// <param name="redaction">Takes the credential out.</param>
internal sealed class ConversationLog(Action<string>? line, Redaction redaction) : IProtocolLogger
{
    /// <summary>CRLF, dot, CRLF: the end of a content (RFC 5321 section 4.1.1.4).</summary>
    private const ulong ContentEnd = 0x0D0A2E0D0A;

    /// <summary>How many challenges may follow one another: the longest mechanism has three, and MailKit would answer for ever.</summary>
    private const int MaxChallenges = 10;

    private readonly StringBuilder _client = new();
    private readonly StringBuilder _server = new();
    private bool _authenticating;
    private int _challenges;
    private bool _inContent;
    private long _contentSize;
    private ulong _tail;   // the last five bytes of the client

    /// <summary>Whether a whole content is out and the server has not yet said whether it takes it: if the connection is lost now, nobody here knows.</summary>
    public bool AwaitsVerdict { get; private set; }

    /// <summary>MailKit's own detector of secrets, which is not used: see the remarks.</summary>
    public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

    public void LogConnect(Uri uri)
    {
        _client.Clear();
        _server.Clear();
        _authenticating = _inContent = AwaitsVerdict = false;
    }

    public void LogClient(byte[] buffer, int offset, int count)
    {
        for (var i = offset + Math.Max(0, count - 5); i < offset + count; i++) _tail = ((_tail << 8) | buffer[i]) & 0xFFFFFFFFFF;
        if (_inContent)
        {
            _contentSize += count;
            AwaitsVerdict = _tail == ContentEnd;
        }
        else if (line is not null)
        {
            ReadLines(_client, buffer, offset, count, OnClientLine);
        }
    }

    public void LogServer(byte[] buffer, int offset, int count)
    {
        if (_inContent)
        {
            line?.Invoke(string.Format(CultureInfo.InvariantCulture, "C: ({0} bytes of content)", _contentSize));
            _inContent = false;
            _contentSize = 0;
        }
        ReadLines(_server, buffer, offset, count, OnServerLine);
    }

    public void Dispose()
    {
        // Holds nothing.
    }

    private void OnClientLine(string text)
    {
        if (_authenticating)
        {
            line!("C: " + Redaction.Mark);
            return;
        }
        if (text.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase))
        {
            _authenticating = true;
            var words = text.Split(' ');
            text = words.Length > 2 ? $"{words[0]} {words[1]} {Redaction.Mark}" : text;
        }
        line!("C: " + redaction.Clean(text));
    }

    private void OnServerLine(string text)
    {
        _challenges = text.StartsWith("334", StringComparison.Ordinal) ? _challenges + 1 : 0;
        if (_challenges > MaxChallenges) throw new SmtpProtocolException("the server does not come to an end while this client logs in.");
        if (_authenticating && text.StartsWith("334", StringComparison.Ordinal))
        {
            line?.Invoke("S: 334 " + Redaction.Mark);   // a challenge may hold what the server knows of the user
            return;
        }
        _authenticating = false;
        _inContent = text.StartsWith("354", StringComparison.Ordinal);
        if (text.Length < 4 || text[3] != '-') AwaitsVerdict = false;   // the last line of a reply (RFC 5321 section 4.2.1)
        line?.Invoke("S: " + redaction.Clean(text));
    }

    private static void ReadLines(StringBuilder pending, byte[] buffer, int offset, int count, Action<string> onLine)
    {
        foreach (var c in Encoding.UTF8.GetString(buffer, offset, count))
        {
            if (c != '\n')
            {
                pending.Append(c);
                continue;
            }
            var text = pending.ToString().TrimEnd('\r');
            pending.Clear();
            onLine(text);
        }
    }
}
