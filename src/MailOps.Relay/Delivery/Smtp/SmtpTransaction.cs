using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>One message on its way to a server: the envelope is gathered, and goes with the content.</summary>
internal sealed class SmtpTransaction(SmtpTarget target, SmtpConnection connection, MailSender sender) : IMailTransaction, IDsnRelay
{
    private static readonly SmtpReply Gathered = new(250, "2.1.5", "Gathered");
    private readonly List<MailRecipient> _recipients = [];
    private SmtpConnection? _connection = connection;

    public string Id => "";

    public bool TakesDsn { get; private set; }

    public bool TakesDeliverBy { get; private set; }

    public ValueTask<SmtpReply> AddRecipientAsync(MailRecipient recipient, CancellationToken cancellationToken)
    {
        _recipients.Add(recipient);
        return ValueTask.FromResult(Gathered);
    }

    public async ValueTask<IReadOnlyList<DeliveryOutcome>> CommitAsync(MailContent content, CancellationToken cancellationToken)
    {
        var exchange = new SmtpExchange(_connection!, sender, _recipients, content, target.Now);
        var outcomes = await exchange.RunAsync(cancellationToken).ConfigureAwait(false);
        if (exchange.IsStale)
        {
            await DisposeAsync().ConfigureAwait(false);
            try
            {
                _connection = await target.ConnectAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (SmtpFailureException failure)
            {
                return [.. outcomes.Select(_ => DeliveryOutcome.From(failure.Reply))];
            }
            outcomes = await new SmtpExchange(_connection, sender, _recipients, content, target.Now).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        TakesDsn = _connection!.Capabilities.Dsn;
        TakesDeliverBy = _connection.Capabilities.DeliverBy;
        return outcomes;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection) await target.ReturnAsync(connection).ConfigureAwait(false);
    }
}
