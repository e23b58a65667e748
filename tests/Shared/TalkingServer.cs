using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Tests.Shared;

/// <summary>A server on loopback that says something first, and then to each line what a test says: <c>%</c> in it stands for the first word of the line, <c>(TLS)</c> at its end for a handshake.</summary>
internal sealed class TalkingServer : IDisposable
{
    private readonly RawServer _server;

    /// <param name="greeting">Said first.</param>
    /// <param name="answer">What is said to a line; null for nothing.</param>
    /// <param name="certificate">For the handshake.</param>
    public TalkingServer(string greeting, Func<string, string?> answer, X509Certificate2? certificate = null) => _server = new RawServer(async (stream, stop) =>
    {
        await RawServer.SayAsync(stream, greeting, stop);
        while (await RawServer.LineAsync(stream, stop) is { } line)
        {
            Lines.Enqueue(line);
            if (answer(line)?.Replace("%", line.Split(' ')[0], StringComparison.Ordinal) is not { } said) continue;
            var handshake = said.EndsWith("(TLS)", StringComparison.Ordinal);
            await RawServer.SayAsync(stream, handshake ? said[..^5] : said, stop);
            if (!handshake) continue;
            var tls = new SslStream(stream);
            stream = tls;
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stop);
        }
    });

    /// <summary>What the client has said, in plain text or under TLS.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    public int Port => _server.Port;

    public void Dispose() => _server.Dispose();
}
