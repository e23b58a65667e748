using System.Net;
using System.Text;
using MailOps.Relay.Server.Authentication;

namespace MailOps.Relay.Tests.Server.Authentication;

/// <summary>A client that says what it is told, one answer after the other, and remembers the challenges.</summary>
internal sealed class ScriptExchange(params Func<string, string>[] answers) : ISaslExchange
{
    private int _next;

    public ScriptExchange(params string[] answers)
        : this([.. answers.Select(answer => new Func<string, string>(_ => answer))])
    {
    }

    /// <summary>The challenges, in the order they came; the first is empty where the client spoke first.</summary>
    public List<string> Challenges { get; } = [];

    public IPAddress Client { get; init; } = IPAddress.Parse("192.0.2.1");

    public byte[]? EndPointBinding { get; init; }

    public string? CertificateUser { get; init; }

    public ValueTask<byte[]> FirstAsync(ReadOnlyMemory<byte> challenge) => AskAsync(challenge);

    public ValueTask<byte[]> AskAsync(ReadOnlyMemory<byte> challenge)
    {
        Challenges.Add(Encoding.UTF8.GetString(challenge.Span));
        return new(Encoding.UTF8.GetBytes(answers[_next++](Challenges[^1])));
    }
}
