using MailOps.Dns;
using MailOps.Policies;
using MailOps.Relay.Delivery.Trust.Reports;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>What a relay remembers of TLS towards others, put together: the policies of domains and the reports to them, in the folder <c>trust</c> of its queue's folder.</summary>
internal sealed class OutboundTls : IAsyncDisposable
{
    private readonly MtaStsFetcher _fetcher;
    private readonly MtaStsCache _policies;
    private readonly TlsReportPost? _post;
    private readonly TlsReporter? _reporter;

    /// <param name="options">Whether and as whom to report, and where the queue's folder is.</param>
    /// <param name="hostName">The relay's name.</param>
    /// <param name="dns">Who knows records and addresses.</param>
    /// <param name="queue">Where reports go that are mail.</param>
    /// <param name="trace">Where faults are told.</param>
    /// <param name="clock">Time.</param>
    public OutboundTls(SmtpRelayOptions options, string hostName, IDnsResolver dns, IMailTarget queue, IMailTrace trace, TimeProvider clock)
    {
        var (disk, folder) = (new LocalDisk(), Path.Combine(options.QueuePath, "trust"));
        _fetcher = new MtaStsFetcher(HttpsHandler.Create(dns));
        _policies = new MtaStsCache(new MtaStsLookup(dns, _fetcher, clock), new TrustFile<MtaStsFile>(disk, folder, MtaStsFile.Name, trace), trace, clock);
        var reports = options.Delivery.TlsReports;
        if (reports.Enabled)
        {
            var contact = reports.Contact ?? "postmaster@" + hostName;
            var origin = new TlsReportOrigin(hostName, reports.Organization ?? contact[(contact.LastIndexOf('@') + 1)..], contact);
            _post = new TlsReportPost(HttpsHandler.Create(dns));
            _reporter = new TlsReporter(origin, dns, (new TlsReportMail(queue, clock), _post), new TrustFile<TlsReportFile>(disk, folder, TlsReportFile.Name, trace), trace, clock);
        }
        Services = new TlsServices(_policies, _reporter ?? TlsServices.None.Results);
    }

    /// <summary>For the delivery.</summary>
    public TlsServices Services { get; }

    public async ValueTask DisposeAsync()
    {
        if (_reporter is not null) await _reporter.DisposeAsync().ConfigureAwait(false);
        await _policies.DisposeAsync().ConfigureAwait(false);
        _post?.Dispose();
        _fetcher.Dispose();
    }
}
