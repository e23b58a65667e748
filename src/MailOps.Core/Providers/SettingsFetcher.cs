using System.Globalization;
using System.Net;
using System.Security.Authentication;
using System.Text;
using MailOps.Messages;
using MailOps.Web;

namespace MailOps.Providers;

/// <summary>Fetches what domains publish on the web about their mail servers: without credentials and cookies, bounded in size, time and redirections.</summary>
public sealed class SettingsFetcher : IDisposable
{
    /// <summary>The most bytes taken of one answer; the largest in Thunderbird's database has six thousand.</summary>
    public const int MaxSize = 256 * 1024;

    /// <summary>The most redirections followed in one fetch.</summary>
    public const int MaxRedirects = 5;

    private readonly HttpClient _client;
    private readonly TimeSpan _timeout;

    /// <summary>A fetcher.</summary>
    /// <param name="timeout">How long a fetch may take, redirections included.</param>
    /// <param name="handler">Who connects; it must not follow redirections itself, and is disposed with this. Default: <see cref="CreateHandler"/>.</param>
    public SettingsFetcher(TimeSpan timeout, HttpMessageHandler? handler = null)
    {
        _client = new HttpClient(handler ?? CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };   // its own would end with the header
        _timeout = timeout;
    }

    /// <summary>Who connects: by the system's proxy, with certificates proven by the system's roots; nothing of the user goes along.</summary>
#if NET
    public static HttpMessageHandler CreateHandler() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxResponseHeadersLength = 16 };
#else
    // In powershell.exe the default may still be TLS 1.0 (RFC 8996 section 5).
    public static HttpMessageHandler CreateHandler() => new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false, MaxResponseHeadersLength = 16, SslProtocols = SslProtocols.Tls12 };
#endif

    /// <summary>Fetches. What goes wrong is an outcome; only cancellation throws.</summary>
    /// <param name="address">Where.</param>
    /// <param name="post">What is sent along, as XML; null for a mere question.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SettingsFetch> FetchAsync(Uri address, string? post, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(_timeout);
        var redirects = new List<string>();
        try
        {
            return await FollowAsync(address, post, redirects, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new SettingsFetch(null, redirects, "no answer in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UriFormatException)
        {
            var causes = BoundedContent.Causes(e).ToArray();
            return new SettingsFetch(null, redirects, Array.Find(causes, cause => cause is AuthenticationException) is { } unproven ? $"its certificate does not prove it: {unproven.Message}" : causes[causes.Length - 1].Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Why one does not go on from one place to another; null where one does.</summary>
    /// <remarks>Never from encrypted to plain, and never to what a stranger could want to reach through the user's machine: ports, addresses and names of the network inside.</remarks>
    internal static string? Refusal(Uri from, Uri to)
    {
        if (to.Scheme != Uri.UriSchemeHttps && !(to.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp)) return "without TLS";
        if (to.UserInfo.Length > 0) return "with a user name in it";
        if (!to.IsDefaultPort) return "on another port";
        return to.HostNameType == UriHostNameType.Dns && to.IdnHost.Contains('.') && EmailAddress.IsDomain(to.IdnHost) ? null : "that is no domain name";
    }

    private async Task<SettingsFetch> FollowAsync(Uri address, string? post, List<string> redirects, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(post is null ? HttpMethod.Get : HttpMethod.Post, address);
            if (post is not null) request.Content = new StringContent(post, Encoding.UTF8, "text/xml");
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location)
            {
                var next = new Uri(address, location.OriginalString);   // a path alone is taken for a file where paths begin so
                if (Refusal(address, next) is { } refusal) return new SettingsFetch(null, redirects, $"it leads to a place {refusal}: {SettingsText.Shown(next.AbsoluteUri)}");
                if (redirects.Count == MaxRedirects) return new SettingsFetch(null, redirects, string.Format(CultureInfo.InvariantCulture, "more than {0} redirections", MaxRedirects));
                redirects.Add(SettingsText.Shown(next.AbsoluteUri));
                address = next;
                continue;
            }
            if (response.StatusCode != HttpStatusCode.OK) return new SettingsFetch(null, redirects, Answered(response.StatusCode));
            return await BoundedContent.ReadAsync(response.Content, MaxSize, cancellationToken).ConfigureAwait(false) is { } content
                ? new SettingsFetch(content, redirects)
                : new SettingsFetch(null, redirects, "the answer has more than 256 KiB");
        }
    }

    private static string Answered(HttpStatusCode status) => status == HttpStatusCode.Unauthorized
        ? "it answered 401: it wants a password, and none is sent"
        : string.Format(CultureInfo.InvariantCulture, "it answered {0}", (int)status);
}

/// <summary>What became of a fetch.</summary>
/// <param name="Content">What came; null where nothing did.</param>
/// <param name="Redirects">The places it led to, in order.</param>
/// <param name="Fault">Why there is nothing, in words; null where there is.</param>
public sealed record SettingsFetch(byte[]? Content, IReadOnlyList<string> Redirects, string? Fault = null);
