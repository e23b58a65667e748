using System.Text;
using System.Text.Unicode;
using MailOps.Messages;

namespace MailOps.Relay.Server;

/// <summary>The argument of MAIL and RCPT: a path and parameters (RFC 5321 section 4.1.2).</summary>
/// <param name="Path">What is between the angle brackets, without a source route; empty for <c>&lt;&gt;</c>.</param>
/// <param name="Parameters">Keywords in any case, with their values.</param>
internal sealed record EnvelopeArgument(string Path, Dictionary<string, string?> Parameters)
{
    /// <summary>Reads one.</summary>
    /// <param name="argument">What follows the verb.</param>
    /// <param name="keyword"><c>FROM:</c> or <c>TO:</c>.</param>
    /// <param name="syntax">The reply where it is not of that form.</param>
    /// <param name="result">Path and parameters.</param>
    /// <returns>Why it is refused, or null.</returns>
    public static Reply? Read(ReadOnlySpan<byte> argument, string keyword, Reply syntax, out EnvelopeArgument result)
    {
        result = new EnvelopeArgument("", new Dictionary<string, string?>(0, StringComparer.OrdinalIgnoreCase));
        if (!Utf8.IsValid(argument)) return syntax;   // RFC 6531 section 3.3
        var text = Encoding.UTF8.GetString(argument);
        if (!text.StartsWith(keyword, StringComparison.OrdinalIgnoreCase)) return syntax;
        var rest = text.AsSpan(keyword.Length).TrimStart(' ');   // forbidden and everywhere: MAIL FROM: <user@example.test>
        var end = PathEnd(rest);
        if (end <= 0 || (end < rest.Length && rest[end] != ' ')) return syntax;
        var path = rest[0] == '<' ? rest[1..(end - 1)] : rest[..end];
        // RFC 5321 section 4.1.1.3 and appendix C: a source route is to be ignored.
        if (path.StartsWith("@")) path = path[(path.IndexOf(':') + 1)..];
        result = result with { Path = path.ToString() };
        return result.ReadParameters(rest[end..]) ? null : Replies.BadParameter;
    }

    /// <summary>Takes a parameter out; false where it is not given.</summary>
    public bool Take(string keyword, out string? value) => Parameters.Remove(keyword, out value);

    // Behind the path: the closing bracket that no quoted string holds, or, from devices that leave the brackets out, the first space.
    private static int PathEnd(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return -1;
        var bracketed = text[0] == '<';
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (quoted && text[i] == '\\') i++;
            else if (text[i] == '"') quoted = !quoted;
            else if (!quoted && text[i] == (bracketed ? '>' : ' ')) return bracketed ? i + 1 : i;
        }
        return bracketed ? -1 : text.Length;
    }

    // RFC 5321 section 4.1.2: esmtp-keyword ["=" esmtp-value]
    private bool ReadParameters(ReadOnlySpan<char> text)
    {
        foreach (var range in text.Split(' '))
        {
            var parameter = text[range];
            if (parameter.IsEmpty) continue;
            var equals = parameter.IndexOf('=');
            var keyword = equals < 0 ? parameter : parameter[..equals];
            var value = equals < 0 ? null : parameter[(equals + 1)..].ToString();
            if (keyword.IsEmpty || value is "" || !Parameters.TryAdd(keyword.ToString(), value)) return false;
        }
        return true;
    }

    /// <summary>Reads the path as an address.</summary>
    /// <param name="smtpUtf8">Whether the transaction may hold characters beyond ASCII (RFC 6531 section 3.4).</param>
    /// <param name="bad">The reply where it is none.</param>
    /// <param name="address">The address.</param>
    /// <returns>Why it is refused, or null.</returns>
    public Reply? ReadAddress(bool smtpUtf8, Reply bad, out EmailAddress? address)
    {
        if (!EmailAddress.TryParse(Path, out address)) return bad;
        return address.NeedsUtf8 && !smtpUtf8 ? Replies.NeedsSmtpUtf8 : null;
    }
}
