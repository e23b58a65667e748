using System.Globalization;
using System.Net.Http.Headers;
using MailOps.Submission;
using MailOps.Web;

namespace MailOps.Authentication.Tokens;

/// <summary>
/// Asks a token server: one POST of a form, one JSON answer (RFC 6749 section 5). Its certificate is verified by the system's roots; a redirection is not followed, for the form
/// holds a secret.
/// </summary>
/// <param name="now">Time.</param>
/// <param name="patience">How long an answer may take. Default: <see cref="Patience"/>.</param>
public sealed class TokenClient(Func<DateTimeOffset> now, TimeSpan? patience = null) : IDisposable
{
    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int MaxBytes = 64 * 1024, MaxText = 300;

    // RFC 6749 section 5.1 leaves it to chance where expires_in is missing; soon asked for again is better than refused.
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(5), MaxLifetime = TimeSpan.FromDays(1);

    private static readonly string[] Permanent = ["invalid_client", "invalid_grant", "invalid_request", "invalid_scope", "unauthorized_client", "unsupported_grant_type", "access_denied"];

    private readonly TimeSpan _patience = patience ?? Patience;
    private readonly HttpClient _client = new(Handler()) { Timeout = Timeout.InfiniteTimeSpan };   // its own would end with the header

    /// <summary>The token server's answer.</summary>
    /// <exception cref="TokenException">It gave no token.</exception>
    public Task<TokenResponse> PostAsync(Uri url, TokenForm form, CancellationToken cancellationToken) => PostAsync(url, form, Read, "a bearer token", cancellationToken);

    /// <summary>The code for somebody who is to sign in (RFC 8628 section 3.2).</summary>
    /// <exception cref="TokenException">It gave none.</exception>
    public Task<DeviceCode> DeviceAsync(Uri url, TokenForm form, CancellationToken cancellationToken) => PostAsync(url, form, DeviceCode.Read, "a device code", cancellationToken);

    private async Task<T> PostAsync<T>(Uri url, TokenForm form, Func<JsonFields?, T?> read, string what, CancellationToken cancellationToken)
        where T : class
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_patience);
        using var content = new FormUrlEncodedContent(form.Fields);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
            var body = await BoundedContent.ReadAsync(response.Content, MaxBytes, deadline.Token).ConfigureAwait(false)
                ?? throw new TokenException(string.Format(CultureInfo.InvariantCulture, "the token server {0} answered more than {1} bytes", url.Authority, MaxBytes));
            var json = JsonFields.Read(body);
            return (response.IsSuccessStatusCode ? read(json) : null) ?? throw Refused(url, response, json, form, what);
        }
        catch (OperationCanceledException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TokenException(string.Format(CultureInfo.InvariantCulture, "the token server {0} did not answer within {1:0.###} seconds", url.Authority, _patience.TotalSeconds), e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TokenException($"the token server {url.Authority} cannot be asked: {PlainText.Of(PlainText.Without(BoundedContent.Causes(e).Last().Message, form.Secrets), MaxText)}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

#if NET
    // The address of a token server changes: a connection is not kept for ever.
    private static SocketsHttpHandler Handler() => new() { AllowAutoRedirect = false, UseCookies = false, MaxResponseHeadersLength = 16, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
#else
    // In powershell.exe the default may still be TLS 1.0 (RFC 8996 section 5).
    private static HttpClientHandler Handler() => new() { AllowAutoRedirect = false, UseCookies = false, MaxResponseHeadersLength = 16, SslProtocols = System.Security.Authentication.SslProtocols.Tls12 };
#endif

    private static TokenResponse? Read(JsonFields? json)
    {
        // RFC 6749 section 7.1: a token of a type that we do not know is of no use to us.
        if (json?.Text("access_token") is not { Length: > 0 } token || !string.Equals(json.Text("token_type"), "Bearer", StringComparison.OrdinalIgnoreCase)) return null;
        if (!token.All(c => c is > ' ' and <= '~')) return null;   // RFC 6750 section 2.1; in SASL a control character would end it
        return new TokenResponse(token, Lifetime(json.Value("expires_in")), json.Text("refresh_token") is { Length: > 0 } refresh && !refresh.Any(char.IsControl) ? refresh : null);
    }

    // Some servers give the number as a text.
    private static TimeSpan Lifetime(string? expiresIn)
    {
        if (!double.TryParse(expiresIn, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || !(seconds > 0)) return DefaultLifetime;
        return seconds < MaxLifetime.TotalSeconds ? TimeSpan.FromSeconds(seconds) : MaxLifetime;
    }

    private TokenException Refused(Uri url, HttpResponseMessage response, JsonFields? json, TokenForm form, string what)
    {
        var status = string.Format(CultureInfo.InvariantCulture, "HTTP {0}", (int)response.StatusCode);
        if (response.IsSuccessStatusCode) return new TokenException($"the token server {url.Authority} answered {status} without {what}");
        var error = json?.Text("error");
        var said = PlainText.Of(PlainText.Without($"{error ?? status}: {json?.Text("error_description") ?? "no description"}", form.Secrets), MaxText);
        var advice = AuthenticationAdvice.OnToken(said) is { } known ? $". {known.Text}" : "";
        return new TokenException($"the token server {url.Authority} refused: {said}{advice}")
        {
            IsPermanent = Permanent.Contains(error),
            Error = error,
            RetryAfter = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - now() : null,
        };
    }
}
