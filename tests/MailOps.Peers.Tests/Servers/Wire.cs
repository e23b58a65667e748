using System.Text;

namespace MailOps.Peers.Tests.Servers;

/// <summary>Lines and bytes over a stream, as they are.</summary>
internal sealed class Wire(Stream stream)
{
    private readonly byte[] _buffer = new byte[65536];
    private int _next;
    private int _end;

    /// <summary>Sends text, a byte a character.</summary>
    public Task SendAsync(string text, CancellationToken stop) => SendAsync(Encoding.Latin1.GetBytes(text), stop);

    /// <summary>Sends bytes in one write.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        await stream.WriteAsync(bytes, stop);
        await stream.FlushAsync(stop);
    }

    /// <summary>The next line without its CRLF.</summary>
    public async Task<string> LineAsync(CancellationToken stop) => Encoding.Latin1.GetString(await RawLineAsync(stop)).TrimEnd('\r', '\n');

    /// <summary>The next line up to CRLF and with it; a bare LF ends none.</summary>
    public async Task<byte[]> RawLineAsync(CancellationToken stop)
    {
        using var line = new MemoryStream();
        byte last = 0;
        while (true)
        {
            if (_next == _end) await FillAsync(stop);
            while (_next < _end)
            {
                var current = _buffer[_next++];
                line.WriteByte(current);
                if (last == '\r' && current == '\n') return line.ToArray();
                last = current;
            }
        }
    }

    /// <summary>The next bytes.</summary>
    public async Task<byte[]> BytesAsync(int count, CancellationToken stop)
    {
        var bytes = new byte[count];
        for (var have = 0; have < count;)
        {
            if (_next == _end) await FillAsync(stop);
            var take = Math.Min(count - have, _end - _next);
            Array.Copy(_buffer, _next, bytes, have, take);
            (have, _next) = (have + take, _next + take);
        }

        return bytes;
    }

    private async Task FillAsync(CancellationToken stop)
    {
        (_next, _end) = (0, await stream.ReadAsync(_buffer, stop));
        if (_end == 0) throw new EndOfStreamException("The peer closed the connection.");
    }
}
