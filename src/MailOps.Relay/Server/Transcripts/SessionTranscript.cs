using System.Text;
using MailOps.Relay.Server.Authentication;

namespace MailOps.Relay.Server.Transcripts;

/// <summary>One session's part of the protocol log: what each side said, less what is secret. Message content is never in it.</summary>
/// <param name="log">Where the lines go.</param>
/// <param name="clock">The time.</param>
/// <param name="listener">The listener's address and port.</param>
/// <param name="local">Where the client connected to.</param>
internal sealed class SessionTranscript(ProtocolLog log, TimeProvider clock, string listener, string local)
{
    private const string NotShown = "(not shown)";
    private const int LongestWord = 12;

    // Any other word behind AUTH may be a password in the wrong place.
    private static readonly HashSet<string> Mechanisms = new(Authenticator.AllMechanisms, StringComparer.OrdinalIgnoreCase)
    {
        "CRAM-MD5", "DIGEST-MD5", "NTLM", "GSSAPI", "SCRAM-SHA-512", "SCRAM-SHA-512-PLUS",
    };

    private readonly string _session = log.NextSession();
    private int _number;

    /// <summary>Who the client is, as lines show it.</summary>
    public string Remote { get; set; } = "";

    /// <summary>The session begins.</summary>
    public void Connected() => Line('+', "");

    /// <summary>The session ends.</summary>
    public void Disconnected() => Line('-', "");

    /// <summary>Something happened that nobody said.</summary>
    public void Note(string text) => Line('*', ProtocolLine.Readable(Encoding.UTF8.GetBytes(text)));

    /// <summary>The client said a line.</summary>
    /// <param name="line">The line without CR LF.</param>
    /// <param name="command">What it is; null where it is no command.</param>
    /// <param name="maybeSecret">Whether a line may be part of an AUTH that went wrong, or of content that was refused.</param>
    public void Received(ReadOnlySpan<byte> line, Command? command, bool maybeSecret) =>
        Line('<', command is null ? Unknown(line, maybeSecret) : command.IsSecret ? Secret(command.Verb, line) : maybeSecret ? Doubtful(command.Verb, line) : ProtocolLine.Readable(line));

    /// <summary>The client answered a challenge.</summary>
    public void Answered(ReadOnlySpan<byte> line) => Line('<', line.SequenceEqual("*"u8) ? "*" : NotShown);

    /// <summary>The server said a reply; each of its lines is one here.</summary>
    public void Sent(Reply reply)
    {
        // RFC 4954 section 4: 334 is a challenge, of which a dictionary could be tried on the answer, or the other way round.
        if (reply.Code == 334)
        {
            Line('>', reply.Wire.Length > "334 \r\n".Length ? "334 " + NotShown : "334");
            return;
        }
        foreach (var range in reply.Wire.Span.Split("\r\n"u8))
            if (reply.Wire.Span[range] is { IsEmpty: false } line) Line('>', ProtocolLine.Readable(line));
    }

    private static string Secret(string verb, ReadOnlySpan<byte> line)
    {
        var argument = Encoding.Latin1.GetString(line[verb.Length..]).Trim(' ');
        var (mechanism, initial) = argument.Split(' ', 2) is [var first, var rest] ? (first, rest) : (argument, "");
        if (argument.Length == 0) return verb;
        if (!Mechanisms.Contains(mechanism)) return $"{verb} {NotShown}";
        return $"{verb} {mechanism}" + (initial.Length == 0 ? "" : initial == "=" ? " =" : " " + NotShown);
    }

    // Any word of a text may be a verb; only what has the form of a path behind it is taken for what it seems.
    private static string Doubtful(string verb, ReadOnlySpan<byte> line)
    {
        var argument = Encoding.Latin1.GetString(line[verb.Length..]).Trim(' ');
        return argument.Length == 0 || argument.StartsWith("FROM:<", StringComparison.OrdinalIgnoreCase) || argument.StartsWith("TO:<", StringComparison.OrdinalIgnoreCase) ? ProtocolLine.Readable(line) : $"{verb} {NotShown}";
    }

    // USER and PASS, an Authorization header, a misspelt AUTH: the word tells what went wrong, what is behind it is the client's secret.
    private static string Unknown(ReadOnlySpan<byte> line, bool maybeSecret)
    {
        var space = line.IndexOf((byte)' ');
        var word = space < 0 ? line : line[..space];
        if (line.IsEmpty) return "";
        if (maybeSecret || word.Length is 0 or > LongestWord) return NotShown;
        foreach (var b in word)
            if (!char.IsAsciiLetter((char)b)) return NotShown;
        return Encoding.ASCII.GetString(word) + (space < 0 ? "" : " " + NotShown);
    }

    private void Line(char kind, string data)
    {
        var now = clock.GetUtcNow();
        if (_number == 0 && kind != '+') log.Write(ProtocolLine.Of(now, listener, _session, _number++, local, Remote, '*', "the session was open before"));
        log.Write(ProtocolLine.Of(now, listener, _session, _number++, local, Remote, kind, data));
    }
}
