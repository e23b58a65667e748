using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>
/// One message on its way to a server: the envelope is gathered, and goes with the content. Its connection is its own until it is over, or until one that begins behind it takes that.
/// </summary>
internal sealed class SmtpTransaction : IMailTransaction, IDsnRelay, IOverlappingTransaction
{
    private static readonly SmtpReply Gathered = new(250, "2.1.5", "Gathered");
    private readonly SmtpTarget _target;
    private readonly MailSender _sender;
    private readonly SmtpTransaction? _before;
    private readonly List<MailRecipient> _recipients = [];
    private SmtpConnection? _own;   // to be given back, or to who comes behind
    private volatile bool _isOver;

    /// <summary>One that goes over a connection of its own.</summary>
    public SmtpTransaction(SmtpTarget target, SmtpConnection connection, MailSender sender) => (_target, _own, _sender) = (target, connection, sender);

    /// <summary>One that goes behind another, over its connection.</summary>
    public SmtpTransaction(SmtpTarget target, SmtpTransaction before, MailSender sender) => (_target, _before, _sender) = (target, before, sender);

    /// <inheritdoc/>
    public Overlap Overlap { private get; set; }

    /// <summary>Whether nothing can begin behind it any more.</summary>
    public bool IsOver => _isOver;

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
        try
        {
            var connection = _own ??= _before?.Give() ?? await _target.ReadyAsync(cancellationToken).ConfigureAwait(false);
            var exchange = Exchange(connection, content);
            var outcomes = await exchange.RunAsync(cancellationToken).ConfigureAwait(false);
            if (exchange.IsOverheard) _target.StopOverlapping(connection);
            if (exchange.IsStale)
            {
                await GiveBackAsync().ConfigureAwait(false);
                _own = await _target.ConnectAsync(cancellationToken).ConfigureAwait(false);
                exchange = Exchange(_own, content);
                outcomes = await exchange.RunAsync(cancellationToken).ConfigureAwait(false);
            }
            (TakesDsn, TakesDeliverBy) = (exchange.Offered.Dsn, exchange.Offered.DeliverBy);
            return outcomes;
        }
        catch (SmtpFailureException failure)
        {
            return [.. _recipients.Select(_ => DeliveryOutcome.From(failure.Reply) with { IsOwn = failure.IsOwn })];
        }
    }

    public ValueTask DisposeAsync()
    {
        _isOver = true;
        return GiveBackAsync();
    }

    // To who comes behind, who then is the one to give it back; null where it is gone.
    private SmtpConnection? Give() => Interlocked.Exchange(ref _own, null);

    private async ValueTask GiveBackAsync()
    {
        if (Give() is { } connection) await _target.ReturnAsync(connection).ConfigureAwait(false);
    }

    private SmtpExchange Exchange(SmtpConnection connection, MailContent content) => new(connection, _sender, _recipients, content, _target.Now)
    {
        Ending = Overlap.Ending is { } ending ? () => _target.MayFollow(connection) ? ending(this) : Task.CompletedTask : null,
        Begun = Overlap.Begun,
        Stopping = _target.Stopping,
    };
}
