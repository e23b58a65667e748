using System.Net;
using System.Net.Sockets;
using System.Text;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Clients;

/// <summary>A client that says exactly what a test wants said.</summary>
internal sealed class WireClient : IAsyncDisposable
{
    private readonly TcpClient _connection;
    private readonly Wire _wire;

    private WireClient(TcpClient connection) => (_connection, _wire) = (connection, new Wire(connection.GetStream()));

    /// <summary>Connects and reads the greeting.</summary>
    public static async Task<WireClient> ConnectAsync(int port)
    {
        var connection = new TcpClient { NoDelay = true };
        await connection.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        var client = new WireClient(connection);
        Assert.StartsWith("220 ", await client.ReplyAsync(), StringComparison.Ordinal);
        return client;
    }

    /// <summary>Connects and says EHLO.</summary>
    public static async Task<WireClient> GreetAsync(int port)
    {
        var client = await ConnectAsync(port);
        Assert.StartsWith("250", await client.AskAsync("EHLO client.example.test"), StringComparison.Ordinal);
        return client;
    }

    /// <summary>Sends one command line and gives the reply.</summary>
    public async Task<string> AskAsync(string command)
    {
        await SendAsync(Encoding.Latin1.GetBytes(command + "\r\n"));
        return await ReplyAsync();
    }

    /// <summary>Sends bytes in one write.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> bytes) => _wire.SendAsync(bytes, TestContext.Current.CancellationToken);

    /// <summary>The next reply, its lines joined with LF.</summary>
    public async Task<string> ReplyAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Until.Limit);
        var reply = new StringBuilder();
        while (true)
        {
            var line = await _wire.LineAsync(limit.Token);
            reply.Append(line);
            if (line.Length < 4 || line[3] != '-') return reply.ToString();
            reply.Append('\n');
        }
    }

    /// <summary>Sends MAIL, RCPT and BDAT LAST with the content in one write (RFC 2920 section 3.1, RFC 3030 section 2) and gives the last reply.</summary>
    public async Task<string> SubmitAsync(string from, string to, byte[] content, string parameters = "")
    {
        byte[] group = [.. Encoding.Latin1.GetBytes($"MAIL FROM:<{from}>{parameters}\r\nRCPT TO:<{to}>\r\nBDAT {content.Length} LAST\r\n"), .. content];
        await SendAsync(group);
        return await LastOfThreeAsync();
    }

    /// <summary>Sends MAIL, RCPT and DATA in one write, then the content dot-stuffed, and gives the last reply.</summary>
    public async Task<string> SubmitDataAsync(string from, string to, byte[] content, string parameters = "")
    {
        await SendAsync(Encoding.Latin1.GetBytes($"MAIL FROM:<{from}>{parameters}\r\nRCPT TO:<{to}>\r\nDATA\r\n"));
        Assert.StartsWith("354", await LastOfThreeAsync(), StringComparison.Ordinal);
        var text = Encoding.Latin1.GetString(content);
        var stuffed = (text.StartsWith('.') ? "." : "") + text.Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        await SendAsync(Encoding.Latin1.GetBytes(stuffed + ".\r\n"));
        return await ReplyAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> LastOfThreeAsync()
    {
        Assert.StartsWith("250", await ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250", await ReplyAsync(), StringComparison.Ordinal);
        return await ReplyAsync();
    }
}
