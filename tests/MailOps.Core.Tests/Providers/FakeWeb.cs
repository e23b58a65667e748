using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace MailOps.Core.Tests.Providers;

/// <summary>The web as a table: an address without its query, and what is answered there; all else is not found.</summary>
internal sealed class FakeWeb : HttpMessageHandler
{
    private readonly Dictionary<string, Page> _pages = [];

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What was sent along, as XML.</summary>
    public ConcurrentQueue<string> Sent { get; } = new();

    public ConcurrentQueue<string> Headers { get; } = new();

    public Page this[string address]
    {
        set => _pages[address] = value;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!.AbsoluteUri;
        Asked.Enqueue(address);
        foreach (var header in request.Headers) Headers.Enqueue(header.Key);
        if (request.Content is { } content) Sent.Enqueue(await content.ReadAsStringAsync(cancellationToken));
        return _pages.TryGetValue(address.Split('?')[0], out var page) ? page.Response() : new HttpResponseMessage(HttpStatusCode.NotFound);
    }
}

/// <summary>A status with the content, or for a redirection the place it leads to.</summary>
internal sealed record Page(int Status, Func<Stream>? Content, string Location)
{
    public Page(int status, string text)
        : this(status, () => new MemoryStream(Encoding.UTF8.GetBytes(text)), text)
    {
    }

    public Page(int status, Func<Stream> content)
        : this(status, content, "")
    {
    }

    public HttpResponseMessage Response()
    {
        var response = new HttpResponseMessage((HttpStatusCode)Status) { Content = new StreamContent(Content!()) };
        if (Status is >= 300 and < 400) response.Headers.Location = new Uri(Location, UriKind.RelativeOrAbsolute);
        return response;
    }
}
