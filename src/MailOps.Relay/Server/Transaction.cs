using MailOps.Relay.Mail;

namespace MailOps.Relay.Server;

/// <summary>One message on its way in: what MAIL, RCPT and the content so far have made. RSET drops it, and the session stays.</summary>
/// <param name="target">The message as the target began it.</param>
/// <param name="sender">What MAIL said, as far as it was granted.</param>
/// <param name="priorityChanged">Whether its priority was not (RFC 6710 section 4.1).</param>
internal sealed class Transaction(IMailTransaction target, MailSender sender, bool priorityChanged = false) : IAsyncDisposable
{
    private readonly List<MailRecipient> _recipients = [];

    public IMailTransaction Target => target;

    public MailSender Sender => sender;

    public bool PriorityChanged => priorityChanged;

    /// <summary>The recipients that were accepted.</summary>
    public IReadOnlyList<MailRecipient> Recipients => _recipients;

    /// <summary>The content, from DATA or the first BDAT on.</summary>
    public IncomingContent? Content { get; private set; }

    public void Add(MailRecipient recipient) => _recipients.Add(recipient);

    /// <summary>The content; at first the trace header goes in.</summary>
    public IncomingContent OpenContent(Surroundings server, LimitOptions limits)
    {
        if (Content is not null) return Content;
        Content = new IncomingContent(server, limits, sender.Body == MailBody.BinaryMime);
        Content.AppendTrace(ReceivedHeader.Format(this, server.HostName, server.Clock.GetUtcNow()));
        return Content;
    }

    public async ValueTask DisposeAsync()
    {
        Content?.Dispose();
        await target.DisposeAsync().ConfigureAwait(false);
    }
}
