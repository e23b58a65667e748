using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MailOps.Tests.Shared;

/// <summary>How the bytes of a reply reach the client.</summary>
public enum Pace
{
    Whole,
    ByLine,
    ByByte,
}

/// <summary>An SMTP server on loopback that follows a table: the longest start of a command that is listed decides the reply.</summary>
/// <remarks>
/// It knows no product code, and is as plain as can be: reads a line, writes the reply. The content arrives under <c>.</c> and is kept as it came, dots
/// unstuffed. Special replies: <see cref="Silence"/> says nothing, <see cref="HangUp"/> closes the connection.
/// </remarks>
internal sealed class LoopbackSmtpServer : IDisposable
{
    public const string Silence = "(silence)";
    public const string HangUp = "(hang up)";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, string> _replies = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = "500 5.5.2 what",
        ["(greeting)"] = "220 mx.test ready",
        ["HELO"] = "250 mx.test",
        ["MAIL FROM:"] = "250 2.1.0 sender ok",
        ["RCPT TO:"] = "250 2.1.5 recipient ok",
        ["RSET"] = "250 2.0.0 ok",
        ["DATA"] = "354 go on",
        ["."] = "250 2.0.0 queued as 4711",
        ["QUIT"] = "221 2.0.0 bye",
        ["STARTTLS"] = "220 2.0.0 go on",
        ["AUTH PLAIN"] = "235 2.7.0 welcome",
    };

    public LoopbackSmtpServer(params (string Command, string Reply)[] replies)
    {
        foreach (var (command, reply) in replies) _replies[command] = reply;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The EHLO keywords; STARTTLS is added while there is a certificate and no TLS yet.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SIZE 1000000"];
    /// <summary>The EHLO keywords under TLS, where they are others.</summary>
    public IReadOnlyList<string>? TlsKeywords { get; init; }
    public X509Certificate2? Certificate { get; init; }
    public bool ImplicitTls { get; init; }
    public Pace Pace { get; init; }
    /// <summary>After so many messages the connection gets 421 for the next MAIL.</summary>
    public int MaxMessages { get; init; } = int.MaxValue;

    /// <summary>Connections at a time; those beyond are greeted by 421.</summary>
    public int MaxConnections { get; init; } = int.MaxValue;
    /// <summary>Each connection ends without a word when the content of that message, counted from 1, has come; 0 for never.</summary>
    public int HangUpAfterContent { get; init; }
    /// <summary>Each connection ends without a word at DATA of that message, counted from 1; 0 for never.</summary>
    public int HangUpAtData { get; init; }

    /// <summary>Says 354 to DATA though it took no recipient (RFC 2920 section 3.1).</summary>
    public bool TakesDataForNobody { get; init; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
    /// <summary>The command lines, of all connections in the order they came.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();
    /// <summary>The contents that came, complete or not.</summary>
    public ConcurrentQueue<byte[]> Messages { get; } = new();
    /// <summary>Connections accepted so far.</summary>
    public int Connections;
    /// <summary>Connections that the client or the server has closed.</summary>
    public int Closed;

    public string Text(int message) => Encoding.UTF8.GetString(Messages.ElementAt(message));

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref Connections);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // the end of the test
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                client.NoDelay = true;
                await ConverseAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or SocketException or System.Security.Authentication.AuthenticationException or NotSupportedException)
        {
            // the client went away, did not like the certificate, or the test is over
        }
        finally
        {
            Interlocked.Increment(ref Closed);
        }
    }

    private async Task ConverseAsync(TcpClient client)
    {
        Stream stream = client.GetStream();
        if (ImplicitTls) stream = await SecureAsync(stream);
        var busy = Connections - Closed > MaxConnections;
        if (!await ReplyAsync(stream, busy ? "421 4.7.0 too many connections" : _replies["(greeting)"]) || busy) return;
        var (messages, recipients) = (0, 0);
        while (await ReadLineAsync(stream) is { } line)
        {
            Commands.Enqueue(line);
            var reply = Find(line, stream is SslStream);
            if (line.StartsWith("MAIL", StringComparison.OrdinalIgnoreCase) && messages >= MaxMessages) reply = "421 4.7.0 enough";
            if (line == "DATA" && messages + 1 == HangUpAtData) return;
            if (line == "DATA" && recipients == 0 && !TakesDataForNobody) reply = "503 5.5.1 nobody";
            if (line.StartsWith("RCPT", StringComparison.OrdinalIgnoreCase) && reply.StartsWith('2')) recipients++;
            if (line.StartsWith("MAIL", StringComparison.OrdinalIgnoreCase)) recipients = 0;
            if (!await ReplyAsync(stream, reply) || reply.StartsWith("221", StringComparison.Ordinal) || reply.StartsWith("421", StringComparison.Ordinal)) return;
            if (line.Equals("STARTTLS", StringComparison.OrdinalIgnoreCase) && reply.StartsWith("220", StringComparison.Ordinal)) stream = await SecureAsync(stream);
            if (reply.StartsWith("354", StringComparison.Ordinal))
            {
                messages++;
                Messages.Enqueue(await ReadContentAsync(stream));
                if (messages == HangUpAfterContent || !await ReplyAsync(stream, _replies["."])) return;
            }
        }
    }

    private async Task<SslStream> SecureAsync(Stream stream)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, _stop.Token);
        return tls;
    }

    private string Find(string line, bool secure)
    {
        if (line.StartsWith("EHLO", StringComparison.OrdinalIgnoreCase) && !_replies.ContainsKey("EHLO"))
        {
            var keywords = secure ? TlsKeywords ?? Keywords : Certificate is not null ? Keywords.Append("STARTTLS") : Keywords;
            var lines = keywords.Prepend("mx.test").ToArray();
            return string.Join("\r\n", lines.Select((text, i) => (i == lines.Length - 1 ? "250 " : "250-") + text));
        }
        return _replies[_replies.Keys.Where(key => line.StartsWith(key, StringComparison.OrdinalIgnoreCase)).MaxBy(key => key.Length)!];
    }

    private async Task<bool> ReplyAsync(Stream stream, string reply)
    {
        if (reply == HangUp) return false;
        if (reply == Silence) await Task.Delay(Timeout.Infinite, _stop.Token);
        foreach (var piece in Pieces(reply + "\r\n"))
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(piece), _stop.Token);
            await stream.FlushAsync(_stop.Token);
        }
        return true;
    }

    private IEnumerable<string> Pieces(string reply) => Pace switch
    {
        Pace.Whole => [reply],
        Pace.ByLine => reply.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line + "\r\n"),
        _ => reply.Select(c => c.ToString()),
    };

    private async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) == 1)
        {
            line.Add(one[0]);
            if (line.Count > 1 && line[^2] == '\r' && line[^1] == '\n') return Encoding.UTF8.GetString([.. line[..^2]]);
        }
        return null;
    }

    private async Task<byte[]> ReadContentAsync(Stream stream)
    {
        // The end is CRLF . CRLF; what comes before its dot is content, and a dot that starts a line there is doubled (RFC 5321 section 4.5.2).
        var content = new List<byte>(4096);
        var buffer = new byte[16 * 1024];
        while (!EndsWithDot(content))
        {
            var read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0) break;
            content.AddRange(buffer.AsSpan(0, read));
        }
        var end = EndsWithDot(content) ? content.Count - 3 : content.Count;
        var plain = new List<byte>(end);
        for (var i = 0; i < end; i++)
        {
            if (content[i] == '.' && (i == 0 || (i > 1 && content[i - 1] == '\n' && content[i - 2] == '\r'))) continue;
            plain.Add(content[i]);
        }
        return [.. plain];
    }

    private static bool EndsWithDot(List<byte> content)
    {
        var n = content.Count;
        return (n >= 5 && content[n - 5] == '\r' && content[n - 4] == '\n' && content[n - 3] == '.' && content[n - 2] == '\r' && content[n - 1] == '\n')
            || (n == 3 && content[0] == '.');
    }
}
