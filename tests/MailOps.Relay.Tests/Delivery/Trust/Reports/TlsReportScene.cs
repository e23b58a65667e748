using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using MailOps.Relay.Delivery.Trust;
using MailOps.Relay.Delivery.Trust.Reports;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;
using MimeKit;

namespace MailOps.Relay.Tests.Delivery.Trust.Reports;

/// <summary>A reporter with a zone, a queue that keeps what it is given, a clock, and what is on disk.</summary>
internal sealed class TlsReportScene : IAsyncDisposable
{
    public static readonly AppliedPolicy Sts = new(TlsPolicyType.Sts, ["version: STSv1", "mode: testing", "mx: *.example.test", "max_age: 86400"], ["*.example.test"]);

    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-tlsrpt-").FullName;
    private readonly IMailTarget _queue;
    private readonly HttpsServer? _server;
    private readonly int _maxDomains;
    private TlsReportPost _post;

    public TlsReportScene(IMailTarget? queue = null, FakeTimeProvider? clock = null, HttpsServer? server = null, int maxDomains = 100)
    {
        (_queue, _server, _maxDomains) = (queue ?? Queue, server, maxDomains);
        Clock = clock ?? new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        (Reporter, _post) = Start();
    }

    public RecordingTarget Queue { get; } = new();

    public FakeTimeProvider Clock { get; }

    public RecordingTrace Trace { get; } = new();

    public Zone Dns { get; } = new()
    {
        Txt = { ["_smtp._tls.example.test"] = ["v=TLSRPTv1; rua=mailto:tls@example.test"] },
        Addresses = { ["mta-sts.example.test"] = ["192.0.2.44"] },
    };

    public TlsReporter Reporter { get; private set; }

    public string File => Path.Combine(_folder, TlsReportFile.Name);

    public void Count(TlsResultType? failure = null, string domain = "example.test", AppliedPolicy? policy = null, string? reason = null) =>
        Reporter.Count(new TlsResult(domain, policy ?? Sts, "mx1.example.test", failure, reason) { SendingAddress = IPAddress.Parse("192.0.2.1"), ReceivingAddress = IPAddress.Parse("2001:db8::25") });

    /// <summary>Lets time go on, a turn at a time, until something is so.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 3000, "It did not happen within two days of the clock.");
            Clock.Advance(TlsReporter.Turn);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lets time go on to a moment, so slowly that each turn comes to its end.</summary>
    public async Task UntilAsync(DateTimeOffset moment)
    {
        while (Clock.GetUtcNow() < moment)
        {
            Clock.Advance(TimeSpan.FromMinutes(10));
            await Task.Delay(15, TestContext.Current.CancellationToken);
        }
    }

    public async Task RestartAsync(Action? meanwhile = null)
    {
        await Reporter.DisposeAsync();
        _post.Dispose();
        meanwhile?.Invoke();
        (Reporter, _post) = Start();
    }

    public static JsonNode Unzip(byte[] report)
    {
        using var gzip = new GZipStream(new MemoryStream(report), CompressionMode.Decompress);
        return JsonNode.Parse(gzip)!;
    }

    /// <summary>The report in a message.</summary>
    public static JsonNode ReportIn(byte[] message)
    {
        var part = MimeMessage.Load(new MemoryStream(message)).BodyParts.OfType<MimePart>().Single(part => part.ContentType.MediaSubtype == "tlsrpt+gzip");
        var content = new MemoryStream();
        part.Content!.DecodeTo(content);
        return Unzip(content.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await Reporter.DisposeAsync();
        _post.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private (TlsReporter Reporter, TlsReportPost Post) Start()
    {
        var post = new TlsReportPost(HttpsHandler.Create(Dns, _server is null ? null : _server.ConnectAsync));
        var file = new TrustFile<TlsReportFile>(new LocalDisk(), _folder, TlsReportFile.Name, Trace);
        return (new TlsReporter(new TlsReportOrigin("relay.origin.test", "Origin & Söhne", "tls@origin.test"), Dns, (new TlsReportMail(_queue, Clock), post), file, Trace, Clock, _maxDomains), post);
    }
}
