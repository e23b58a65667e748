using System.Globalization;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>What a target was given in one committed message.</summary>
public sealed record RecordedMail(string Id, MailSender Sender, IReadOnlyList<MailRecipient> Recipients, byte[] Content);

/// <summary>A target that keeps what is committed to it, and answers as it is told.</summary>
public sealed class RecordingTarget : IMailTarget
{
    private static readonly SmtpReply Ok = new(250, "2.0.0", "Ok");
    private readonly Lock _gate = new();
    private readonly List<RecordedMail> _mail = [];
    private int _begun;

    public IReadOnlyList<RecordedMail> Mail
    {
        get
        {
            lock (_gate) return [.. _mail];
        }
    }

    public int Begun => Volatile.Read(ref _begun);

    public Func<MailSender, SmtpReply?> RefuseSender { get; set; } = _ => null;

    public Func<MailRecipient, SmtpReply?> RefuseRecipient { get; set; } = _ => null;

    /// <summary>The outcome of each recipient at the commit.</summary>
    public Func<MailRecipient, DeliveryOutcome> Outcome { get; set; } = _ => DeliveryOutcome.From(Ok);

    public ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _begun);
        return ValueTask.FromResult(RefuseSender(sender) is { } refusal ? new MailBegin(null, refusal) : new MailBegin(new Transaction(this, sender, number), Ok));
    }

    private sealed class Transaction(RecordingTarget target, MailSender sender, int number) : IMailTransaction
    {
        private readonly List<MailRecipient> _recipients = [];

        public string Id => "R" + number.ToString(CultureInfo.InvariantCulture);

        public ValueTask<SmtpReply> AddRecipientAsync(MailRecipient recipient, CancellationToken cancellationToken)
        {
            if (target.RefuseRecipient(recipient) is { } refusal) return ValueTask.FromResult(refusal);
            _recipients.Add(recipient);
            return ValueTask.FromResult(Ok);
        }

        public async ValueTask<IReadOnlyList<DeliveryOutcome>> CommitAsync(MailContent content, CancellationToken cancellationToken)
        {
            var bytes = new byte[content.Length];
            await using (var stream = content.OpenRead()) await stream.ReadExactlyAsync(bytes, cancellationToken);
            lock (target._gate) target._mail.Add(new RecordedMail(Id, sender, [.. _recipients], bytes));
            return [.. _recipients.Select(r => target.Outcome(r))];
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
