using System.Buffers.Binary;
using System.Numerics;

namespace MailOps.Relay.Queue;

/// <summary>CRC-32C (Castagnoli, RFC 3720 section 12.1), which processors compute in hardware.</summary>
internal static class Crc32C
{
    /// <param name="bytes">The bytes.</param>
    /// <param name="before">The checksum of those before them.</param>
    public static uint Of(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        var crc = ~before;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
