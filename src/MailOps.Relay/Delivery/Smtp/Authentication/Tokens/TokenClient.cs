using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using MailOps.Relay.Configuration;
using MailOps.Submission;

namespace MailOps.Relay.Delivery.Smtp.Authentication.Tokens;

/// <summary>
/// Asks a token server: one POST of a form, one JSON answer (RFC 6749 section 5). Its certificate is verified by the system's roots; a redirection is not followed, for the form
/// holds a secret.
/// </summary>
internal sealed class TokenClient(TimeProvider clock) : IDisposable
{
    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int MaxBytes = 64 * 1024, MaxText = 300;

    // RFC 6749 section 5.1 leaves it to chance where expires_in is missing; soon asked for again is better than refused.
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(5), MaxLifetime = TimeSpan.FromDays(1);

    private static readonly string[] Permanent = ["invalid_client", "invalid_grant", "invalid_request", "invalid_scope", "unauthorized_client", "unsupported_grant_type", "access_denied"];

    // The address of a token server changes: a connection is not kept for ever.
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        MaxResponseContentBufferSize = MaxBytes,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The token server's answer.</summary>
    /// <exception cref="TokenException">It gave no token.</exception>
    public async Task<TokenResponse> PostAsync(Uri url, TokenForm form, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(form.Fields) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        try
        {
            using var response = await _client.SendAsync(request, either.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
            using var json = Parse(body);
            return (response.IsSuccessStatusCode ? Read(json) : null) ?? throw Refused(url, response, json, form);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TokenException(string.Create(CultureInfo.InvariantCulture, $"the token server {url.Authority} did not answer within {Patience.TotalSeconds:0} seconds"), e);
        }
        catch (HttpRequestException e)
        {
            throw new TokenException($"the token server {url.Authority} cannot be asked: {Plain.Of(Plain.Without(Innermost(e).Message, form.Secrets), MaxText)}", e);
        }
    }

    public void Dispose() => _client.Dispose();

    private static JsonDocument? Parse(byte[] body)
    {
        try
        {
            return StrictJson.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static TokenResponse? Read(JsonDocument? json)
    {
        // RFC 6749 section 7.1: a token of a type that we do not know is of no use to us.
        if (Text(json, "access_token") is not { Length: > 0 } token || !string.Equals(Text(json, "token_type"), "Bearer", StringComparison.OrdinalIgnoreCase)) return null;
        if (!token.All(c => c is > ' ' and <= '~')) return null;   // RFC 6750 section 2.1; in SASL a control character would end it
        return new TokenResponse(token, Lifetime(json!.RootElement), Text(json, "refresh_token") is { Length: > 0 } refresh && !refresh.Any(char.IsControl) ? refresh : null);
    }

    // Some servers give the number as a text.
    private static TimeSpan Lifetime(JsonElement json)
    {
        if (!json.TryGetProperty("expires_in", out var value) || !double.TryParse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || !(seconds > 0)) return DefaultLifetime;
        return seconds < MaxLifetime.TotalSeconds ? TimeSpan.FromSeconds(seconds) : MaxLifetime;
    }

    private TokenException Refused(Uri url, HttpResponseMessage response, JsonDocument? json, TokenForm form)
    {
        var status = string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)response.StatusCode}");
        if (response.IsSuccessStatusCode) return new TokenException($"the token server {url.Authority} answered {status} without a bearer token");
        var error = Text(json, "error");
        var said = Plain.Of(Plain.Without($"{error ?? status}: {Text(json, "error_description") ?? "no description"}", form.Secrets), MaxText);
        var advice = AuthenticationAdvice.OnToken(said) is { } known ? $". {known.Text}" : "";
        return new TokenException($"the token server {url.Authority} refused: {said}{advice}")
        {
            IsPermanent = Permanent.Contains(error),
            RetryAfter = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - clock.GetUtcNow() : null,
        };
    }

    private static string? Text(JsonDocument? json, string name) =>
        json?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner) exception = inner;
        return exception;
    }
}
