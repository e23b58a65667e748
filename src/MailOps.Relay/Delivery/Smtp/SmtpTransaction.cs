using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>One message on its way to a server: the envelope is gathered, and goes with the content.</summary>
internal sealed class SmtpTransaction(SmtpTarget target, SmtpConnection connection, MailSender sender) : IMailTransaction, IDsnRelay, IOverlappingTransaction
{
    private static readonly SmtpReply Gathered = new(250, "2.1.5", "Gathered");
    private readonly List<MailRecipient> _recipients = [];
    private SmtpConnection? _connection = connection;
    private bool _isOffered;

    /// <inheritdoc/>
    public Action? Sent { private get; set; }

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
        var exchange = Exchange(content);
        var outcomes = await exchange.RunAsync(cancellationToken).ConfigureAwait(false);
        if (exchange.IsOverheard) target.CanOverlap = false;
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
            outcomes = await Exchange(content).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        TakesDsn = _connection!.Capabilities.Dsn;
        TakesDeliverBy = _connection.Capabilities.DeliverBy;
        return outcomes;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is not { } connection) return;
        // Whoever has taken it while it waited for its replies returns it.
        if (!_isOffered || target.Withdraw(this)) await target.ReturnAsync(connection).ConfigureAwait(false);
        _isOffered = false;
    }

    private SmtpExchange Exchange(MailContent content) => new(_connection!, sender, _recipients, content, target.Now) { Sent = Sent is null ? null : Offer };

    private void Offer()
    {
        _isOffered = target.Offer(_connection!, this);
        if (_isOffered) Sent!();
    }
}
