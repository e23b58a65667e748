using MailOps.Messages;

namespace MailOps.Authentication;

/// <summary>What a server says, made fit for an error: without control characters, without secrets, and not endless.</summary>
public static class PlainText
{
    /// <summary>The text on one line, cut where it is longer.</summary>
    public static string Of(string text, int maxLength) =>
        Printable.Shorten(string.Concat(text.Select((c, index) => char.IsSurrogate(c) || Printable.IsUnfit(text, index) ? ' ' : c)).Trim(), maxLength);

    /// <summary>The text without the secrets, which servers have been seen to repeat.</summary>
    public static string Without(string text, IEnumerable<string> secrets) => SecretText.Without(text, secrets.SelectMany(SecretText.Forms).OrderByDescending(form => form.Length));   // where one is a part of another, nothing is left of that
}
