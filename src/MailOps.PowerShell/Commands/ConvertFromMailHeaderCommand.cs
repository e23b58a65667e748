using System.Management.Automation;
using MailOps.Headers;

namespace MailOps.PowerShell.Commands;

/// <summary>Reads the header of a message: by which servers it came, how long each took, and what they found about who sent it.</summary>
/// <remarks>
/// <para>Each server on the way puts a Received field in front. Hops has them in the order of the way, with the client's name and address, the protocol, TLS, and the time since the server
/// before. The times are those of the servers' own clocks: a negative Delay means that two clocks differ by more than the hop took.</para>
/// <para>Verdicts has what servers found by SPF, DKIM, DMARC and ARC (Authentication-Results, ARC-Authentication-Results, Received-SPF). A sender can write such fields, and Received
/// fields, too: only what your own servers have put in front of the others can be relied on.</para>
/// <para>Input is a file, by path or from the pipeline, or a message or only its header: as bytes, as one string, or line by line, as it is copied from the window of a mail
/// program. At most 1 MiB of a message is read. It needs no relay and no network.</para>
/// <para>A file that cannot be read is the error FileUnreadable, what has no header InvalidMessage; the others go on.</para>
/// </remarks>
/// <example>
/// <para>Where a message was held up</para>
/// <code>(ConvertFrom-MailHeader ./late.eml).Hops</code>
/// <para>A line for each server, with the delay.</para>
/// </example>
/// <example>
/// <para>The slowest hop of each message of a folder</para>
/// <code>Get-ChildItem ./mails -Filter *.eml | ConvertFrom-MailHeader | ForEach-Object { $_.Hops | Sort-Object Delay | Select-Object -Last 1 }</code>
/// <para>The hop that took longest.</para>
/// </example>
/// <example>
/// <para>A header from the clipboard</para>
/// <code>Get-Clipboard -Raw | ConvertFrom-MailHeader | Select-Object -ExpandProperty Verdicts</code>
/// <para>What servers found about who sent it.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc5321#section-4.4">RFC 5321 section 4.4, Trace Information</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc8601">RFC 8601, Message Header Field for Indicating Message Authentication Status</seealso>
[Cmdlet(VerbsData.ConvertFrom, "MailHeader", DefaultParameterSetName = PathSet)]
[OutputType(typeof(MailHeader))]
public sealed class ConvertFromMailHeaderCommand : MessageInputCmdlet
{
    /// <inheritdoc/>
    protected override string WhatItIsNot => "has no header";

    /// <inheritdoc/>
    protected override Task<bool> TryReadAsync(byte[] message, CancellationToken cancellationToken)
    {
        if (MailHeaderReader.Read(message) is not { } header) return Task.FromResult(false);
        WriteObject(header);
        return Task.FromResult(true);
    }

    /// <inheritdoc/>
    protected override async Task ReadAsync(string file, CancellationToken cancellationToken) =>
        WriteObject(await MailHeaderReader.ReadFileAsync(file, cancellationToken) ?? throw Unusable($"The file '{file}' {WhatItIsNot}."));

    /// <inheritdoc/>
    protected override MailOpsException Unusable(string what, string? hint = null) =>
        new(ErrorCode.InvalidMessage, what, hint ?? "Give the message as it was received (a file .eml, or Get-Content -Raw), or its header with the names of the fields.");
}
