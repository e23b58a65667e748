using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MailOps.Peers.Tests.Servers;

/// <summary>What a next hop got: the envelope's lines and every byte of the content as it came over the wire, dots unstuffed.</summary>
internal sealed record Captured(string Mail, IReadOnlyList<string> Recipients, byte[] Content)
{
    /// <summary>The bytes that came, also those that were not kept.</summary>
    public int Length { get; init; } = Content.Length;

    /// <summary>The first of the content as characters, a byte each: header fields.</summary>
    public string Head => Encoding.Latin1.GetString(Content, 0, Math.Min(Content.Length, 1500));
}

/// <summary>A next hop that keeps each byte it gets; smtp-sink, which is the peer otherwise, changes line ends.</summary>
/// <param name="port">Where it listens; 0 for any port.</param>
/// <param name="extensions">What it offers in EHLO.</param>
internal sealed class CapturingServer(int port, string[] extensions) : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _sessions = [];
    private Task _accepting = Task.CompletedTask;

    /// <summary>How much of each content is kept: all of it by default; who counts many large ones needs no more than their heads.</summary>
    public int Kept { get; init; } = int.MaxValue;

    /// <summary>What came, in the order of its 250.</summary>
    public ConcurrentQueue<Captured> Messages { get; } = [];

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Starts it.</summary>
    public static CapturingServer Start(params string[] extensions) => StartOn(0, extensions);

    /// <summary>Starts it on a port, or 0, so that it can be down at first.</summary>
    public static CapturingServer StartOn(int port, string[] extensions, int kept = int.MaxValue)
    {
        var server = new CapturingServer(port, extensions) { Kept = kept };
        server._listener.Start(1000);
        server._accepting = server.AcceptAsync();
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_sessions);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The test is over, or the client was killed before it was let in: then the next one is waited for.
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            client.NoDelay = true;   // Replies go out one by one, and none must wait for the other's acknowledgement.
            try
            {
                await ConverseAsync(new Wire(client.GetStream()), _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
            {
                // The peer went away, as a killed relay does; what it had not finished does not count.
            }
        }
    }

    private async Task ConverseAsync(Wire wire, CancellationToken stop)
    {
        string mail = "";
        List<string> recipients = [];
        using var chunks = new MemoryStream();
        await wire.SendAsync("220 next.example.test ESMTP\r\n", stop);
        while (true)
        {
            var line = await wire.LineAsync(stop);
            var verb = line.Split(' ', ':')[0].ToUpperInvariant();
            if (verb == "MAIL") (mail, recipients) = (line, []);
            if (verb == "RCPT") recipients.Add(line);
            if (verb == "DATA")
            {
                await wire.SendAsync("354 Go on\r\n", stop);
                Messages.Enqueue(Cut(mail, recipients, await DataAsync(wire, stop)));
            }
            else if (verb == "BDAT")
            {
                var words = line.Split(' ');
                chunks.Write(await wire.BytesAsync(int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture), stop));
                if (words.Length > 2)
                {
                    Messages.Enqueue(Cut(mail, recipients, chunks.ToArray()));
                    chunks.SetLength(0);
                }
            }

            await wire.SendAsync(verb switch
            {
                "EHLO" => string.Concat(((string[])["next.example.test", .. extensions]).SkipLast(1).Select(name => $"250-{name}\r\n"))
                    + $"250 {extensions.LastOrDefault() ?? "next.example.test"}\r\n",
                "QUIT" => "221 2.0.0 Bye\r\n",
                _ => "250 2.0.0 Ok\r\n",
            }, stop);
            if (verb == "QUIT") return;
        }
    }

    private Captured Cut(string mail, IReadOnlyList<string> recipients, byte[] content) =>
        new(mail, recipients, content.Length <= Kept ? content : content[..Kept]) { Length = content.Length };

    // RFC 5321 section 4.5.2: a line that begins with a dot lost its first one on the way here; a dot alone ends the content.
    private static async Task<byte[]> DataAsync(Wire wire, CancellationToken stop)
    {
        using var content = new MemoryStream();
        while (true)
        {
            var line = await wire.RawLineAsync(stop);
            if (line is [(byte)'.', (byte)'\r', (byte)'\n']) return content.ToArray();
            content.Write(line is [(byte)'.', ..] ? line.AsSpan(1) : line);
        }
    }
}
