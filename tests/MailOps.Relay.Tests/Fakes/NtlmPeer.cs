#pragma warning disable CA5351   // the mechanism is what it is
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>The server's side of NTLM for one account, as [MS-NLMP] section 3.3.2 has it: it gives the challenge of that document's example and checks an NTLMv2 response against the password. A client that knows no domain may name the one of the challenge.</summary>
internal sealed class NtlmPeer(string password, string domain, string user)
{
    // [MS-NLMP] section 4.2.1
    private static readonly byte[] ServerChallenge = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];

    public bool IsProven { get; private set; }

    public string Fault { get; private set; } = "no message of type 3";

    public string? Answer(string line)
    {
        if (line.StartsWith("EHLO ", StringComparison.Ordinal) || line == "QUIT") return null;
        var text = line.StartsWith("AUTH NTLM", StringComparison.Ordinal) ? line["AUTH NTLM".Length..].Trim() : line;
        if (text.Length == 0) return "334 ";
        var message = Convert.FromBase64String(text);
        if (!message.AsSpan().StartsWith("NTLMSSP\0"u8)) return "501 5.5.2 No NTLM";
        return message[8] switch { 1 => "334 " + Convert.ToBase64String(Challenge()), 3 => Verify(message), _ => "501 5.5.2 No such message" };
    }

    private static byte[] Challenge()
    {
        byte[] target = Encoding.Unicode.GetBytes("Server");
        byte[] info = [2, 0, 12, 0, .. Encoding.Unicode.GetBytes("Domain"), 1, 0, 12, 0, .. target, 0, 0, 0, 0];
        var head = new byte[56];
        "NTLMSSP\0"u8.CopyTo(head);
        head[8] = 2;
        Field(head, 12, target.Length, 56);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(20), 0xe28a8233);   // Unicode, NTLM, target info, extended session security, 128 bit
        ServerChallenge.CopyTo(head, 24);
        Field(head, 40, info.Length, 56 + target.Length);
        return [.. head, .. target, .. info];
    }

    private string Verify(byte[] message)
    {
        var response = Read(message, 20);
        var (saidDomain, saidUser) = (Encoding.Unicode.GetString(Read(message, 28)), Encoding.Unicode.GetString(Read(message, 36)));
        // NTOWFv2: HMAC-MD5 by MD4(password) of the user in capitals and the domain; then by that of the challenge and the client's own part.
        var key = HMACMD5.HashData(Md4.Hash(Encoding.Unicode.GetBytes(password)), Encoding.Unicode.GetBytes(saidUser.ToUpperInvariant() + saidDomain));
        var proof = HMACMD5.HashData(key, (byte[])[.. ServerChallenge, .. response[16..]]);
        IsProven = saidUser == user && (domain.Length == 0 || saidDomain == domain) && response.Length > 24 && proof.AsSpan().SequenceEqual(response.AsSpan(0, 16));
        Fault = $"{saidDomain}\\{saidUser}, {response.Length} bytes";
        return IsProven ? "235 2.7.0 Ok" : "535 5.7.3 Authentication unsuccessful";
    }

    private static byte[] Read(byte[] message, int at)
    {
        var (length, offset) = (BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(at)), BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(at + 4)));
        return message[offset..(offset + length)];
    }

    private static void Field(byte[] head, int at, int length, int offset)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(at), (ushort)length);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(at + 2), (ushort)length);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(at + 4), offset);
    }

    /// <summary>MD4 (RFC 1320 section 3), which .NET has no more.</summary>
    private static class Md4
    {
        public static byte[] Hash(byte[] data)
        {
            var padded = new byte[(data.Length + 72) / 64 * 64];
            data.CopyTo(padded, 0);
            padded[data.Length] = 0x80;
            BinaryPrimitives.WriteInt64LittleEndian(padded.AsSpan(padded.Length - 8), data.Length * 8L);
            uint[] state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
            for (var block = 0; block < padded.Length; block += 64) Mix(state, padded.AsSpan(block, 64));
            var hash = new byte[16];
            for (var i = 0; i < 4; i++) BinaryPrimitives.WriteUInt32LittleEndian(hash.AsSpan(4 * i), state[i]);
            return hash;
        }

        private static void Mix(uint[] state, ReadOnlySpan<byte> block)
        {
            int[][] order = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15], [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15]];
            int[][] shift = [[3, 7, 11, 19], [3, 5, 9, 13], [3, 9, 11, 15]];
            uint[] constant = [0, 0x5a827999, 0x6ed9eba1];
            var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
            for (var round = 0; round < 3; round++)
            {
                for (var i = 0; i < 16; i++)
                {
                    var f = round switch { 0 => (b & c) | (~b & d), 1 => (b & c) | (b & d) | (c & d), _ => b ^ c ^ d };
                    var sum = a + f + BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * order[round][i])..]) + constant[round];
                    (a, d, c, b) = (d, c, b, uint.RotateLeft(sum, shift[round][i % 4]));
                }
            }
            (state[0], state[1], state[2], state[3]) = (state[0] + a, state[1] + b, state[2] + c, state[3] + d);
        }
    }
}
