using System.Management.Automation;
using MailOps.Reports;

namespace MailOps.PowerShell.Commands;

/// <summary>Reads delivery reports (bounces) and tells for each recipient what became of the message, why, and whether the address is wrong for good.</summary>
/// <remarks>
/// <para>Takes reports in the standard form (RFC 3464, RFC 6533) and those of systems that do not keep to it: qmail, Exim, sendmail, Exchange, Notes, Gmail, Amazon SES and many
/// others. Complaints (RFC 5965) come out with the class Feedback, automatic answers with AutoReply. A file that begins as an mbox does may hold many reports.</para>
/// <para>Class says what a report means, in one word of a fixed list, whatever the words of the system that wrote it: NoSuchUser, MailboxFull, DomainUnknown, Blocked,
/// AuthenticationFailed and so on. It is a judgement by codes and words; Status, SmtpStatusCode and Diagnostic say what it rests on. IsAddressInvalid is true where the address is to
/// be taken off the list.</para>
/// <para>Input is a file, by path or from the pipeline, or a message: as bytes, as one string, or line by line. Bytes and files are read as they are; a string has been decoded by
/// whoever read it, and letters beyond ASCII may have suffered. At most 4 MiB of a message are read. It needs no relay and no network.</para>
/// <para>A file that cannot be read is the error FileUnreadable, a message that is not a report NotDeliveryReport; the others go on.</para>
/// </remarks>
/// <example>
/// <para>What a folder of bounces says</para>
/// <code>ConvertFrom-DeliveryStatus ./bounces/*.eml</code>
/// <para>A line for each recipient.</para>
/// </example>
/// <example>
/// <para>Addresses to take off a list</para>
/// <code>Get-ChildItem ./bounces -Filter *.eml | ConvertFrom-DeliveryStatus | Where-Object IsAddressInvalid | Select-Object -ExpandProperty Recipient -Unique</code>
/// <para>Those that do not exist, have moved, or whose domain does not exist or takes no mail.</para>
/// </example>
/// <example>
/// <para>A message at hand</para>
/// <code>Get-Content ./bounce.eml -Raw | ConvertFrom-DeliveryStatus | Format-List</code>
/// <para>All that the report tells.</para>
/// </example>
/// <example>
/// <para>Why mail comes back</para>
/// <code>ConvertFrom-DeliveryStatus ./bounces/*.eml | Group-Object Class -NoElement | Sort-Object Count -Descending</code>
/// <para>The most frequent reason first.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc3464">RFC 3464, An Extensible Message Format for Delivery Status Notifications</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc3463">RFC 3463, Enhanced Mail System Status Codes</seealso>
[Cmdlet(VerbsData.ConvertFrom, "DeliveryStatus", DefaultParameterSetName = PathSet)]
[OutputType(typeof(DeliveryReport))]
public sealed class ConvertFromDeliveryStatusCommand : MessageInputCmdlet
{
    /// <inheritdoc/>
    protected override string WhatItIsNot => "is not a delivery report";

    /// <inheritdoc/>
    protected override Task<bool> TryReadAsync(byte[] message, CancellationToken cancellationToken)
    {
        var found = DeliveryReportReader.Read(message);
        WriteObject(found, enumerateCollection: true);
        return Task.FromResult(found.Count > 0);
    }

    /// <inheritdoc/>
    protected override async Task ReadAsync(string file, CancellationToken cancellationToken)
    {
        var found = await DeliveryReportReader.ReadFileAsync(file, cancellationToken);
        if (found.Count == 0) throw Unusable($"The file '{file}' {WhatItIsNot}.");
        WriteObject(found, enumerateCollection: true);
    }

    /// <inheritdoc/>
    protected override MailOpsException Unusable(string what, string? hint = null) =>
        new(ErrorCode.NotDeliveryReport, what, hint ?? "Give the whole bounce as it was received, with its header (a file .eml, or Get-Content -Raw), not the message that was sent.");
}
