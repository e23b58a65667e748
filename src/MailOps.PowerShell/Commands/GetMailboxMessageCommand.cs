using System.Globalization;
using System.Management.Automation;
using MailOps.Mailboxes;

namespace MailOps.PowerShell.Commands;

/// <summary>Reads messages of a mailbox by IMAP or POP3: their headers, or the whole of them.</summary>
/// <remarks>
/// <para>The newest come first, one after another as they are read. Nothing changes in the mailbox: a message that is not read yet stays so, but where a
/// server of POP3 marks what it gives whole. What -Unread, -Since, -Subject and -From ask for must be
/// true all together. By IMAP the server looks for it; by POP3, which knows neither folders nor what was read, the header of each message is read.</para>
/// <para>The credential is sent over TLS with a valid certificate, or not at all; -Tls None is for loopback. It is shown once, by the best mechanism offered or by that of -Authentication; -OAuth and -AccessToken show
/// an access token in its place, as in Send-SmtpMessage. A server that says that the client is authenticated already (PREAUTH) is left.</para>
/// <para>The output goes to Save-MailboxMessage, Remove-MailboxMessage and Move-MailboxMessage, and with -Whole to ConvertFrom-DeliveryStatus; ConvertFrom-MailHeader takes it with and without.</para>
/// <para>The server is not trusted: each answer has a limit in bytes and time, and what it says is shown without control characters. Errors have stable ids: MailboxConnectFailed, MailboxTimeout,
/// MailboxProtocolError, MailboxAuthFailed, OAuthTokenFailed, AuthenticationInvalid, MailboxRefused, MailboxFolderNotFound, MailboxUnsupported, TlsRequired, TlsFailed, CertificateInvalid, InvalidDomain; a message that is larger than
/// -MaxMessageSize is an error of its own (MailboxTooLarge), and the others go on.</para>
/// </remarks>
/// <example>
/// <para>What is not read yet</para>
/// <code>Get-MailboxMessage imap.example.com -Credential someone@example.com -Unread</code>
/// <para>Prompts for the password.</para>
/// </example>
/// <example>
/// <para>A mailbox of Microsoft 365</para>
/// <code>Get-MailboxMessage outlook.office365.com -UserName someone@example.com -OAuth @{ Grant = 'DeviceCode'; TenantId = 'example.onmicrosoft.com'; ClientId = 'b0f1c1d2-0000-4000-8000-000000000000' }</code>
/// <para>Shows a code to be entered in a browser, and goes on once somebody has signed in there.</para>
/// </example>
/// <example>
/// <para>Which addresses of a mailing are dead</para>
/// <code>$credential = Get-Credential
/// Get-MailboxMessage imap.example.com -Credential $credential -Folder Bounces -Since (Get-Date).AddDays(-7) -Whole -ResultSize Unlimited | ConvertFrom-DeliveryStatus</code>
/// <para>The reports of a week, read by what they say.</para>
/// </example>
/// <example>
/// <para>From an address to its mail</para>
/// <code>Find-MailSettings someone@example.com -Protocol Imap | Select-Object -First 1 | Get-MailboxMessage -Credential someone@example.com -ResultSize 10</code>
/// <para>Server, port and TLS come from the pipeline. See that IsTrusted is true before the password is typed.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc9051">RFC 9051, Internet Message Access Protocol</seealso>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc1939">RFC 1939, Post Office Protocol - Version 3</seealso>
[Cmdlet(VerbsCommon.Get, "MailboxMessage")]
[OutputType(typeof(MailboxMessage))]
public sealed class GetMailboxMessageCommand : MailboxCmdlet
{
    /// <summary>The folder, with the server's separator between the names of folders in folders. Default: INBOX.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Folder { get; set; } = MailboxSession.Inbox;

    /// <summary>Only messages that nobody has read.</summary>
    [Parameter]
    public SwitchParameter Unread { get; set; }

    /// <summary>Only messages that came at this time or later.</summary>
    [Parameter]
    public DateTime? Since { get; set; }

    /// <summary>Only messages whose subject has this text, in large or small letters; no wildcards.</summary>
    [Parameter]
    public string? Subject { get; set; }

    /// <summary>Only messages whose author has this text in name or address, in large or small letters; no wildcards.</summary>
    [Parameter]
    public string? From { get; set; }

    /// <summary>Reads the whole messages, into Content.</summary>
    [Parameter]
    public SwitchParameter Whole { get; set; }

    /// <summary>How large a message may be that is read with -Whole, in bytes, as in 25MB. Default: 150 MB.</summary>
    [Parameter]
    [ValidateRange(1L, int.MaxValue)]
    public long MaxMessageSize { get; set; } = 150 * 1024 * 1024;

    /// <summary>How many messages are written at most, or Unlimited. Default: 1000.</summary>
    [Parameter]
    [ResultSize]
    [ValidateRange(1, int.MaxValue)]
    public int ResultSize { get; set; } = 1000;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var session = await OpenAsync(Options(), cancellationToken);
            await ReadAsync(session, cancellationToken);
            await session.CloseAsync(cancellationToken);
        }
        catch (MailOpsException e)
        {
            WriteError(e, Server);   // another mailbox of the pipeline may do better
        }
    }

    private async Task ReadAsync(MailboxSession session, CancellationToken cancellationToken)
    {
        var query = new MailboxQuery { Folder = Folder, Unread = Unread, Since = Since is { } since ? new DateTimeOffset(since) : null, Subject = Subject, From = From };
        var ids = await session.FindAsync(query, cancellationToken);
        var size = Whole ? 1 : Math.Min(BatchSize, ResultSize);   // a whole message goes on before the next is read
        var written = 0;
        for (var at = 0; at < ids.Count; at += size)
        {
            var batch = ids.Skip(at).Take(size).ToArray();
            foreach (var reading in await session.ReadAsync(query, batch, Whole ? MaxMessageSize : null, cancellationToken))
            {
                if (written == ResultSize)
                {
                    WriteWarning(string.Format(CultureInfo.InvariantCulture, "There are more than {0} messages; -ResultSize Unlimited reads them all.", ResultSize));
                    return;
                }
                if (reading.Message is { } message) WriteObject(message);
                else WriteError(reading.Error!, reading.Id);
                written++;
            }
        }
    }
}
