using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>The fields of a changed record, and what they do. Each says what is so from now on: written twice, they say the same.</summary>
internal static class ChangeFields
{
    // Bits of what a record speaks of; on disk: none is ever used for something else.
    private const byte HoldBit = 1;
    private const byte RedirectBit = 2;
    private const byte NextAttemptBit = 4;

    public static void Write(this QueueChange change, FieldWriter fields)
    {
        fields.Byte((byte)((change.Hold is null ? 0 : HoldBit) | (change.Redirect is null ? 0 : RedirectBit) | (change.NextAttempt is null ? 0 : NextAttemptBit)));
        if (change.Hold is { } hold) fields.Byte((byte)hold);
        if (change.Redirect is { } redirect) fields.Text(redirect);
        if (change.NextAttempt is { } next) fields.Int64(next.UtcTicks);
    }

    /// <exception cref="InvalidDataException">It speaks of something that this version does not know.</exception>
    public static QueueChange Read(ref FieldReader fields)
    {
        var bits = fields.Byte();
        if ((bits & ~(HoldBit | RedirectBit | NextAttemptBit)) != 0) throw new InvalidDataException(FormattableString.Invariant($"A change of the unknown kind {bits}."));
        var change = new QueueChange();
        if ((bits & HoldBit) != 0) change = change with { Hold = Known(fields.Byte()) };
        if ((bits & RedirectBit) != 0) change = change with { Redirect = fields.Text() ?? "" };
        if ((bits & NextAttemptBit) != 0) change = change with { NextAttempt = new DateTimeOffset(fields.Int64(), TimeSpan.Zero) };
        return change;
    }

    public static MessageHold Known(byte hold) =>
        hold <= (byte)MessageHold.RemoveWithReport ? (MessageHold)hold : throw new InvalidDataException(FormattableString.Invariant($"A message has the unknown hold {hold}."));

    public static void ApplyTo(this QueueChange change, QueueEntry entry)
    {
        if (change.Hold is { } hold) entry.Hold = hold;
        if (change.Redirect is { } redirect) (entry.Redirect, entry.Remembered) = (redirect is "" ? null : redirect, null);
        // What was never tried has no time to change: it is due, or its sender has asked to hold it.
        if (change.NextAttempt is { UtcTicks: var next } && entry.Progress is { } progress)
            entry.Progress = Array.ConvertAll(progress, recipient => recipient.Status == DeliveryStatus.Deferred ? Due(recipient, next) : recipient);
    }

    // Of what was held it is no longer true that it is.
    private static RecipientProgress Due(RecipientProgress recipient, long next) =>
        recipient.NextAttempt == QueuedRecipientState.Never.UtcTicks ? recipient with { NextAttempt = next, LastReply = null } : recipient with { NextAttempt = next };

    /// <summary>What makes the message again what it is, where a refused change may be on disk. A time that was moved to now needs none: an attempt too many does no harm.</summary>
    public static QueueChange Inverse(this QueueChange change, QueueEntry entry) => new()
    {
        Hold = change.Hold is null ? null : entry.Hold,
        Redirect = change.Redirect is null ? null : entry.Redirect ?? "",
    };
}
