namespace MailOps.Authentication;

/// <summary>What a server says, made fit for an error: without control characters, without secrets, and not endless.</summary>
public static class PlainText
{
    private const string Mark = "********";
    private const int MinSecret = 4;   // under this length it is more likely a part of an ordinary word than a secret that leaked

    /// <summary>The text on one line, cut where it is longer.</summary>
    public static string Of(string text, int maxLength)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)).Trim();
        return line.Length <= maxLength ? line : line.Substring(0, maxLength) + "…";
    }

    /// <summary>The text without the secrets, which servers have been seen to repeat.</summary>
    public static string Without(string text, IEnumerable<string> secrets) =>
        secrets.Where(secret => secret.Length >= MinSecret).Aggregate(text, (clean, secret) => clean.Replace(secret, Mark));   // ordinal, in every framework
}
