using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MailOps.Tests.Shared;

/// <summary>A DNS server on loopback that answers from a table, over UDP and TCP; enough of RFC 1035 section 4 for a resolver to talk to.</summary>
internal sealed class LoopbackDnsServer : IDisposable
{
    private readonly UdpClient _udp = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly TcpListener _tcp;
    private readonly CancellationTokenSource _stop = new();
    private int _open;

    public LoopbackDnsServer()
    {
        // The TCP port must be the UDP port; another process may hold it, so look for a pair.
        while (true)
        {
            _tcp = new TcpListener(IPAddress.Loopback, Port);
            try
            {
                _tcp.Start();
                break;
            }
            catch (SocketException)
            {
                _udp.Dispose();
                _udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            }
        }
        _ = ServeUdpAsync();
        _ = ServeTcpAsync();
    }

    /// <summary>"example.test MX" → what to say; a name of which nothing is said does not exist.</summary>
    public Dictionary<string, Say> Zone { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The questions that came, as "udp example.test MX".</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What becomes of each answer before it is sent.</summary>
    public Func<byte[], byte[]> Spoil { get; init; } = answer => answer;

    /// <summary>How long each answer over UDP takes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The most questions over UDP that were open at one time.</summary>
    public int MostAtOnce { get; private set; }

    public int Port => ((IPEndPoint)_udp.Client.LocalEndPoint!).Port;

    public string Address => $"127.0.0.1:{Port}";

    public void Dispose()
    {
        _stop.Cancel();
        _udp.Dispose();
        _tcp.Dispose();
        _stop.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        try
        {
            while (true)
            {
                var packet = await _udp.ReceiveAsync(_stop.Token);
                if (Answer(packet.Buffer, "udp") is not { } answer) continue;
                if (Delay == TimeSpan.Zero) await _udp.SendAsync(answer, packet.RemoteEndPoint, _stop.Token);
                else _ = SendLaterAsync(answer, packet.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // the end of the test
        }
    }

    private async Task SendLaterAsync(byte[] answer, IPEndPoint client)
    {
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _open));
        try
        {
            await Task.Delay(Delay, _stop.Token);
            Interlocked.Decrement(ref _open);
            await _udp.SendAsync(answer, client, _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // the end of the test
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _tcp.AcceptTcpClientAsync(_stop.Token);
                var stream = client.GetStream();
                var length = new byte[2];
                await stream.ReadExactlyAsync(length, _stop.Token);
                var question = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(question, _stop.Token);
                if (Answer(question, "tcp") is not { } answer) continue;
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
                await stream.WriteAsync((byte[])[.. length, .. answer], _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException or IOException)
        {
            // the end of the test
        }
    }

    private byte[]? Answer(byte[] question, string transport)
    {
        var (name, type, end) = Question(question);
        Asked.Enqueue($"{transport} {name} {type}");
        if (!Zone.TryGetValue($"{name} {type}", out var say))
        {
            var exists = Zone.Keys.Any(key => key.StartsWith(name + " ", StringComparison.OrdinalIgnoreCase));
            say = Zone.GetValueOrDefault($"{name} *") ?? new Say { Code = exists ? 0 : 3 };
        }
        if (say.Silent) return null;

        var truncate = transport == "udp" && say.Truncated;
        var records = truncate ? [] : say.Records;
        var header = new byte[12];
        question.AsSpan(0, 2).CopyTo(header);
        header[2] = (byte)(0x81 | (truncate ? 2 : 0));   // QR, RD, and TC where the answer did not fit
        header[3] = (byte)(0x80 | say.Code | (say.Secure && AsksForDnssec(question, end) ? 0x20 : 0));   // RA, AD
        header[5] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), (ushort)records.Length);
        var soa = records.Length == 0 && say.NegativeTtl > 0 ? Soa(name, say.NegativeTtl) : [];
        header[9] = (byte)(soa.Length > 0 ? 1 : 0);
        return Spoil([.. header, .. question.AsSpan(12, end - 12), .. records.SelectMany(r => Record(r.Owner ?? name, r, say.Ttl)), .. soa]);
    }

    private static (string Name, string Type, int End) Question(byte[] packet)
    {
        var labels = new List<string>();
        var at = 12;
        for (; packet[at] != 0; at += packet[at] + 1) labels.Add(Encoding.ASCII.GetString(packet, at + 1, packet[at]));
        var type = BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(at + 1));
        return (string.Join('.', labels), type switch { 1 => "A", 5 => "CNAME", 12 => "PTR", 15 => "MX", 16 => "TXT", 28 => "AAAA", 33 => "SRV", 52 => "TLSA", _ => "?" }, at + 5);
    }

    // The DO bit of the OPT record, which is all that may follow the question (RFC 6891 section 6.1.3).
    private static bool AsksForDnssec(byte[] question, int end) => question.Length >= end + 11 && question[end + 2] == 41 && (question[end + 7] & 0x80) != 0;

    private static byte[] Record(string owner, Rr record, int ttl)
    {
        var (type, content) = record.Type switch
        {
            "MX" => (15, (byte[])[(byte)(record.Preference >> 8), (byte)record.Preference, .. Name(record.Value)]),
            "CNAME" => (5, Name(record.Value)),
            "PTR" => (12, Name(record.Value)),
            "SRV" => (33, Srv(record.Value.Split(' '))),
            "TXT" => (16, [.. record.Value.Split('|').SelectMany(text => (byte[])[(byte)text.Length, .. Encoding.ASCII.GetBytes(text)])]),
            "TLSA" => (52, Convert.FromHexString(record.Value)),
            "A" => (1, IPAddress.Parse(record.Value).GetAddressBytes()),
            _ => (28, IPAddress.Parse(record.Value).GetAddressBytes()),
        };
        return Wire(owner, type, ttl, content);
    }

    private static byte[] Srv(string[] fields) => [.. fields[..3].Select(ushort.Parse).SelectMany(number => (byte[])[(byte)(number >> 8), (byte)number]), .. Name(fields[3])];

    private static byte[] Soa(string owner, int minimum) =>
        Wire(owner, 6, minimum + 60, [.. Name("ns.test"), .. Name("root.test"), .. new byte[16], .. BitConverter.GetBytes(IPAddress.HostToNetworkOrder(minimum))]);

    private static byte[] Wire(string owner, int type, int ttl, byte[] content) =>
        [.. Name(owner), 0, (byte)type, 0, 1, .. BitConverter.GetBytes(IPAddress.HostToNetworkOrder(ttl)), (byte)(content.Length >> 8), (byte)content.Length, .. content];

    private static byte[] Name(string name) =>
        [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
}

/// <summary>What the server says to one question.</summary>
internal sealed record Say(params Rr[] Records)
{
    public int Code { get; init; }
    public int Ttl { get; init; } = 300;
    public int NegativeTtl { get; init; }
    public bool Truncated { get; init; }
    public bool Silent { get; init; }
    /// <summary>Whether it says that DNSSEC proves it (AD), to those who ask for that.</summary>
    public bool Secure { get; init; }
}

/// <summary>One record: its type, what it says (TXT: strings with | between them, TLSA: hexadecimal, SRV: priority weight port target), and its owner where that is not the name asked for.</summary>
internal sealed record Rr(string Type, string Value, int Preference = 0, string? Owner = null);
