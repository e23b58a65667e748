using System.Text;

namespace MailOps.Authenticity.Spf;

/// <summary>The value of a Received-SPF field (RFC 7208 section 9.1), on one line and in ASCII.</summary>
internal static class ReceivedSpf
{
    private const string AtomText = "!#$%&'*+-/=?^_`{|}~.";

    public static string Of(SpfVerdict verdict, SpfSubject subject, string? helo)
    {
        var field = new StringBuilder(SpfWords.Of(verdict.Result)).Append(" (").Append(Comment(subject.Receiver + ": " + Says(verdict.Result, subject))).Append(')');
        Add(field, "receiver", subject.Receiver, first: true);
        Add(field, "client-ip", SpfNames.Readable(subject.Address));
        Add(field, "envelope-from", subject.Sender);
        if (helo is not null) Add(field, "helo", helo);
        Add(field, "identity", SpfWords.Of(subject.Identity));
        if (verdict.Result is SpfResult.PermError or SpfResult.TempError) Add(field, "problem", verdict.Reason);
        else if (verdict.Record is not null) Add(field, "mechanism", verdict.Term is SpfDirective directive ? directive.Text : "default");
        return field.ToString();
    }

    private static string Says(SpfResult result, SpfSubject subject)
    {
        var client = SpfNames.Readable(subject.Address);
        return result switch
        {
            SpfResult.Pass => $"domain of {subject.Sender} designates {client} as permitted sender",
            SpfResult.Fail => $"domain of {subject.Sender} does not designate {client} as permitted sender",
            SpfResult.SoftFail => $"domain of transitioning {subject.Sender} does not designate {client} as permitted sender",
            SpfResult.Neutral => $"{client} is neither permitted nor denied by domain of {subject.Sender}",
            SpfResult.None => $"domain of {subject.Sender} does not designate permitted sender hosts",
            SpfResult.TempError => $"error in processing during lookup of {subject.Sender}",
            _ => $"permanent error in processing domain of {subject.Sender}",
        };
    }

    private static void Add(StringBuilder field, string key, string value, bool first = false) =>
        field.Append(first ? " " : "; ").Append(key).Append('=').Append(IsDotAtom(value) ? value : Quoted(value));

    private static bool IsDotAtom(string value) => Array.TrueForAll(value.Split('.'), atom => atom.Length > 0)
        && value.All(c => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' || AtomText.Contains(c));

    private static string Quoted(string value) => "\"" + Plain(value).Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";

    private static string Comment(string text) => Plain(text).Replace("\\", "\\\\").Replace("(", "\\(").Replace(")", "\\)");

    private static string Plain(string text) => new([.. text.Select(c => c is >= ' ' and <= '~' ? c : '?')]);
}
