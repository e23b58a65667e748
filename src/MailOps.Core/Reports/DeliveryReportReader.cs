using MailOps.Messages;

namespace MailOps.Reports;

/// <summary>Reads delivery reports (bounces) of any system: the standard form first, then the words of those who do not keep to it.</summary>
/// <remarks>
/// Takes any bytes and throws for none of them. What lies beyond <see cref="MaxSize"/> is not read: a report says what it has to say at its beginning,
/// and what follows is the returned message.
/// </remarks>
public static class DeliveryReportReader
{
    /// <summary>How much of a report is read, in bytes.</summary>
    public const int MaxSize = 4 * 1024 * 1024;

    /// <summary>How many recipients are taken from one report.</summary>
    public const int MaxRecipients = 10_000;

    /// <summary>What a report says, one object for each recipient; none where it is not a report.</summary>
    /// <param name="content">A message: header and body.</param>
    /// <param name="path">The file it comes from, for <see cref="DeliveryReport.Path"/>.</param>
    public static IReadOnlyList<DeliveryReport> Read(byte[] content, string? path = null)
    {
        if (content is null) throw new ArgumentNullException(nameof(content));
        using var stream = new MemoryStream(content, 0, Math.Min(content.Length, MaxSize), writable: false);
        return Parse(stream, path);
    }

    /// <summary>What a report says, one object for each recipient; none where it is not a report.</summary>
    /// <param name="content">A message: header and body; read from where it stands.</param>
    /// <param name="path">The file it comes from, for <see cref="DeliveryReport.Path"/>.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<IReadOnlyList<DeliveryReport>> ReadAsync(Stream content, string? path = null, CancellationToken cancellationToken = default)
    {
        if (content is null) throw new ArgumentNullException(nameof(content));
        return Read(await MessageFile.ReadHeadAsync(content, MaxSize, cancellationToken).ConfigureAwait(false), path);
    }

    /// <summary>What a report in a file says, one object for each recipient; none where it is not a report.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/> with the reason.</exception>
    public static async Task<IReadOnlyList<DeliveryReport>> ReadFileAsync(string path, CancellationToken cancellationToken = default) =>
        Read(await MessageFile.ReadHeadAsync(path, MaxSize, cancellationToken).ConfigureAwait(false), path);

    private static IReadOnlyList<DeliveryReport> Parse(MemoryStream content, string? path)
    {
        return [.. ReportContent.Load(content).SelectMany(report => Recipients(report).Select(recipient => recipient.ToReport(report, path))).Take(MaxRecipients)];
    }

    private static IReadOnlyList<RecipientFinding> Recipients(ReportContent report)
    {
        if (FeedbackReport.Read(report) is { Count: > 0 } complaints) return complaints;
        var standard = StatusReport.Read(report);
        if (standard.Count > 0) return standard;
        if (JsonNotification.Read(report) is { Count: > 0 } notified) return notified;
        if (AutomaticReply.Read(report) is { } reply) return [reply];
        return TextReport.Read(report);
    }
}
