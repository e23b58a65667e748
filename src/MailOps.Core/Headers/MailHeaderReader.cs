using MailOps.Messages;
using MailOps.Reports;
using MimeKit;
using MimeKit.Cryptography;
using MimeKit.Utils;

namespace MailOps.Headers;

/// <summary>Reads the header of a message: where it has been, how long that took, and what servers found about who sent it. Takes any bytes, and throws for none of them.</summary>
public static class MailHeaderReader
{
    /// <summary>How much is read, in bytes: no server takes a header of more than a part of it.</summary>
    public const int MaxSize = 1024 * 1024;

    private const int MaxHops = 200, MaxVerdicts = 500;   // a loop is found long before, and the list stays one for people

    /// <summary>What a header tells; null where there is not one field of it.</summary>
    /// <param name="content">A message, or only its header.</param>
    /// <param name="path">The file it comes from, for <see cref="MailHeader.Path"/>.</param>
    public static MailHeader? Read(byte[] content, string? path = null)
    {
        if (content is null) throw new ArgumentNullException(nameof(content));
        return Load(content) is { Count: > 0 } fields ? Describe(fields, path) : null;
    }

    /// <summary>What the header of a file tells; null where there is not one field of it.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/> with the reason.</exception>
    public static async Task<MailHeader?> ReadFileAsync(string path, CancellationToken cancellationToken = default) =>
        Read(await MessageFile.ReadHeadAsync(path, MaxSize, cancellationToken).ConfigureAwait(false), path);

    private static HeaderList? Load(byte[] content)
    {
        // What is copied from a window begins with empty lines.
        var start = 0;
        while (start < content.Length && content[start] is (byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t') start++;
        using var stream = new MemoryStream(content, start, Math.Min(content.Length - start, MaxSize), writable: false);
        try
        {
            return new MimeParser(stream, MimeFormat.Default).ParseHeaders();
        }
        catch (FormatException)
        {
            return null;   // not one line of it is a field
        }
    }

    private static MailHeader Describe(HeaderList fields, string? path)
    {
        var hops = Hops(fields);
        var times = hops.Where(hop => hop.Date is not null).Select(hop => hop.Date!.Value).ToArray();
        return new MailHeader
        {
            From = Text(fields, HeaderId.From),
            To = Text(fields, HeaderId.To),
            Subject = Text(fields, HeaderId.Subject),
            Date = Time(fields[HeaderId.Date]),
            MessageId = Text(fields, HeaderId.MessageId)?.Trim('<', '>'),
            ReturnPath = Text(fields, HeaderId.ReturnPath),
            Hops = hops,
            TotalDelay = times.Length > 1 ? times[times.Length - 1] - times[0] : null,
            Verdicts = [.. fields.SelectMany(Verdicts).Take(MaxVerdicts)],
            Path = path,
        };
    }

    // Each server puts its field before those of the others (RFC 5321 section 4.4).
    private static List<MailHop> Hops(HeaderList fields)
    {
        var hops = new List<MailHop>();
        DateTimeOffset? before = null;
        foreach (var field in fields.Where(field => field.Id == HeaderId.Received).Take(MaxHops).Reverse())
        {
            var received = new ReceivedField(field.Value);
            var time = Time(received.Time);
            hops.Add(new MailHop
            {
                Hop = hops.Count + 1,
                From = received.From,
                FromAddress = received.FromAddress,
                By = received.By,
                With = received.With,
                Tls = received.Tls,
                TlsVersion = received.TlsVersion,
                For = received.For,
                Id = received.Id,
                Date = time,
                Delay = time - before,
                Received = received.Text,
            });
            before = time ?? before;
        }
        return hops;
    }

    private static IEnumerable<MailVerdict> Verdicts(Header field) => field.Id switch
    {
        HeaderId.AuthenticationResults or HeaderId.ArcAuthenticationResults => Results(field),
        HeaderId.ReceivedSPF => [Spf(field)],
        _ => [],
    };

    private static IEnumerable<MailVerdict> Results(Header field)
    {
        if (!AuthenticationResults.TryParse(field.RawValue, out var results)) yield break;
        foreach (var found in results.Results)
        {
            yield return new MailVerdict
            {
                Server = Clean(results.AuthenticationServiceIdentifier ?? found.Office365AuthenticationServiceIdentifier),
                Method = Clean(found.Method) ?? "",
                Result = Clean(found.Result) ?? "",
                Properties = [.. found.Properties.Select(one => Lines.Join($"{one.PropertyType}.{one.Property}={one.Value}"))],
                Reason = Clean(found.Reason ?? found.ResultComment),
                Field = field.Field,
            };
        }
    }

    // RFC 7208 section 9.1: a result, then a comment, then what it was of.
    private static MailVerdict Spf(Header field)
    {
        var text = Lines.Join(field.Value);
        var open = text.IndexOf('(');
        var close = open < 0 ? -1 : text.IndexOf(')', open);
        return new MailVerdict
        {
            Method = "spf",
            Result = text.Split(' ', '(')[0].TrimEnd(';').ToLowerInvariant(),
            Properties = [.. text.Substring(close + 1).Split(';').Select(part => part.Trim()).Where(part => part.IndexOf('=') > 0 && (close > 0 || part.IndexOf(' ') < 0))],
            Reason = close > open ? text.Substring(open + 1, close - open - 1) : null,
            Field = field.Field,
        };
    }

    private static DateTimeOffset? Time(string? text) => text is not null && DateUtils.TryParse(text, out var time) ? time : null;

    private static string? Text(HeaderList fields, HeaderId id) => Clean(fields[id]);

    private static string? Clean(string? text) => text is null || Lines.Join(text) is not { Length: > 0 } clean ? null : clean;
}
