using MailOps.Policies;
using MailOps.Relay.Delivery.Trust;
using MailOps.Relay.Disk;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Delivery.Trust;

/// <summary>The policies of example.test: a zone, a web server, a clock, and what is on disk.</summary>
internal sealed class MtaStsScene : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-sts-").FullName;
    private readonly MtaStsFetcher _fetcher;
    private readonly HttpsServer _server = new(TrustedCertificate.ForPolicies);
    private readonly int _maxDomains;

    public MtaStsScene(int maxDomains = 100)
    {
        _maxDomains = maxDomains;
        _server.On = _ => Answer;
        _fetcher = new MtaStsFetcher(HttpsHandler.Create(Dns, _server.ConnectAsync));
        Record("a1");
        Publish("enforce", "mx.example.test", 86400 * 7);
        Cache = Start();
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public Zone Dns { get; } = new() { Addresses = { ["mta-sts.example.test"] = ["192.0.2.44"] } };

    public RecordingTrace Trace { get; } = new();

    public HttpsResponse Answer { get; set; } = new(503, null, []);

    public MtaStsCache Cache { get; private set; }

    public int Fetches => _server.Requests.Count;

    public string File => Path.Combine(_folder, "trust", MtaStsFile.Name);

    public void Record(string id) => Dns.Txt["_mta-sts.example.test"] = [$"v=STSv1; id={id};"];

    public void Publish(string mode, string mx, int maxAge) => Answer = HttpsResponse.Text($"version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: {maxAge}\n");

    public async Task<MtaStsAnswer> FindAsync(string domain = "example.test") => await Cache.FindAsync(domain, TestContext.Current.CancellationToken);

    public void Pass(TimeSpan time) => Clock.Advance(time);

    public async Task RestartAsync(Action? meanwhile = null)
    {
        await Cache.DisposeAsync();
        meanwhile?.Invoke();
        Cache = Start();
    }

    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync();
        _fetcher.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private MtaStsCache Start() => new(
        new MtaStsLookup(Dns, _fetcher, Clock), new TrustFile<MtaStsFile>(new LocalDisk(), Path.Combine(_folder, "trust"), MtaStsFile.Name, Trace), Trace, Clock, _maxDomains);
}
