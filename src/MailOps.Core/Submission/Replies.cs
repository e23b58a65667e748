namespace MailOps.Submission;

/// <summary>Replies as they came, read into ours.</summary>
internal static class Replies
{
    /// <summary>Takes the enhanced status code off the front of each line.</summary>
    public static SmtpReply Read(int code, string text)
    {
        text = text.Replace("\r", "");
        // The class must be that of the reply (RFC 2034 section 4); otherwise the text merely looks like a code, an address say.
        var length = EnhancedLength(text);
        if (length == 0 || text[0] - '0' != code / 100) return new SmtpReply(code, null, text.Trim());
        var enhanced = text.Substring(0, length);
        if (text.IndexOf('\n') < 0) return new SmtpReply(code, enhanced, text.Substring(length).Trim());
        return new SmtpReply(code, enhanced, string.Join("\n", text.Split('\n').Select(line => line.Substring(EnhancedLength(line)).TrimStart(' ', '\t'))).Trim());
    }

    // RFC 3463 section 2: class "." subject "." detail, at the start of each line (RFC 2034 section 3).
    private static int EnhancedLength(string text)
    {
        if (text.Length < 5 || text[0] is not ('2' or '4' or '5') || text[1] != '.') return 0;
        var subject = Digits(text, 2);
        var dot = 2 + subject;
        if (subject is 0 or > 3 || dot >= text.Length || text[dot] != '.') return 0;
        var detail = Digits(text, dot + 1);
        var end = dot + 1 + detail;
        return detail is 0 or > 3 || (end < text.Length && text[end] is not (' ' or '\t' or '\n')) ? 0 : end;
    }

    private static int Digits(string text, int start)
    {
        var end = start;
        while (end < text.Length && text[end] is >= '0' and <= '9') end++;
        return end - start;
    }
}
