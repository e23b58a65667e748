using System.Security.Cryptography;
using System.Text;

namespace MailOps.Diagnosis;

/// <summary>The first message of TLS, written by hand: no library of today offers what is to be looked for, the old versions and their ciphers.</summary>
internal static class TlsHello
{
    private const int MaxAnswer = 64 * 1024;

    // ServerHello.random of a HelloRetryRequest needs no look of its own: its version and cipher are the server's choice all the same (RFC 8446 section 4.1.3).
    private static readonly byte[] Groups = [0x00, 0x1d, 0x00, 0x17, 0x00, 0x18, 0x00, 0x19];   // x25519, P-256, P-384, P-521
    private static readonly byte[] Signatures =
        [0x04, 0x03, 0x05, 0x03, 0x06, 0x03, 0x08, 0x04, 0x08, 0x05, 0x08, 0x06, 0x08, 0x07, 0x04, 0x01, 0x05, 0x01, 0x06, 0x01, 0x02, 0x03, 0x02, 0x01, 0x02, 0x02];

    /// <summary>Offers one version and some ciphers.</summary>
    /// <returns>The version and the cipher that the server chose; null where it wants none of them.</returns>
    public static async Task<(TlsVersion Version, ushort Cipher)?> OfferAsync(
        ProbeConnection connection, TlsVersion version, IReadOnlyList<ushort> ciphers, string server, CancellationToken cancellationToken)
    {
        await connection.SendAsync(ClientHello(version, ciphers, server), cancellationToken).ConfigureAwait(false);
        var answer = new List<byte>();
        while (answer.Count < MaxAnswer)
        {
            var some = await connection.ReadSomeAsync(cancellationToken).ConfigureAwait(false);
            if (some.Length == 0) return null;
            answer.AddRange(some);
            if (answer[0] != 0x16) return null;   // an alert, or no TLS
            if (Choice(answer) is { } choice) return choice;
        }
        return null;
    }

    /// <summary>The bytes of a ClientHello in its record (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2).</summary>
    public static byte[] ClientHello(TlsVersion version, IReadOnlyList<ushort> ciphers, string server)
    {
        var legacy = version == TlsVersion.Tls13 ? TlsVersion.Tls12 : version;
        var body = new List<byte>([.. Number(legacy)]);
        body.AddRange(Random(32));
        body.Add(32);
        body.AddRange(Random(32));   // a session id, as middleboxes want it (RFC 8446 section 4.1.2)
        Vector(body, 2, [.. ciphers.SelectMany(Two)]);
        Vector(body, 1, [0]);        // no compression
        Vector(body, 2, Extensions(version, server));
        var message = new List<byte>([1]);
        Vector(message, 3, body);
        // The record says 1.0 for the sake of old servers, as all clients do.
        var record = new List<byte>([0x16, 3, 1]);
        Vector(record, 2, message);
        return [.. record];
    }

    private static List<byte> Extensions(TlsVersion version, string server)
    {
        var all = new List<byte>();
        if (!System.Net.IPAddress.TryParse(server, out _))
        {
            var name = new List<byte>([0]);
            Vector(name, 2, Encoding.ASCII.GetBytes(server));
            Extension(all, 0, Length(2, name));
        }
        Extension(all, 10, Length(2, Groups));
        Extension(all, 11, [1, 0]);   // uncompressed points
        if (version >= TlsVersion.Tls12) Extension(all, 13, Length(2, Signatures));
        if (version < TlsVersion.Tls13) return all;
        Extension(all, 43, Length(1, [3, 4]));
        // Any 32 bytes are a key of x25519: the secret behind them is never needed, as the handshake ends here.
        var share = new List<byte>([0x00, 0x1d]);
        Vector(share, 2, Random(32));
        Extension(all, 51, Length(2, share));
        return all;
    }

    // ServerHello (RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3), once it is whole.
    private static (TlsVersion Version, ushort Cipher)? Choice(List<byte> record)
    {
        const int Body = 9;   // behind the heads of record and message
        if (record.Count < Body + 35 || record[5] != 2) return null;
        var at = Body + 34 + 1 + record[Body + 34];
        var end = 5 + (record[3] << 8) + record[4];
        if (record.Count < end || end < at + 3) return null;
        var cipher = (ushort)((record[at] << 8) | record[at + 1]);
        var version = (TlsVersion)Math.Min(Math.Max(record[Body + 1] - 1, 0), 3);
        for (at += 5; at + 4 <= end; at += 4 + (record[at + 2] << 8) + record[at + 3])
        {
            if (record[at] == 0 && record[at + 1] == 43 && at + 6 <= end && record[at + 4] == 3 && record[at + 5] == 4) version = TlsVersion.Tls13;
        }
        return (version, cipher);
    }

    private static byte[] Number(TlsVersion version) => [3, (byte)((int)version + 1)];

    private static IEnumerable<byte> Two(ushort number) => [(byte)(number >> 8), (byte)number];

    private static void Extension(List<byte> all, ushort type, IReadOnlyCollection<byte> data)
    {
        all.AddRange(Two(type));
        Vector(all, 2, data);
    }

    private static List<byte> Length(int width, IReadOnlyCollection<byte> data)
    {
        var whole = new List<byte>();
        Vector(whole, width, data);
        return whole;
    }

    private static void Vector(List<byte> to, int width, IReadOnlyCollection<byte> data)
    {
        for (var shift = 8 * (width - 1); shift >= 0; shift -= 8) to.Add((byte)(data.Count >> shift));
        to.AddRange(data);
    }

    private static byte[] Random(int count)
    {
        var bytes = new byte[count];
        using var random = RandomNumberGenerator.Create();
        random.GetBytes(bytes);
        return bytes;
    }
}
