using MailOps.Peers.Tests.Clients;

namespace MailOps.Peers.Tests.Load;

/// <summary>Many sessions at once, each greeted and past its EHLO.</summary>
internal sealed class Sessions : IAsyncDisposable
{
    private readonly List<WireClient> _sessions = [];

    /// <summary>The sessions.</summary>
    public IReadOnlyList<WireClient> All => _sessions;

    /// <summary>Opens so many, one after the other.</summary>
    public static async Task<Sessions> OpenAsync(int port, int count)
    {
        var sessions = new Sessions();
        try
        {
            while (sessions._sessions.Count < count) sessions._sessions.Add(await WireClient.GreetAsync(port));
            return sessions;
        }
        catch
        {
            await sessions.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks each whether it is still there.</summary>
    public async Task AnswerAsync()
    {
        foreach (var session in _sessions) Assert.StartsWith("250", await session.AskAsync("NOOP"), StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions) await session.DisposeAsync();
    }
}
