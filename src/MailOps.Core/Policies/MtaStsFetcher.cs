using System.Globalization;
using System.Net;
using System.Security.Authentication;
using MailOps.Web;

namespace MailOps.Policies;

/// <summary>Fetches MTA-STS policies (RFC 8461 section 3.3).</summary>
/// <remarks>It takes only what answers at once with 200 and text/plain: no redirection, no cache.</remarks>
public sealed class MtaStsFetcher : IDisposable
{
    /// <summary>How long a fetch may take, as RFC 8461 section 3.3 suggests.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client;
    private readonly TimeSpan _timeout;

    /// <summary>A fetcher.</summary>
    /// <param name="handler">Who connects, and verifies the certificate by the system's roots; it must not follow redirections. It is disposed with this.</param>
    /// <param name="timeout">How long a fetch may take, all in all. Default: a minute.</param>
    public MtaStsFetcher(HttpMessageHandler handler, TimeSpan? timeout = null)
    {
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };   // its own would end with the header
        _timeout = timeout ?? DefaultTimeout;
    }

    /// <summary>Fetches the policy of a domain. What goes wrong is an outcome; only cancellation throws.</summary>
    /// <param name="domain">The domain in A-label form.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<MtaStsFetch> FetchAsync(string domain, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(_timeout);
        try
        {
            using var response = await _client.GetAsync(MtaStsPolicy.UriFor(domain), HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK) return Unreachable(string.Format(CultureInfo.InvariantCulture, "the server answered {0}", (int)response.StatusCode));
            // RFC 8461 section 3.2: where users can put files of other types on the server, one of those must not be taken for the policy.
            if (!string.Equals(response.Content.Headers.ContentType?.MediaType, "text/plain", StringComparison.OrdinalIgnoreCase))
                return Unreachable($"what the server sent is {response.Content.Headers.ContentType?.MediaType ?? "of no type"}, not text/plain");
            if (await BoundedContent.ReadAsync(response.Content, MtaStsPolicy.MaxSize, either.Token).ConfigureAwait(false) is not { } content) return Unreachable("the policy has more than 64 KiB");
            var reading = MtaStsPolicy.Parse(content);
            return reading.Value is { } policy ? new MtaStsFetch(policy, MtaStsFetchStatus.Fetched) : new MtaStsFetch(null, MtaStsFetchStatus.PolicyInvalid, reading.Fault!.ToString());
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Unreachable("the server did not answer in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UriFormatException)
        {
            return BoundedContent.Causes(e).OfType<AuthenticationException>().FirstOrDefault() is { } unproven
                ? new MtaStsFetch(null, MtaStsFetchStatus.CertificateInvalid, unproven.Message)
                : Unreachable(BoundedContent.Causes(e).Last().Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static MtaStsFetch Unreachable(string detail) => new(null, MtaStsFetchStatus.Unreachable, detail);
}

/// <summary>What became of a fetch.</summary>
/// <param name="Policy">The policy; null unless <see cref="MtaStsFetchStatus.Fetched"/>.</param>
/// <param name="Status">Whether there is one, and if not, why.</param>
/// <param name="Detail">Why not, in words.</param>
public sealed record MtaStsFetch(MtaStsPolicy? Policy, MtaStsFetchStatus Status, string? Detail = null);

/// <summary>What a fetch can come to.</summary>
public enum MtaStsFetchStatus
{
    /// <summary>A policy.</summary>
    Fetched,
    /// <summary>No answer, or another than the policy.</summary>
    Unreachable,
    /// <summary>The server's certificate is not valid for its name.</summary>
    CertificateInvalid,
    /// <summary>What the server sent is no policy.</summary>
    PolicyInvalid,
}
