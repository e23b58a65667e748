using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Net.Mail;
using MailOps.Messages;
using MailOps.PowerShell.Parameters;
using MailOps.Submission;

namespace MailOps.PowerShell.Commands;

/// <summary>The work of the cmdlet: records become messages, messages go to the server.</summary>
public sealed partial class SendSmtpMessageCommand
{
    private readonly List<string> _piped = [];
    private long _rows;
    private HashSet<string> _named = [];
    private NetworkCredential? _proxyUser;
    private Mailbox? _author;
    private string? _authorText;

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        _named = [.. MyInvocation.BoundParameters.Keys];
        _expected = ExpectedCount;
        OpenWay();
        OpenLog();
        _protection = Protection();
        _sending = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        return base.BeginAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (MyInvocation.ExpectingInput) _rows++;
        if (ParameterSetName != MessageSet)
        {
            var files = ParameterSetName == PathSet ? [.. Path.SelectMany(Matching)] : LiteralPath;
            if (!MyInvocation.ExpectingInput) _expected = files.Length;
            foreach (var file in files) await SendFileAsync(file, cancellationToken);
            return;
        }
        // An object that binds nothing but Attachments is a file; the files of a pipeline are attachments of one message, sent at the end.
        var attached = !ReferenceEquals(Attachments, FilePathAttribute.None);
        if (!attached && _named.Contains(nameof(Attachments)))
            throw new MailOpsException(ErrorCode.InvalidMessage, "What was given with -Attachments is not a file and not a path.", "Name the files, or give what Get-Item or Get-ChildItem writes.");
        var fromPipeline = MyInvocation.BoundParameters.Keys.Where(name => !_named.Contains(name) && name != nameof(InputObject) && (attached || name != nameof(Attachments))).Take(2).ToArray();
        _isRecord = InputObject is not null && !(fromPipeline.Length == 1 && fromPipeline[0] == nameof(Attachments));
        if (!_isRecord && fromPipeline.Length > 0) _piped.AddRange(Attachments!);
        else await SendMessageAsync(Attachments ?? [], cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        (_isRecord, _rows) = (false, 0);
        // Also reached after an empty pipeline, which is no reason to send.
        if (_piped.Count > 0) await SendMessageAsync(_piped, cancellationToken);
        await CloseAsync(cancellationToken);
        ShowSkipped();
    }

    private async Task SendMessageAsync(IReadOnlyList<string> attachments, CancellationToken cancellationToken)
    {
        _records++;
        var target = string.Join(", ", To ?? []);
        _row = new Row(_rows, target);
        try
        {
            if (Draft(attachments) is not { } draft) return;
            var options = Options();
            var recipients = draft.To.Concat(draft.Cc).Concat(draft.Bcc).Select(mailbox => mailbox.Address.ToString());
            var all = new Planned(_ => Task.FromResult(MessageComposer.Compose(draft)), () => MessageFingerprint.Of(draft), [.. recipients], _row);
            if (await WithoutSentAsync(all, $"the message '{draft.Subject}'", cancellationToken) is not { } planned) return;
            WarnOfEmpty(draft);
            if (await IsWantedAsync(planned, options, $"{string.Join(", ", planned.Recipients)} through {options.Server}", $"Send the message '{draft.Subject}'", cancellationToken)) await StartAsync(planned, options, cancellationToken);
        }
        catch (MailOpsException e)
        {
            Report(e, target);
        }
    }

    private async Task SendFileAsync(string file, CancellationToken cancellationToken)
    {
        _records++;
        _row = new Row(_rows, file);
        try
        {
            var (sender, nullSender) = EnvelopeSender();
            var options = Options();
            var recipients = Addresses(To, out var wrong);
            if (wrong && recipients.Count == 0) return;
            var (path, to) = (this.FullPath(file), recipients.Select(mailbox => mailbox.Address).ToArray());
            var reports = new ReportRequest(Notices(), DeliveryReportContent, Envid());
            var envelope = nullSender ? "<>" : sender?.ToString();
            string[] named = [.. to.Select(address => address.ToString())];
            var all = new Planned(token => RawMessage.OpenAsync(path, sender, nullSender, to, reports, token), () => MessageFingerprint.Of(path, envelope, named), named, _row);
            if (await WithoutSentAsync(all, $"the message file {file}", cancellationToken) is not { } planned) return;
            if (await IsWantedAsync(planned, options, $"{file} through {options.Server}", "Send the message file", cancellationToken)) await StartAsync(planned, options, cancellationToken);
        }
        catch (MailOpsException e)
        {
            Report(e, file);
        }
    }

