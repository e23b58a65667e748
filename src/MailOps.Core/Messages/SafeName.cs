using System.Globalization;
using System.Text;

namespace MailOps.Messages;

/// <summary>Names of files made of what strangers and users write.</summary>
public static class SafeName
{
    /// <summary>The text with all but ASCII letters, digits, hyphen and underscore written as the bytes of UTF-8, as in %2F.</summary>
    /// <param name="text">The text.</param>
    /// <param name="also">Further characters that stay as they are.</param>
    public static string Of(string text, string also = "")
    {
        var safe = new StringBuilder();
        foreach (var letter in Encoding.UTF8.GetBytes(text))
        {
            if (letter is >= (byte)'a' and <= (byte)'z' or >= (byte)'A' and <= (byte)'Z' or >= (byte)'0' and <= (byte)'9' or (byte)'-' or (byte)'_' || also.Contains((char)letter)) safe.Append((char)letter);
            else safe.Append('%').Append(letter.ToString("X2", CultureInfo.InvariantCulture));
        }
        return safe.ToString();
    }
}
