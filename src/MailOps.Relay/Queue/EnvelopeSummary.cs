namespace MailOps.Relay.Queue;

/// <summary>What the index needs of a message: the start of the fields of its record, so that a start reads no more of them.</summary>
/// <param name="Id">The queue id.</param>
/// <param name="Received">When it was accepted, in UTC ticks.</param>
/// <param name="Size">The bytes of the content.</param>
/// <param name="InFile">Whether the content is in a file of its own.</param>
/// <param name="Recipients">How many there are.</param>
/// <param name="HoldUntil">Not to be tried before, in UTC ticks; 0 for at once.</param>
/// <param name="Priority">-9 to 9.</param>
internal readonly record struct EnvelopeSummary(QueueId Id, long Received, long Size, bool InFile, int Recipients, long HoldUntil, sbyte Priority)
{
    /// <summary>When the first attempt is due, in UTC ticks.</summary>
    public long FirstDue => Math.Max(Received, HoldUntil);

    /// <param name="fields">The fields of the record.</param>
    /// <param name="version">Their format, as the record's header says.</param>
    public static EnvelopeSummary Read(ref FieldReader fields, byte version)
    {
        var (id, received, size, inFile, recipients) = ReadFixed(ref fields);
        var extensions = version < 2 ? default : EnvelopeExtensions.Read(fields.Bytes());
        return new EnvelopeSummary(id, received, size, inFile, recipients, extensions.HoldUntil, extensions.Priority);
    }

    /// <summary>Where in the fields of a record the summary ends, and where the whole envelope does.</summary>
    public static (int Summary, int Envelope) Measure(ReadOnlySpan<byte> fields, byte version)
    {
        var reader = new FieldReader(fields);
        var recipients = ReadFixed(ref reader).Recipients;
        if (version >= 2) reader.Bytes();
        var summary = fields.Length - reader.Left;
        Envelope.SkipRest(ref reader, recipients);
        return (summary, fields.Length - reader.Left);
    }

    /// <summary>What is first in every version.</summary>
    public static (QueueId Id, long Received, long Size, bool InFile, int Recipients) ReadFixed(ref FieldReader fields) =>
        (new QueueId(fields.UInt64()), fields.Int64(), fields.Int64(), fields.Byte() != 0, fields.Number());
}
