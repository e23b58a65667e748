namespace MailOps.Relay.Server.Authentication.Tokens;

/// <summary>A key set behind an https URL. The certificate is verified by the system's roots; a redirection is not followed, for it may lead anywhere.</summary>
internal sealed class HttpsKeySource : IKeySource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private const int MaxBytes = 1024 * 1024;

    private readonly Uri _url;
    private readonly HttpClient _client;

    public HttpsKeySource(Uri url, HttpMessageHandler handler)
    {
        _url = url;
        _client = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = MaxBytes };
    }

    public async Task<byte[]> FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _client.GetByteArrayAsync(_url, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new IOException($"{_url} cannot be fetched: {e.Message}", e);
        }
    }

    public void Dispose() => _client.Dispose();
}
