using MailOps.Messages;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Policy;

/// <summary>
/// The last that is decided of recipients before the queue: rewritten senders are turned back, aliases become those they stand for, and what a route refuses is refused. What an alias passes on to
/// another domain leaves with a rewritten sender, as a message of its own beside that for the other recipients.
/// </summary>
/// <param name="next">The queue.</param>
/// <param name="aliases">The aliases.</param>
/// <param name="srs">How senders are rewritten; null where they are not.</param>
/// <param name="srsDomain">The domain of rewritten senders; null for that of the alias.</param>
/// <param name="refusalOf">What a route says of a recipient; null where none refuses it.</param>
/// <param name="trace">What became of recipients.</param>
/// <param name="clock">The time.</param>
internal sealed class Recipients(
    IMailTarget next, AliasTable aliases, SenderRewriting? srs, string? srsDomain, Func<EmailAddress, MailSender, SmtpReply?> refusalOf, IMailTrace trace, TimeProvider clock) : IMailTarget
{
    // Each RCPT may be many; the memory that a message takes is bounded.
    private const int MaxRecipients = 10_000;

    private static readonly SmtpReply TooMany = new(452, "4.5.3", "The aliases make too many recipients; send the rest in another message");   // RFC 5321 section 4.5.3.1.10
    private static readonly SmtpReply NotOurs = new(550, "5.1.1", "This rewritten address is not, or no longer, one of ours");

    private readonly IMailTarget _next = next;
    private readonly Func<EmailAddress, MailSender, SmtpReply?> _refusalOf = refusalOf;
    private readonly IMailTrace _trace = trace;
    private readonly TimeProvider _clock = clock;

    /// <summary>Whether mail for an address goes to others: aliases, and rewritten senders that are to be turned back.</summary>
    public bool PassesOn(EmailAddress address) => IsRewritten(address) || aliases.IsAlias(address);

    /// <inheritdoc/>
    public async ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken)
    {
        var begun = await _next.BeginAsync(sender, cancellationToken).ConfigureAwait(false);
        return begun.Transaction is { } transaction ? begun with { Transaction = new Transaction(this, sender, transaction) } : begun;
    }

    private bool IsRewritten(EmailAddress address) => srs is not null && SenderRewriting.HasForm(address) && aliases.IsOurs(address.Domain);

    private AliasTable.Expansion Expand(EmailAddress address)
    {
        if (!IsRewritten(address)) return aliases.Expand(address);
        return srs!.Reverse(address) is { } original ? new AliasTable.Expansion([original], null) : new AliasTable.Expansion([], NotOurs);
    }

    // RFC 5321 section 4.5.5: who has no sender gets none. A sender of ours is one that the next server knows us for.
    private EmailAddress? RewrittenSender(MailSender sender, EmailAddress alias, EmailAddress to) =>
        srs is not null && sender.ReversePath is { } from && !aliases.IsOurs(to.Domain) && !aliases.IsOurs(from.Domain) ? srs.Forward(from, srsDomain ?? DomainName.ToAscii(alias.Domain)) : null;

    private sealed class Transaction(Recipients owner, MailSender sender, IMailTransaction main) : IMailTransaction
    {
        private readonly List<IMailTransaction[]> _taken = [];
        private static readonly SmtpReply PlacedBefore = new(250, "2.1.5", "Recipient ok");   // as the queue says of a first one
        private readonly Dictionary<(EmailAddress, DsnNotify, string?), IMailTransaction> _placed = [];
        private readonly List<(EmailAddress Alias, IReadOnlyList<EmailAddress> To)> _expanded = [];
        private IMailTransaction? _forwarded;
        private EmailAddress? _forwardedSender;
        private int _inMain, _inForwarded;

        // That of the only message there is, where all is passed on.
        public string Id => _inMain == 0 && _inForwarded > 0 ? _forwarded!.Id : main.Id;

        public async ValueTask<SmtpReply> AddRecipientAsync(MailRecipient recipient, CancellationToken cancellationToken)
        {
            var alias = recipient.ForwardPath;
            var expansion = owner.Expand(alias);
            if (expansion.Fault is { } fault) owner._trace.Fault("aliases", fault);
            if (expansion.Refusal is { } refusal) return refusal;
            var to = expansion.Addresses;
            // With several the others do not wait for the one that is refused: it comes back to the sender.
            var refusals = to.Select(address => owner._refusalOf(address, sender)).ToList();
            if (refusals.TrueForAll(reply => reply is not null)) return refusals[0]!;
            if (_inMain + _inForwarded + to.Count > MaxRecipients) return TooMany;
            var isAlias = to.Count != 1 || !to[0].Equals(alias);
            // Before any is added: of an alias that is refused for now nobody gets mail.
            if (isAlias && to.Select(address => ForwardedSender(alias, address)).FirstOrDefault(from => from is not null) is { } forwardedSender
                && await BeginForwardedAsync(forwardedSender, cancellationToken).ConfigureAwait(false) is { } notBegun) return notBegun;
            var used = new HashSet<IMailTransaction>();
            var answer = (SmtpReply?)null;
            foreach (var address in to)
            {
                // RFC 3461 section 5.2.7: what the sender asked of reports goes along, with the name under which he knows the recipient.
                var one = isAlias ? recipient with { ForwardPath = address, OriginalRecipient = recipient.OriginalRecipient ?? OriginalRecipient.Of(alias) } : recipient;
                // Once, where the sender asked for the same reports; one on success he gets for each name he wrote to.
                var key = (address, one.Notify, one.Notify.HasFlag(DsnNotify.Success) ? one.OriginalRecipient : recipient.OriginalRecipient);
                if (_placed.TryGetValue(key, out var placed))
                {
                    used.Add(placed);
                    answer ??= PlacedBefore;
                    continue;
                }
                var (transaction, reply) = await PlaceAsync(one, isAlias ? alias : null, cancellationToken).ConfigureAwait(false);
                if (transaction is not null) used.Add(_placed[key] = transaction);
                if (answer is null || !reply.IsPositive) answer = reply;
            }
            if (!answer!.IsPositive) return answer;
            _taken.Add([.. used]);
            if (isAlias) _expanded.Add((alias, to));
            return answer;
        }

        public async ValueTask<IReadOnlyList<DeliveryOutcome>> CommitAsync(MailContent content, CancellationToken cancellationToken)
        {
            var outcomes = new Dictionary<IMailTransaction, DeliveryOutcome>();
            // First the one that gets a copy: the queue may take the file of the content over.
            if (_inForwarded > 0) outcomes[_forwarded!] = Worst(await _forwarded!.CommitAsync(_inMain > 0 ? new Copied(content) : content, cancellationToken).ConfigureAwait(false));
            // Where that failed nothing has happened yet, and the client comes again with all of it.
            if (_inMain > 0) outcomes[main] = _inForwarded > 0 && outcomes[_forwarded!] is { Status: not DeliveryStatus.Delivered } failed ? failed : Worst(await main.CommitAsync(content, cancellationToken).ConfigureAwait(false));
            if (outcomes.Values.All(o => o.Status == DeliveryStatus.Delivered)) Record(content.Length);
            return [.. _taken.Select(used => Worst([.. used.Select(transaction => outcomes[transaction])]))];
        }

        public async ValueTask DisposeAsync()
        {
            if (_forwarded is not null) await _forwarded.DisposeAsync().ConfigureAwait(false);
            await main.DisposeAsync().ConfigureAwait(false);
        }

        private async ValueTask<(IMailTransaction? Transaction, SmtpReply Reply)> PlaceAsync(MailRecipient recipient, EmailAddress? alias, CancellationToken cancellationToken)
        {
            var isForwarded = alias is not null && ForwardedSender(alias, recipient.ForwardPath) is not null;
            var target = isForwarded ? _forwarded! : main;
            var reply = await target.AddRecipientAsync(recipient, cancellationToken).ConfigureAwait(false);
            if (!reply.IsPositive) return (null, reply);
            if (isForwarded) _inForwarded++;
            else _inMain++;
            return (target, reply);
        }

        // Why it is not begun; null where it is.
        private async ValueTask<SmtpReply?> BeginForwardedAsync(EmailAddress from, CancellationToken cancellationToken)
        {
            if (_forwarded is not null) return null;
            var begun = await owner._next.BeginAsync(sender with { ReversePath = from }, cancellationToken).ConfigureAwait(false);
            if (begun.Transaction is null) return begun.Reply;
            (_forwarded, _forwardedSender) = (begun.Transaction, from);
            return null;
        }

        private EmailAddress? ForwardedSender(EmailAddress alias, EmailAddress to) => owner.IsRewritten(alias) ? null : owner.RewrittenSender(sender, alias, to);

        private static DeliveryOutcome Worst(IReadOnlyList<DeliveryOutcome> outcomes) =>
            outcomes.FirstOrDefault(o => o.Status == DeliveryStatus.Deferred) ?? outcomes.FirstOrDefault(o => o.Status == DeliveryStatus.Failed) ?? outcomes[0];

        private void Record(long size)
        {
            foreach (var (alias, to) in _expanded) Record("EXPAND", Id, sender.ReversePath, to, size, alias.ToString(), null);
            if (_inMain > 0 && _inForwarded > 0) Record("TRANSFER", _forwarded!.Id, _forwardedSender, [], size, null, main.Id);
        }

        private void Record(string eventId, string id, EmailAddress? from, IReadOnlyList<EmailAddress> to, long size, string? context, string? reference) => owner._trace.Record(new SmtpRelayTrackingEvent
        {
            Timestamp = owner._clock.GetUtcNow(),
            EventId = eventId,
            Source = "ROUTING",
            InternalMessageId = id,
            Sender = from?.ToString() ?? "<>",
            Recipients = [.. to.Select(address => address.ToString())],
            SourceContext = context,
            TotalBytes = size,
            Reference = reference,
        });
    }

    /// <summary>Content of which whoever takes it makes a copy.</summary>
    private sealed class Copied(MailContent content) : MailContent
    {
        public override long Length => content.Length;

        public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes) => content.TryGetMemory(out bytes);

        public override Stream OpenRead() => content.OpenRead();
    }
}