    /// <summary>The message that the parameters describe; null where it has no recipient left, which has been reported.</summary>
    private MessageDraft? Draft(IReadOnlyList<string> attachments)
    {
        var (sender, nullSender) = EnvelopeSender();
        var (text, html) = Bodies();
        var draft = new MessageDraft
        {
            From = Author(),
            EnvelopeFrom = sender,
            NullSender = nullSender,
            To = Addresses(To, out var wrongTo),
            Cc = Addresses(Cc, out var wrongCc),
            Bcc = Addresses(Bcc, out var wrongBcc),
            ReplyTo = Addresses(ReplyTo, out _),
            Subject = Filled(nameof(Subject), Subject) ?? "",
            Text = text,
            Html = html,
            Attachments = [.. attachments.Select(this.FullPath)],
            Inline = [.. Pairs(InlineAttachments).Select(pair => new KeyValuePair<string, string>(pair.Key, this.FullPath(pair.Value)))],
            Headers = [.. Pairs(Headers)],
            Importance = Priority switch { MailPriority.High => MessageImportance.High, MailPriority.Low => MessageImportance.Low, _ => MessageImportance.Normal },
            Encoding = Encoding,
            Reports = new ReportRequest(Notices(), DeliveryReportContent, Envid()),
            ReadReceiptTo = Addresses(ReadReceiptTo, out _),
            Protection = _protection,
        };
        return (wrongTo || wrongCc || wrongBcc) && draft.To.Count + draft.Cc.Count + draft.Bcc.Count == 0 ? null : draft;
    }

    // Mostly the same for all records.
    private Mailbox Author()
    {
        if (_author is null || _authorText != From) (_author, _authorText) = (Mailbox.Parse(From ?? ""), From);
        return _author;
    }

    private (string? Text, string? Html) Bodies()
    {
        var (text, html) = (NotEmpty(Filled(nameof(Text), Text)), NotEmpty(Filled(nameof(Html), Html, html: true)));
        if (Body is null or "") return (text, html);
        if ((BodyAsHtml ? html : text) is not null)
            throw new MailOpsException(ErrorCode.InvalidMessage, $"The {(BodyAsHtml ? "HTML" : "plain text")} body was given twice.", "Use -Body, or -Text and -Html.");
        var body = Filled(nameof(Body), Body, BodyAsHtml);
        return BodyAsHtml ? (text, body) : (body, html);
    }

    /// <summary>The addresses; one that is wrong is reported, and the message goes to the others.</summary>
    private List<Mailbox> Addresses(string[]? lists, out bool wrong)
    {
        wrong = false;
        var all = new List<Mailbox>();
        foreach (var list in lists ?? [])
        {
            try
            {
                all.AddRange(Mailbox.ParseList(list ?? ""));
            }
            catch (MailOpsException e)
            {
                Report(e, list);
                wrong = true;
            }
        }
        return all;
    }

    private (EmailAddress? Sender, bool NullSender) EnvelopeSender() => EnvelopeFrom?.Trim() switch
    {
        null or "" => (null, false),
        "<>" => (null, true),
        var sender => (Mailbox.Parse(sender).Address, false),
    };

    private DeliveryNotices? Notices()
    {
        if (DeliveryNotificationOption == DeliveryNotificationOptions.None) return null;
        var notices = DeliveryNotices.Never;
        if (DeliveryNotificationOption.HasFlag(DeliveryNotificationOptions.OnSuccess)) notices |= DeliveryNotices.Success;
        if (DeliveryNotificationOption.HasFlag(DeliveryNotificationOptions.OnFailure)) notices |= DeliveryNotices.Failure;
        if (DeliveryNotificationOption.HasFlag(DeliveryNotificationOptions.Delay)) notices |= DeliveryNotices.Delay;
        return notices;
    }

    private SubmissionOptions Options()
    {
        var (server, port, tls) = Server();
        if (UseSsl && Tls == TlsMode.None)
            throw new MailOpsException(ErrorCode.TlsRequired, "-UseSsl asks for TLS and -Tls None forbids it.", "Leave one of them out.");
        return WithLogin(new SubmissionOptions
        {
            Server = server,
            Port = port,
            Tls = UseSsl && tls == TlsMode.Auto ? port == 465 ? TlsMode.Implicit : TlsMode.StartTls : tls,
            SkipCertificateValidation = SkipCertificateValidation,
            LocalDomain = LocalDomain,
            Timeout = Timeout,
            Proxy = Proxy,
            ProxyCredential = _proxyUser ??= ProxyUser(),
            MessagesPerConnection = _provider?.MessagesPerConnection ?? 0,
        });
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(IDictionary? table)
    {
        foreach (DictionaryEntry entry in table ?? new Hashtable())
        {
            var value = entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value;
            foreach (var item in value is IEnumerable list and not string ? list.Cast<object?>() : [value])
            {
                yield return new KeyValuePair<string, string>(
                    Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!, LanguagePrimitives.ConvertTo<string>(item) ?? "");
            }
        }
    }

    /// <summary>The files that a path with wildcards means; none where it cannot be resolved, which is reported.</summary>
    private IReadOnlyList<string> Matching(string path)
    {
        try
        {
            return this.MatchingFiles(path, mayBeNone: false);
        }
        catch (MailOpsException e)
        {
            WriteError(In(new Row(_rows, path), e), path);
            return [];
        }
    }
}
