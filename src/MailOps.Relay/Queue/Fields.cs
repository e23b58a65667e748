using System.Buffers.Binary;
using System.Text;

namespace MailOps.Relay.Queue;

/// <summary>Writes the fields of a record behind the room for its header. Numbers are little-endian; counts and lengths are base-128, low group first.</summary>
internal sealed class FieldWriter(int capacity)
{
    private byte[] _bytes = new byte[RecordHeader.Size + capacity];
    private int _length = RecordHeader.Size;

    /// <summary>Room for the header, then the fields.</summary>
    public Memory<byte> Head => _bytes.AsMemory(0, _length);

    /// <summary>The fields alone.</summary>
    public ReadOnlySpan<byte> Fields => _bytes.AsSpan(RecordHeader.Size, _length - RecordHeader.Size);

    /// <summary>Forgets the fields, to write others.</summary>
    public void Clear() => _length = RecordHeader.Size;

    public void Byte(byte value) => Room(1)[0] = value;

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(sizeof(ulong)), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Room(sizeof(long)), value);

    public void Number(uint value)
    {
        for (; value > 0x7f; value >>= 7) Byte((byte)(value | 0x80));
        Byte((byte)value);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number((uint)value.Length);
        value.CopyTo(Room(value.Length));
    }

    /// <summary>Both parts as one.</summary>
    public void Bytes(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Number((uint)(first.Length + second.Length));
        first.CopyTo(Room(first.Length));
        second.CopyTo(Room(second.Length));
    }

    /// <summary>A field that a reader who does not know its tag steps over.</summary>
    public void Tagged(uint tag, ReadOnlySpan<byte> value)
    {
        Number(tag);
        Bytes(value);
    }

    /// <summary>UTF-8; the length is one more than the bytes, so that 0 is null.</summary>
    public void Text(string? value)
    {
        if (value is null)
        {
            Byte(0);
            return;
        }
        var count = Encoding.UTF8.GetByteCount(value);
        Number((uint)count + 1);
        Encoding.UTF8.GetBytes(value, Room(count));
    }

    private Span<byte> Room(int count)
    {
        if (_length + count > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}

/// <summary>Reads what <see cref="FieldWriter"/> wrote. What a later version added behind is not read.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>The bytes not read yet.</summary>
    public readonly int Left => _rest.Length;

    public byte Byte() => Take(1)[0];

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public int Number()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var group = Byte();
            value |= (uint)(group & 0x7f) << shift;
            if (group < 0x80) return value <= int.MaxValue ? (int)value : throw Wrong();
        }
        throw Wrong();
    }

    public ReadOnlySpan<byte> Bytes() => Take(Number());

    public string? Text() => Number() is var length and > 0 ? Encoding.UTF8.GetString(Take(length - 1)) : null;

    public void SkipText()
    {
        if (Number() is var length and > 0) Take(length - 1);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length) throw Wrong();
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private static InvalidDataException Wrong() => new("The fields of the record end too early.");
}
