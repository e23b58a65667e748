using System.Globalization;
using System.Text;
using MailOps.Messages;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Trust.Reports;

/// <summary>
/// Sends a report by mail (RFC 8460 section 5.3), through the queue like any mail. It comes from nobody and asks for no report of its own, so that it can neither loop nor be
/// answered; and it goes in plain text rather than not at all (RFC 8460 section 3), for it may be about just what keeps TLS from working.
/// </summary>
internal sealed class TlsReportMail(IMailTarget queue, TimeProvider clock)
{
    private const string Scheme = "mailto:";

    /// <summary>The address of a <c>mailto:</c> URI; null where it has none that mail could go to.</summary>
    public static EmailAddress? AddressOf(string uri)
    {
        if (!uri.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var address = Uri.UnescapeDataString(uri[Scheme.Length..].Split('?')[0]);
        return EmailAddress.TryParse(address, out var parsed, allowUtf8: false) ? parsed : null;
    }

    /// <summary>Puts the report into the queue; its queue id, or null where the queue does not take it now.</summary>
    public async ValueTask<string?> SendAsync(TlsReport report, EmailAddress to, CancellationToken cancellationToken)
    {
        var begun = await queue.BeginAsync(new MailSender(null), cancellationToken).ConfigureAwait(false);
        if (begun.Transaction is not { } transaction) return null;
        await using var _ = transaction.ConfigureAwait(false);
        var taken = await transaction.AddRecipientAsync(new MailRecipient(to) { Notify = DsnNotify.Never }, cancellationToken).ConfigureAwait(false);
        if (!taken.IsPositive) return null;
        using var content = new MemoryContent(Compose(report, to));
        var outcomes = await transaction.CommitAsync(content, cancellationToken).ConfigureAwait(false);
        return outcomes is [{ Status: DeliveryStatus.Delivered }] ? transaction.Id : null;
    }

    private byte[] Compose(TlsReport report, EmailAddress to)
    {
        var (origin, text, boundary) = (report.Origin, new StringBuilder(), "=_" + Guid.NewGuid().ToString("N"));
        Line($"From: <{origin.Contact}>");
        Line($"To: <{to}>");
        Line($"Subject: Report Domain: {report.Domain}");
        Line($" Submitter: {origin.Submitter}");
        Line($" Report-ID: <{report.Id}>");
        Line($"Date: {clock.GetUtcNow().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)}");
        Line($"Message-ID: <{report.Id}>");
        Line($"TLS-Report-Domain: {report.Domain}");
        Line($"TLS-Report-Submitter: {origin.Submitter}");
        Line("TLS-Required: No");   // RFC 8689 section 3
        Line("Auto-Submitted: auto-generated");   // RFC 3834 section 5
        Line("MIME-Version: 1.0");
        Line("Content-Type: multipart/report; report-type=\"tlsrpt\";");
        Line($" boundary=\"{boundary}\"");
        Line("");
        Line("--" + boundary);
        Line("Content-Type: text/plain; charset=us-ascii");
        Line("");
        Line($"This is an aggregate TLS report on {report.Domain} from {origin.Submitter}.");
        Line("");
        Line("--" + boundary);
        Line("Content-Type: application/tlsrpt+gzip");
        Line("Content-Transfer-Encoding: base64");
        Line("Content-Disposition: attachment;");
        Line($" filename=\"{report.FileName}\"");
        Line("");
        foreach (var chunk in Convert.ToBase64String(report.Compress()).Chunk(76)) Line(new string(chunk));
        Line("");
        Line($"--{boundary}--");
        return Encoding.ASCII.GetBytes(text.ToString());

        void Line(string line) => text.Append(line).Append("\r\n");
    }
}
