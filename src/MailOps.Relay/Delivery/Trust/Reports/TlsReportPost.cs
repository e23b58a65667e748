using System.Globalization;
using System.Net.Http.Headers;

namespace MailOps.Relay.Delivery.Trust.Reports;

/// <summary>Sends a report to a web server (RFC 8460 section 5.4), whose certificate must be valid.</summary>
internal sealed class TlsReportPost(HttpMessageHandler handler) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly HttpClient _client = new(handler) { Timeout = Patience };

    /// <summary>The URI where it is one that a report can be sent to: <c>https</c>, a name, and the usual port, for strangers choose it; null otherwise.</summary>
    public static Uri? TargetOf(string uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out var target) && target is { Scheme: "https", IsDefaultPort: true, HostNameType: UriHostNameType.Dns, UserInfo: "" } ? target : null;

    /// <summary>Sends it; why it was not taken, or null where it was.</summary>
    public async ValueTask<string?> SendAsync(TlsReport report, Uri target, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(report.Compress());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/tlsrpt+gzip");
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = content };
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? null : string.Create(CultureInfo.InvariantCulture, $"the server answered {(int)response.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return e is OperationCanceledException ? "the server did not answer in time" : (e.InnerException ?? e).Message;
        }
    }

    public void Dispose() => _client.Dispose();
}
