using System.Collections.Concurrent;
using MailOps.Relay.Mail;
using MailOps.Relay.Server;

namespace MailOps.Relay.Tests.Server;

/// <summary>A message as the target got it.</summary>
internal sealed record TakenMessage(string Id, MailSender Sender, IReadOnlyList<MailRecipient> Recipients, byte[] Content, bool WasInFile)
{
    /// <summary>The content without the trace header, which ends with the first line that is not folded.</summary>
    public string Body
    {
        get
        {
            var text = Latin1(Content);
            var end = text.IndexOf("\r\n", StringComparison.Ordinal);
            while (end + 2 < text.Length && text[end + 2] == '\t') end = text.IndexOf("\r\n", end + 2, StringComparison.Ordinal);
            return text[(end + 2)..];
        }
    }

    /// <summary>The trace header.</summary>
    public string Trace => Latin1(Content)[..^Body.Length];

    private static string Latin1(byte[] bytes) => System.Text.Encoding.Latin1.GetString(bytes);
}

/// <summary>Takes messages and remembers them; refuses what it is told to refuse.</summary>
internal sealed class RecordingTarget : IMailTarget
{
    private int _begun;
    private int _dropped;

    public ConcurrentQueue<TakenMessage> Taken { get; } = [];

    /// <summary>Transactions that were begun.</summary>
    public int Begun => _begun;

    /// <summary>Transactions that ended without a commit.</summary>
    public int Dropped => _dropped;

    public Func<MailSender, SmtpReply?> RefuseSender { get; init; } = _ => null;

    /// <summary>The reply to a sender that is not refused.</summary>
    public SmtpReply MailReply { get; init; } = new(250, "2.1.0", "Sender OK");

    public Func<MailRecipient, SmtpReply?> RefuseRecipient { get; init; } = _ => null;

    /// <summary>The outcomes of a commit; by default all are delivered.</summary>
    public Func<IReadOnlyList<MailRecipient>, IReadOnlyList<DeliveryOutcome>> Outcomes { get; init; } =
        recipients => [.. recipients.Select(_ => new DeliveryOutcome(DeliveryStatus.Delivered, new SmtpReply(250, "2.0.0", "taken")))];

    public ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken)
    {
        if (RefuseSender(sender) is { } refusal) return new(new MailBegin(null, refusal));
        return new(new MailBegin(new Recording(this, "id" + Interlocked.Increment(ref _begun), sender), MailReply));
    }

    private sealed class Recording(RecordingTarget target, string id, MailSender sender) : IMailTransaction
    {
        private readonly List<MailRecipient> _recipients = [];
        private bool _committed;

        public string Id => id;

        public ValueTask<SmtpReply> AddRecipientAsync(MailRecipient recipient, CancellationToken cancellationToken)
        {
            if (target.RefuseRecipient(recipient) is { } refusal) return new(refusal);
            _recipients.Add(recipient);
            return new(new SmtpReply(250, "2.1.5", "Recipient OK"));
        }

        public async ValueTask<IReadOnlyList<DeliveryOutcome>> CommitAsync(MailContent content, CancellationToken cancellationToken)
        {
            using var bytes = new MemoryStream();
            await using (var stream = content.OpenRead()) await stream.CopyToAsync(bytes, cancellationToken);
            Assert.Equal(content.Length, bytes.Length);
            var outcomes = target.Outcomes(_recipients);
            _committed = true;
            target.Taken.Enqueue(new TakenMessage(id, sender, [.. _recipients], bytes.ToArray(), content.TryGetFile(out _)));
            return outcomes;
        }

        public ValueTask DisposeAsync()
        {
            if (!_committed) Interlocked.Increment(ref target._dropped);
            return default;
        }
    }
}

/// <summary>Remembers events and faults.</summary>
internal sealed class RecordingTrace : IMailTrace
{
    public ConcurrentQueue<SmtpRelayTrackingEvent> Events { get; } = [];

    public ConcurrentQueue<string> Faults { get; } = [];

    public void Record(SmtpRelayTrackingEvent step) => Events.Enqueue(step);

    public void Fault(string where, Exception exception) => Faults.Enqueue($"{where}: {exception}");
}

/// <summary>Knows name and password pairs in plain text.</summary>
internal sealed class PlainUsers(params (string Name, string Password)[] users) : IUserDirectory
{
    public ValueTask<bool> VerifyAsync(string user, ReadOnlyMemory<byte> password, System.Net.IPAddress client, CancellationToken cancellationToken) =>
        new(users.Contains((user, System.Text.Encoding.UTF8.GetString(password.Span))));
}
