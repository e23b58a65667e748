using System.Globalization;
using MailOps.Authentication;

namespace MailOps.Submission;

/// <summary>Shows the lines of a conversation: without credentials, and without the content of messages.</summary>
/// <remarks>
/// Secrets go by position, not by what they look like: from AUTH on, whatever the client sends is hidden until the server answers something other
/// than a challenge (RFC 4954 section 4).
/// </remarks>
/// <param name="line">Takes the lines; null where nobody reads them.</param>
/// <param name="redaction">Takes the credential out.</param>
internal sealed class ConversationLog(Action<string>? line, Redaction redaction)
{
    private bool _authenticating;

    /// <summary>Whether anybody reads it.</summary>
    public bool IsRead => line is not null;

    /// <summary>A command, without its line end.</summary>
    public void Client(string command)
    {
        if (line is null) return;
        if (_authenticating)
        {
            line("C: " + SecretText.Mark);
            return;
        }
        if (command.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase))
        {
            _authenticating = true;
            var words = command.Split(' ');
            command = words.Length > 2 ? $"{words[0]} {words[1]} {SecretText.Mark}" : command;
        }
        line("C: " + redaction.Clean(command));
    }

    /// <summary>A content, of so many bytes on the wire.</summary>
    public void Content(long size) => line?.Invoke(string.Format(CultureInfo.InvariantCulture, "C: ({0} bytes of content)", size));

    /// <summary>A line of a reply, without its line end and the credential, which may be broken over several.</summary>
    public void Server(string text)
    {
        if (line is null) return;
        if (_authenticating && text.StartsWith("334", StringComparison.Ordinal))
        {
            line("S: 334 " + SecretText.Mark);   // a challenge may hold what the server knows of the user
            return;
        }
        _authenticating = false;
        line("S: " + text);
    }
}
