using System.Collections;
using System.Management.Automation;
using System.Net.Mail;
using System.Text;
using MailOps.Messages;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell.Commands;

/// <summary>Sends mail through an SMTP server.</summary>
/// <remarks>
/// <para>Takes the place of Send-MailMessage, with the same parameters, aliases and positions: after Set-Alias Send-MailMessage Send-SmtpMessage existing
/// scripts run. Differences: text is UTF-8 by default; a server's STARTTLS is used where it is offered (-Tls); an address that is refused does not keep the
/// others from getting the message; the Windows credentials of the session are never offered, -Credential must say who.</para>
/// <para>Three kinds of pipeline input. Files: one message with all of them attached. Records (rows of a CSV file, objects): one message each, the columns named
/// like the parameters; empty cells count as absent; a cell may list several addresses, separated by commas. Strings are paths of files to attach.
/// Messages of one pipeline to one server share up to 4 connections (-MaxConnections), and are then taken in any order; RecordNumber in a result says which record it is about. A second
/// connection is opened only when the first has succeeded and messages wait. Progress shows the rate, and with -ExpectedCount the time left. A connection that the server closes is opened
/// again, and a message whose content was not all out goes again; one whose content was, and which the server never answered, may have been taken: it is an error (SmtpOutcomeUnknown), its result has
/// IsOutcomeUnknown, and it is not sent again. A credential that was refused for good is not tried again for the records behind it.</para>
/// <para>While records come, -Subject, -Body, -Text and -Html given as arguments are templates: {{Column}} stands for the value of that column, in HTML escaped. A column that a record lacks is an
/// error for that record (TemplateColumnMissing), which is not sent; an empty cell is empty text. Subjects and bodies that come from the record itself are taken as they are. A record with neither subject nor text is sent with a warning, once in a call, that names its columns.</para>
/// <para>-LogPath adds a line of JSON to a file for each recipient, as soon as the server has answered. After an interruption the same call with -SkipSent leaves out the recipients who have had
/// their message by that file; a message is known again by its addresses, subject, bodies, headers and the paths of its files. So a changed text is a new mailing, and goes to everybody again: a warning says so before the first of them;
/// a file for each mailing keeps them apart. With -SkipSent a recipient who is listed twice gets the same message once, whichever letters the domain is written in. Recipients who were refused are tried again by the next call; those of whom nobody knows
/// are left out with a warning, unless -ResendUnknown says otherwise. If the process was killed, a message for each connection may have been taken without a line.</para>
/// <para>-Provider takes the server of a well-known provider and keeps to its limits, as Get-MailProvider shows them: messages a minute and a day, recipients a day, connections, and recipients of one
/// message, of which a longer list goes in several transactions. Waiting is shown as progress; Ctrl+C ends it.</para>
/// <para>-SigningCertificate signs and -EncryptionCertificate encrypts the content (S/MIME); -DkimKeyPath with -DkimSelector adds the signature of the domain. -WhatIf shows each message as it would go
/// out, its envelope and its way, and sends nothing; files that are missing are found by it. -TranscriptPath keeps the conversation, without credentials and contents.</para>
/// <para>With -Path or -LiteralPath existing message files (.eml) are sent byte for byte: nothing is re-encoded, no header added or removed, not even
/// Bcc (a warning says so). Only line ends that are a bare LF or a bare CR become CRLF, and a missing last one is added, as SMTP demands. Recipients and envelope sender
/// come from the file's headers unless -To and -EnvelopeFrom say otherwise.</para>
/// <para>A credential is sent over TLS with a valid certificate, or not at all: Auto then means required. -Tls None with a credential is refused unless the
/// server is loopback. It is shown once, by the best mechanism that the server offers or by the one of -Authentication: no other follows a refusal, for accounts are locked that way.
/// An access token takes the place of a password: -AccessToken has one, and -OAuth says how to ask for one (client credentials, a refresh token, somebody who signs in by a browser, a Google service account), which happens
/// by one HTTPS request when it is first needed; it is kept in the memory of this process and renewed in time. -UserName names the mailbox then. Without a credential Auto encrypts where the server can, whatever its certificate, and warns if the handshake fails.</para>
/// <para>Each error has a stable id (SmtpConnectFailed, SmtpTimeout, SmtpProtocolError, InvalidDomain, SmtpRejected, SmtpRecipientRefused, SmtpOutcomeUnknown, SendLogInvalid, MailProviderNotFound, ProxyFailed, SigningFailed, FileUnwritable, SmtpAuthFailed, OAuthTokenFailed, AuthenticationInvalid, TlsRequired, TlsFailed, CertificateInvalid,
/// InvalidAddress, InvalidMessage, FileUnreadable, SmtpServerMissing) and a recommended action, and concerns one message or one recipient; the pipeline goes on. Errors about a record begin with its number, counted from 1, and its addresses: Row 3 (ann@example.com).
/// -Verbose shows the steps, -Debug the conversation, without credentials and contents.</para>
/// </remarks>
/// <example>
/// <para>A message</para>
/// <code>Send-SmtpMessage -To user@example.com -Subject Hello -Body 'It works.' -From admin@example.com -SmtpServer mail.example.com</code>
/// <para>Encrypted where the server can.</para>
/// </example>
/// <example>
/// <para>Submission with a credential</para>
/// <code>$credential = Get-Credential
/// Send-SmtpMessage -To user@example.com -From admin@example.com -Subject Report -Text 'See the report.' -Attachments ./report.pdf -SmtpServer smtp.example.com -Port 587 -Credential $credential</code>
/// <para>STARTTLS with a valid certificate is required, because there is a credential. One from a vault works as well: -Credential (Get-Secret smtp).</para>
/// </example>
/// <example>
/// <para>Microsoft 365, as an app</para>
/// <code>$oauth = @{ Grant = 'ClientCredentials'; TenantId = 'example.onmicrosoft.com'; ClientId = 'b0f1c1d2-0000-4000-8000-000000000000'; ClientSecret = Get-Secret mailapp }
/// Send-SmtpMessage -To user@example.com -From app@example.com -Subject Report -Body Done -SmtpServer smtp.office365.com -Port 587 -UserName app@example.com -OAuth $oauth</code>
/// <para>What the app needs in the tenant is in docs/operations.md. With TenantId the address of the token server and the scope are known.</para>
/// </example>
/// <example>
/// <para>With an access token of another tool</para>
/// <code>Send-SmtpMessage -To user@example.com -From me@example.com -Subject Hello -Body Hello -SmtpServer smtp.office365.com -Port 587 -UserName me@example.com -AccessToken $token</code>
/// <para>$token is a SecureString. It is not renewed: what is sent after its end is refused.</para>
/// </example>
/// <example>
/// <para>HTML with a picture, and a plain text for readers without HTML</para>
/// <code>Send-SmtpMessage -To user@example.com -From news@example.com -Subject News -Html '&lt;h1&gt;News&lt;/h1&gt;&lt;img src="cid:logo"&gt;' -Text News -InlineAttachments @{ logo = './logo.png' } -SmtpServer mail.example.com</code>
/// <para>The name before the equals sign is what the HTML calls cid.</para>
/// </example>
/// <example>
/// <para>A message to each row of a CSV file</para>
/// <code>Import-Csv staff.csv | Send-SmtpMessage -From hr@example.com -SmtpServer mail.example.com -PassThru | Where-Object Status -ne Delivered</code>
/// <para>The file has the columns To, Subject and Body, and may have others such as Cc and Attachments. Shows the recipients the server did not take.</para>
/// </example>
/// <example>
/// <para>Many messages, with the time left</para>
/// <code>$rows = @(Import-Csv newsletter.csv)
/// $rows | Send-SmtpMessage -From news@example.com -SmtpServer mail.example.com -MaxConnections 8 -ExpectedCount $rows.Count -PassThru | Export-Csv results.csv</code>
/// <para>Over eight connections. Records are not kept in memory: with Import-Csv in the pipeline itself a file of any size can be sent.</para>
/// </example>
/// <example>
/// <para>A template</para>
/// <code>Import-Csv staff.csv | Send-SmtpMessage -From hr@example.com -SmtpServer mail.example.com -Subject 'Leave of {{Name}}' -Html '&lt;p&gt;Dear {{Name}}, you have {{Days}} days left.&lt;/p&gt;'</code>
/// <para>The file has the columns To, Name and Days.</para>
/// </example>
/// <example>
/// <para>Go on after an interruption</para>
/// <code>Import-Csv list.csv | Send-SmtpMessage -From news@example.com -SmtpServer mail.example.com -LogPath ./sent.jsonl -SkipSent
/// Get-Content ./sent.jsonl | ConvertFrom-Json | Group-Object recipient, message | ForEach-Object { $_.Group[-1] } | Where-Object status -ne Delivered</code>
/// <para>The first run makes the file; the same line again sends what is left. The second command shows who has not had it, by the last line for each recipient and message: earlier ones stay in the file. A row that could not be made into
/// a message has a line without message, which stays the last of its kind after the row was mended.</para>
/// </example>
/// <example>
/// <para>Through a provider, within its limits</para>
/// <code>Import-Csv list.csv | Send-SmtpMessage -Provider Microsoft365 -Credential $credential -From news@example.com -Subject News -Text 'Hello {{Name}}' -LogPath ./sent.jsonl</code>
/// <para>Waits where more messages a minute or a day would be refused; what the file has of the last 24 hours counts.</para>
/// </example>
/// <example>
/// <para>See first what would go where</para>
/// <code>Import-Csv list.csv | Send-SmtpMessage -SmtpServer mail.example.com -From news@example.com -Subject 'Dear {{Name}}' -Text 'Hello {{Name}}' -WhatIf</code>
/// <para>Shows each message, with its envelope and the server.</para>
/// </example>
/// <example>
/// <para>Signed and encrypted</para>
/// <code>$own = Get-ChildItem Cert:\CurrentUser\My | Where-Object Subject -like '*ann@example.com*' | Select-Object -First 1
/// Send-SmtpMessage -SmtpServer mail.example.com -From ann@example.com -To bob@example.org -Subject Offer -Text 'See below.' -SigningCertificate $own -EncryptionCertificate (Get-PfxCertificate ./bob.cer), $own</code>
/// <para>Bob reads it, and Ann can read her copy. The subject stays readable for all.</para>
/// </example>
/// <example>
/// <para>A domain's signature</para>
/// <code>New-DkimKey -Domain example.com -Selector s1 -Path ./dkim.pem | Select-Object -ExpandProperty ZoneLine
/// Send-SmtpMessage -SmtpServer mail.example.com -From news@example.com -To you@example.org -Subject News -Text Hello -DkimKeyPath ./dkim.pem -DkimSelector s1</code>
/// <para>For servers that do not sign themselves. The line goes into the zone before the first message.</para>
/// </example>
/// <example>
/// <para>Log files in one message</para>
/// <code>Get-ChildItem *.log | Send-SmtpMessage -To ops@example.com -From server@example.com -Subject Logs -SmtpServer mail.example.com</code>
/// <para>All files are attached to one message; without files none is sent.</para>
/// </example>
/// <example>
/// <para>Message files as they are</para>
/// <code>Send-SmtpMessage -Path ./outbox/*.eml -SmtpServer mail.example.com -EnvelopeFrom '&lt;&gt;'</code>
/// <para>Byte for byte, with the null sender, so that no report comes back.</para>
/// </example>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc6409">RFC 6409, Message Submission for Mail</seealso>
[Cmdlet(VerbsCommunications.Send, "SmtpMessage", DefaultParameterSetName = MessageSet, SupportsShouldProcess = true)]
[OutputType(typeof(SmtpSendResult))]
public sealed partial class SendSmtpMessageCommand : LoginCmdlet
{
    private const string MessageSet = "Message";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    /// <summary>The recipients: addresses, with or without names, or lists of them separated by commas. With -Path those of the envelope; default there: the file's headers.</summary>
    [Parameter(ParameterSetName = MessageSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [AllowNull, AllowEmptyCollection, AllowEmptyString]
    public string[]? To { get; set; }

    /// <summary>The subject.</summary>
    [Parameter(ParameterSetName = MessageSet, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("sub")]
    public string? Subject { get; set; }

    /// <summary>The body: plain text, or HTML with -BodyAsHtml.</summary>
    [Parameter(ParameterSetName = MessageSet, Position = 2, ValueFromPipelineByPropertyName = true)]
    public string? Body { get; set; }

    /// <summary>The name or address of the server. Default: the variable $PSEmailServer.</summary>
    [Parameter(Position = 3, ValueFromPipelineByPropertyName = true)]
    [Alias("ComputerName")]
    public string? SmtpServer { get; set; }

    /// <summary>The author: one address, with or without a name.</summary>
    [Parameter(ParameterSetName = MessageSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? From { get; set; }

    /// <summary>Recipients of copies.</summary>
    [Parameter(ParameterSetName = MessageSet, ValueFromPipelineByPropertyName = true)]
    public string[]? Cc { get; set; }

    /// <summary>Recipients whom the others do not see: they are in no header.</summary>
    [Parameter(ParameterSetName = MessageSet, ValueFromPipelineByPropertyName = true)]
    public string[]? Bcc { get; set; }

    /// <summary>Where replies go, if not to the author.</summary>
    [Parameter(ParameterSetName = MessageSet, ValueFromPipelineByPropertyName = true)]
    public string[]? ReplyTo { get; set; }

    /// <summary>Says that -Body is HTML.</summary>
    [Parameter(ParameterSetName = MessageSet, ValueFromPipelineByPropertyName = true)]
    [Alias("BAH")]
    [SwitchCell]
    public SwitchParameter BodyAsHtml { get; set; }

    /// <summary>The plain text body; together with -Html the reader's program chooses.</summary>
    [Parameter(ParameterSetName = MessageSet, ValueFromPipelineByPropertyName = true)]
    [Alias("TextBody")]
    public string? Text { get; set; }

    /// <summary>The HTML body.</summary>
    [Parameter(ParameterSetName = MessageSet, ValueFromPipelineByPropertyName = true)]
    [Alias("HtmlBody")]
    public string? Html { get; set; }

    /// <summary>Files to attach; paths without wildcards, or files from the pipeline.</summary>
    [Parameter(ParameterSetName = MessageSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PsPath")]
    [FilePath]
    public string[]? Attachments { get; set; }

    /// <summary>A record, from the pipeline, whose columns are parameters and fill the templates.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Pictures that the HTML body shows: a hashtable of content id (what follows cid: in the HTML) and path.</summary>
    [Parameter(ParameterSetName = MessageSet, ValueFromPipelineByPropertyName = true)]
    public IDictionary? InlineAttachments { get; set; }

    /// <summary>Further headers: a hashtable of name and value; a list as the value makes several headers of that name.</summary>
    [Parameter(ParameterSetName = MessageSet, ValueFromPipelineByPropertyName = true)]
    public IDictionary? Headers { get; set; }

    /// <summary>The importance: Normal, High or Low.</summary>
    [Parameter(ParameterSetName = MessageSet, ValueFromPipelineByPropertyName = true)]
    [EmptyCell(MailPriority.Normal)]
    public MailPriority Priority { get; set; }

    /// <summary>The character set: a name such as utf8, ascii or iso-8859-1, a code page number, or an Encoding. Default: UTF-8, which is also used where the one given cannot hold the text.</summary>
    [Parameter(ParameterSetName = MessageSet, ValueFromPipelineByPropertyName = true)]
    [Alias("BE")]
    [EncodingName]
    [ArgumentCompleter(typeof(EncodingNameCompleter))]
    public Encoding Encoding { get; set; } = MessageDraft.Utf8;

    /// <summary>Message files to send byte for byte; wildcards are resolved.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Message files to send byte for byte; the paths are taken as they are.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The envelope sender, to whom reports of failure go; '&lt;&gt;' for nobody. Default: the author.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? EnvelopeFrom { get; set; }

    /// <summary>The reports to ask for: None (the server's choice), OnSuccess, OnFailure, Delay or Never; several separated by commas.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("DNO")]
    [EmptyCell(DeliveryNotificationOptions.None)]
    public DeliveryNotificationOptions DeliveryNotificationOption { get; set; }

    /// <summary>User name and password; a user name alone prompts for the password.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The port. Default: 0, which is 465 with -Tls Implicit and 25 otherwise; submission servers mostly have 587.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 65535)]
    public int Port { get; set; }

    /// <summary>How the connection is encrypted: Auto (where offered; required with -Credential), None, StartTls (required), or Implicit (from the first byte, port 465).</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [EmptyCell(TlsMode.Auto)]
    [OneName]
    public TlsMode Tls { get; set; }

    /// <summary>Requires TLS as Send-MailMessage does: the same as -Tls StartTls, on port 465 as -Tls Implicit.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchCell]
    public SwitchParameter UseSsl { get; set; }

    /// <summary>Accepts any certificate where TLS is required. For tests: it lets whoever stands between read the credential.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateValidation { get; set; }

    /// <summary>The name this client gives itself in EHLO. Default: the machine's full name, and without one its address on the connection, which behind a proxy is not known: name it there.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LocalDomain { get; set; }

    /// <summary>How long the connection and each answer of the server may take, in seconds or as a TimeSpan; the verdict on a content, before which servers look for viruses, five times that. Default: 2 minutes.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Seconds, TimeoutRange, EmptyCell("00:02:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Connections to the server at a time, from 1 to 100. With 1 the messages keep their order. Default: 4, of which a single message uses one.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int MaxConnections { get; set; } = 4;

    /// <summary>How many records will come from the pipeline, for the time left in the progress; nothing else depends on it. Default: unknown, or with -Path the number of files.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ExpectedCount { get; set; }

    /// <summary>A file to which the result of each recipient is added as a line of JSON. Default: none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>Leaves out the recipients who have had this message already by the file of -LogPath or in this call. Whoever has had another text gets this one too.</summary>
    [Parameter]
    public SwitchParameter SkipSent { get; set; }

    /// <summary>With -SkipSent: sends again where nobody knows whether the server took the message, so that some may get it twice.</summary>
    [Parameter]
    public SwitchParameter ResendUnknown { get; set; }

    /// <summary>Writes one result for each message: whether the server took it, and its reply; Recipients has what became of each recipient.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }
}
