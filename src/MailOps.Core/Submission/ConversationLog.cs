using System.Globalization;
using System.Text;
using MailKit;

namespace MailOps.Submission;

/// <summary>Turns the bytes on the wire into lines that may be shown: without credentials, and without the content of messages.</summary>
/// <remarks>
/// Secrets go by position, not by what they look like: from AUTH on, whatever the client sends is hidden until the server answers something other
/// than a challenge (RFC 4954 section 4). Content likewise: from 354 until the server's next line.
/// </remarks>
internal sealed class ConversationLog(Action<string> line, Redaction redaction) : IProtocolLogger
{
    private readonly StringBuilder _client = new();
    private readonly StringBuilder _server = new();
    private bool _authenticating;
    private bool _inContent;
    private long _contentSize;

    /// <summary>MailKit's own detector of secrets, which is not used: see the remarks.</summary>
    public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

    public void LogConnect(Uri uri)
    {
        _client.Clear();
        _server.Clear();
        _authenticating = _inContent = false;
    }

    public void LogClient(byte[] buffer, int offset, int count)
    {
        if (_inContent) _contentSize += count;
        else ReadLines(_client, buffer, offset, count, OnClientLine);
    }

    public void LogServer(byte[] buffer, int offset, int count)
    {
        if (_inContent)
        {
            line(string.Format(CultureInfo.InvariantCulture, "C: ({0} bytes of content)", _contentSize));
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
            line("C: " + Redaction.Mark);
            return;
        }
        if (text.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase))
        {
            _authenticating = true;
            var words = text.Split(' ');
            text = words.Length > 2 ? $"{words[0]} {words[1]} {Redaction.Mark}" : text;
        }
        line("C: " + redaction.Clean(text));
    }

    private void OnServerLine(string text)
    {
        if (_authenticating && text.StartsWith("334", StringComparison.Ordinal))
        {
            line("S: 334 " + Redaction.Mark);   // a challenge may hold what the server knows of the user
            return;
        }
        _authenticating = false;
        _inContent = text.StartsWith("354", StringComparison.Ordinal);
        line("S: " + redaction.Clean(text));
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
