namespace MailOps.Relay.Queue;

/// <summary>How far one recipient is. The default value is a recipient that was not tried yet.</summary>
/// <param name="Status">What the last attempt gave; null before the first.</param>
/// <param name="Attempts">Attempts made.</param>
/// <param name="DelayNotified">Whether the sender has been told of the delay.</param>
/// <param name="LastAttempt">When, in UTC ticks.</param>
/// <param name="NextAttempt">Not before, in UTC ticks.</param>
/// <param name="LastReply">What the last attempt was answered.</param>
internal readonly record struct RecipientProgress(
    DeliveryStatus? Status, ushort Attempts, bool DelayNotified, long LastAttempt, long NextAttempt, string? LastReply)
{
    /// <summary>Nothing more to do for it.</summary>
    public bool IsFinal => Status is DeliveryStatus.Delivered or DeliveryStatus.Failed;

    public void Write(FieldWriter fields)
    {
        fields.Byte(Status switch { null => 0, DeliveryStatus.Delivered => 1, DeliveryStatus.Deferred => 2, _ => 3 });
        fields.Byte(DelayNotified ? (byte)1 : (byte)0);
        fields.Number(Attempts);
        fields.Int64(LastAttempt);
        fields.Int64(NextAttempt);
        fields.Text(LastReply);
    }

    public static RecipientProgress Read(ref FieldReader fields)
    {
        DeliveryStatus? status = fields.Byte() switch
        {
            0 => null,
            1 => DeliveryStatus.Delivered,
            2 => DeliveryStatus.Deferred,
            3 => DeliveryStatus.Failed,
            var other => throw new InvalidDataException($"A recipient has the unknown status {other}."),
        };
        var notified = fields.Byte() != 0;
        var attempts = (ushort)Math.Min(fields.Number(), ushort.MaxValue);
        return new RecipientProgress(status, attempts, notified, fields.Int64(), fields.Int64(), SharedReply.Of(fields.Text()));
    }
}
