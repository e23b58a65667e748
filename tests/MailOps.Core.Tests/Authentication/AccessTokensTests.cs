using MailOps.Authentication.Tokens;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Core.Tests.Authentication;

/// <summary>When a token server is asked, and when it is not.</summary>
public sealed class AccessTokensTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly List<DateTimeOffset> _asked = [];
    private Func<Task<TokenResponse>> _answer;

    public AccessTokensTests() => _answer = () => Task.FromResult(new TokenResponse($"token{_asked.Count}", TimeSpan.FromHours(1), null));

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifty_connections_share_one_request()
    {
        var answer = new TaskCompletionSource<TokenResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer = () => answer.Task;
        var tokens = Tokens();
        var waiting = Enumerable.Range(0, 50).Select(_ => Task.Run(() => tokens.GetAsync(Ended))).ToArray();
        await MailOps.Tests.Shared.Poll.UntilAsync(() => Asked.Count > 0);
        answer.SetResult(new TokenResponse("one", TimeSpan.FromHours(1), null));
        Assert.All(await Task.WhenAll(waiting), token => Assert.Equal("one", token));
        Assert.Equal("one", await tokens.GetAsync(Ended));
        Assert.Single(Asked);
    }

    [Fact]
    public async Task Who_goes_away_does_not_end_the_request_of_the_others()
    {
        var answer = new TaskCompletionSource<TokenResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer = () => answer.Task;
        var tokens = Tokens();
        using var leaving = new CancellationTokenSource();
        var (first, second) = (tokens.GetAsync(leaving.Token), tokens.GetAsync(Ended));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answer.SetResult(new TokenResponse("one", TimeSpan.FromHours(1), null));
        Assert.Equal("one", await second);
        Assert.Single(Asked);
    }

    [Theory]
    [InlineData(3600, 3299, 3300)]   // five minutes before
    [InlineData(600, 539, 540)]      // a tenth before
    public async Task It_is_renewed_before_it_expires(int lifetime, int still, int then)
    {
        _answer = () => Task.FromResult(new TokenResponse($"token{_asked.Count}", TimeSpan.FromSeconds(lifetime), null));
        var tokens = Tokens();
        Assert.Equal("token1", await tokens.GetAsync(Ended));
        _clock.Advance(TimeSpan.FromSeconds(still));
        Assert.Equal("token1", await tokens.GetAsync(Ended));
        _clock.Advance(TimeSpan.FromSeconds(then - still));
        Assert.Equal("token2", await tokens.GetAsync(Ended));
    }

    [Fact]
    public async Task One_that_is_still_good_serves_on_where_its_renewal_fails()
    {
        var tokens = Tokens();
        await tokens.GetAsync(Ended);
        _answer = () => throw new TokenException("down");
        _clock.Advance(TimeSpan.FromMinutes(56));
        Assert.Equal("token1", await tokens.GetAsync(Ended));
        Assert.Equal("token1", await tokens.GetAsync(Ended));   // in the pause after the failure
        Assert.Equal(2, Asked.Count);
        _clock.Advance(TimeSpan.FromMinutes(5));
        await Assert.ThrowsAsync<TokenException>(() => tokens.GetAsync(Ended));
    }

    [Fact]
    public async Task After_a_failure_it_is_asked_again_after_a_pause_that_doubles_up_to_five_minutes()
    {
        _answer = () => throw new TokenException("down");
        var tokens = Tokens();
        for (var i = 0; i < 1200; i++)
        {
            var e = await Assert.ThrowsAsync<TokenException>(() => tokens.GetAsync(Ended));
            Assert.Equal("down", e.Message);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], Asked.Zip(Asked.Skip(1), (a, b) => (int)(b - a).TotalSeconds));
        _answer = () => Task.FromResult(new TokenResponse("good", TimeSpan.FromHours(1), null));
        _clock.Advance(AccessTokens.LongPause);
        Assert.Equal("good", await tokens.GetAsync(Ended));
    }

    [Fact]
    public async Task What_only_an_administrator_can_mend_is_asked_every_five_minutes()
    {
        _answer = () => throw new TokenException("invalid_client") { IsPermanent = true };
        var tokens = Tokens();
        for (var i = 0; i < 601; i++)
        {
            await Assert.ThrowsAsync<TokenException>(() => tokens.GetAsync(Ended));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal([300, 300], Asked.Zip(Asked.Skip(1), (a, b) => (int)(b - a).TotalSeconds));
    }

    [Theory]
    [InlineData(60, 60)]
    [InlineData(100_000, 3600)]
    public async Task A_server_that_asks_for_a_pause_gets_it_up_to_an_hour(int asked, int kept)
    {
        _answer = () => throw new TokenException("busy") { RetryAfter = TimeSpan.FromSeconds(asked) };
        var tokens = Tokens();
        await Assert.ThrowsAsync<TokenException>(() => tokens.GetAsync(Ended));
        _clock.Advance(TimeSpan.FromSeconds(kept - 1));
        await Assert.ThrowsAsync<TokenException>(() => tokens.GetAsync(Ended));
        Assert.Single(Asked);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TokenException>(() => tokens.GetAsync(Ended));
        Assert.Equal(2, Asked.Count);
    }

    [Fact]
    public async Task A_refused_token_is_replaced_once_and_not_in_a_loop()
    {
        var tokens = Tokens();
        Assert.Equal("token1", await tokens.GetAsync(Ended));
        Assert.True(tokens.TryDrop("token1"));
        Assert.True(tokens.TryDrop("token1"));    // another connection had it too, and gets the new one
        Assert.Equal("token2", await tokens.GetAsync(Ended));
        Assert.True(tokens.TryDrop("token1"));
        Assert.False(tokens.TryDrop("token2"));   // it is not the token
        Assert.Equal("token2", await tokens.GetAsync(Ended));
        _clock.Advance(AccessTokens.LongPause);   // an administrator may have granted what was lacking, and that stands in the token
        Assert.True(tokens.TryDrop("token2"));
        Assert.Equal("token3", await tokens.GetAsync(Ended));
    }

    private List<DateTimeOffset> Asked
    {
        get
        {
            lock (_asked) return [.. _asked];
        }
    }

    private AccessTokens Tokens() => new(_ =>
    {
        lock (_asked) _asked.Add(_clock.GetUtcNow());
        return _answer();
    }, _clock.GetUtcNow, Ended);
}
