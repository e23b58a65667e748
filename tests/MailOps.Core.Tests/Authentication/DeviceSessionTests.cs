using System.Globalization;
using MailOps.Authentication.Tokens;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Authentication;

/// <summary>Signing in by a browser (RFC 8628): what is asked when, what is shown, and how it ends. Time is turned by hand.</summary>
public sealed class DeviceSessionTests : IAsyncDisposable
{
    private const string Device = "D3vice-code-secret";

    private readonly TokenServer _server = new();
    private readonly TokenClient _client;
    private readonly List<DateTimeOffset> _polls = [];
    private readonly List<DeviceCode> _shown = [];
    private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public DeviceSessionTests() => _client = new TokenClient(() => _now, TimeSpan.FromSeconds(20));

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_server_is_asked_as_often_as_it_wants_until_somebody_has_signed_in()
    {
        Answers(Code(interval: "5"), Refusal("authorization_pending"), Refusal("slow_down"), Refusal("authorization_pending"), null, null);
        _server.Refresh = _ => "R3fresh";
        var session = Session();

        await session.SignInAsync(Show, _ => { }, Ended);

        Assert.Equal(["ABCD-EFGH at https://login.x.test/device"], _shown.Select(code => code.ToString()));
        Assert.Equal([5, 10, 20, 30], _polls.Select(poll => (int)(poll - new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)).TotalSeconds));
        Assert.Equal(("app", "mail"), (_server.Requests[0].Fields["client_id"], _server.Requests[0].Fields["scope"]));
        Assert.Equal(("urn:ietf:params:oauth:grant-type:device_code", Device, "app"), (_server.Requests[4].Fields["grant_type"], _server.Requests[4].Fields["device_code"], _server.Requests[4].Fields["client_id"]));
        Assert.Equal("access-token-5", (await session.RequestAsync(Ended)).AccessToken);

        await session.SignInAsync(Show, _ => { }, Ended);
        Assert.Equal("access-token-6", (await session.RequestAsync(Ended)).AccessToken);
        Assert.Equal(("refresh_token", "R3fresh"), (_server.Requests[5].Fields["grant_type"], _server.Requests[5].Fields["refresh_token"]));
        Assert.Single(_shown);   // once is enough
    }

    [Theory]
    [InlineData("expired_token", "nobody has signed in with the code ABCD-EFGH in time")]
    [InlineData("access_denied", "refused: access_denied")]
    [InlineData("invalid_client", "refused: invalid_client")]
    public async Task A_sign_in_that_fails_ends(string error, string says)
    {
        Answers(Code("5"), Refusal(error));

        var e = await Assert.ThrowsAsync<TokenException>(() => Session().SignInAsync(Show, _ => { }, Ended));

        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Device, e.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_the_code_is_good()
    {
        _server.Instead = n => n == 1 ? Code("5", expires: "60") : Refusal("authorization_pending");
        var left = new List<int>();

        var e = await Assert.ThrowsAsync<TokenException>(() => Session().SignInAsync(Show, time => left.Add((int)time.TotalSeconds), Ended));

        Assert.Contains("in time", e.Message, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 60).Reverse(), left);
        Assert.Equal(13, _server.Requests.Count);
    }

    [Fact]
    public async Task A_cancellation_ends_the_wait()
    {
        Answers(Code("5"), Refusal("authorization_pending"));
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Session().SignInAsync(Show, left => { if (left.TotalSeconds < 893) stop.Cancel(); }, stop.Token));

        Assert.Equal(2, _server.Requests.Count);
    }

    [Theory]
    [InlineData("http://login.x.test/device")]
    [InlineData("javascript:alert(1)")]
    [InlineData("not an address")]
    public async Task An_address_that_nobody_should_open_is_not_shown(string address)
    {
        Answers(Code("5", address: address));

        var e = await Assert.ThrowsAsync<TokenException>(() => Session().SignInAsync(Show, _ => { }, Ended));

        Assert.Contains("without a device code", e.Message, StringComparison.Ordinal);
        Assert.Empty(_shown);
    }

    [Theory]
    [InlineData("0", 5)]
    [InlineData("-1", 5)]
    [InlineData("1e9", 60)]
    [InlineData("2", 2)]
    public async Task An_interval_that_is_odd_is_not_believed(string interval, int seconds)
    {
        Answers(Code(interval), null);

        await Session().SignInAsync(Show, _ => { }, Ended);

        Assert.Equal(TimeSpan.FromSeconds(seconds), Assert.Single(_shown).Interval);
        Assert.Equal(seconds, (int)(_polls[0] - new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)).TotalSeconds);
    }

    [Fact]
    public async Task A_refresh_token_that_has_come_to_its_end_needs_another_sign_in()
    {
        Answers(Code("5"), null, Refusal("invalid_grant"), Code("5"), null);
        _server.Refresh = _ => "R3fresh";
        var session = Session();
        await session.SignInAsync(Show, _ => { }, Ended);
        await session.RequestAsync(Ended);

        await Assert.ThrowsAsync<TokenException>(() => session.RequestAsync(Ended));
        Assert.Contains("run the command again", (await Assert.ThrowsAsync<TokenException>(() => session.RequestAsync(Ended))).Message, StringComparison.Ordinal);
        await session.SignInAsync(Show, _ => { }, Ended);

        Assert.Equal(2, _shown.Count);
        Assert.Equal("access-token-5", (await session.RequestAsync(Ended)).AccessToken);
    }

    private static (int, string, string)? Code(string interval, string address = "https://login.x.test/device", string expires = "900") =>
        (200, "", $$"""{"device_code":"{{Device}}","user_code":"ABCD-EFGH","verification_uri":"{{address}}","expires_in":{{expires}},"interval":{{interval}}}""");

    private static (int, string, string)? Refusal(string error) => (400, "", $$"""{"error":"{{error}}","error_description":"for {{Device}}"}""");

    private void Answers(params (int, string, string)?[] answers) => _server.Instead = n => answers[n - 1];

    private void Show(DeviceCode code) => _shown.Add(code);

    private DeviceSession Session()
    {
        _server.Check = fields =>
        {
            if (fields.TryGetValue("device_code", out _)) _polls.Add(_now);
            return null;
        };
        var url = new Uri(_server.Url);
        var client = new OAuthClient { Grant = OAuthGrant.DeviceCode, TokenUrl = url, DeviceUrl = new Uri(string.Create(CultureInfo.InvariantCulture, $"{url.GetLeftPart(UriPartial.Authority)}/tenant/oauth2/v2.0/devicecode")), ClientId = "app", Scope = "mail" };
        return new DeviceSession(client, _client, () => _now, (time, stop) =>
        {
            stop.ThrowIfCancellationRequested();
            _now += time;
            return Task.CompletedTask;
        });
    }
}
