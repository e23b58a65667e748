namespace MailOps.Relay.Queue;

/// <summary>Reads the records of a digest.</summary>
internal ref struct DigestReader(ReadOnlySpan<byte> records)
{
    private FieldReader _fields = new(records);
    private long _end = SegmentHeader.Size;

    /// <summary>The record's place.</summary>
    public long Offset { get; private set; }

    /// <summary>Its header, but for the checksums.</summary>
    public RecordHeader Header { get; private set; }

    /// <summary>Its fields, of an envelope only the summary.</summary>
    public ReadOnlySpan<byte> Fields { get; private set; }

    /// <summary>Goes to the next record, if there is one.</summary>
    public bool Next()
    {
        if (_fields.AtEnd) return false;
        var (type, version) = ((RecordType)_fields.Byte(), _fields.Byte());
        Offset = _end + _fields.Number();
        Header = new RecordHeader(type, _fields.Number(), _fields.Number(), 0, 0, version);
        Fields = _fields.Bytes();
        _end = Offset + Header.Length;
        return true;
    }
}
