using System.Diagnostics;
using System.Net;
using MailOps.Authenticity.Dkim;
using MailOps.Authenticity.Dmarc;
using MailOps.Authenticity.Spf;
using MailOps.Dns;
using MailOps.Messages;
using MailOps.Policies;
using MailOps.Policies.Dane;

namespace MailOps.Domains;

/// <summary>Looks domains over: who takes their mail, who may send it, how it is protected, and what others say of their servers.</summary>
public sealed class MailDomainTester
{
    private readonly MailDomainTestOptions _options;
    private readonly string[] _blockListZones;
    private readonly MxCheck _mx;
    private readonly DkimCheck _dkim;
    private readonly SpfSurveyor _spf;
    private readonly DmarcSurveyor _dmarc;
    private readonly MtaStsSurveyor _mtaSts;
    private readonly TlsRptSurveyor _tlsRpt;
    private readonly DaneCheck _dane;
    private readonly ReverseCheck _reverse;
    private readonly BlockListCheck _blockLists;

    /// <summary>A tester for any number of domains, side by side too.</summary>
    /// <param name="dns">Who is asked; what it says of DNSSEC is believed.</param>
    /// <param name="fetcher">Who fetches MTA-STS policies; its owner disposes it.</param>
    /// <param name="options">How far to look.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidDomain"/>: a block list or a selector has a name that the DNS cannot have.</exception>
    public MailDomainTester(IDnsInspector dns, MtaStsFetcher fetcher, MailDomainTestOptions options)
    {
        _options = options;
        foreach (var selector in options.DkimSelectors) DkimKeyPublication.NameOf("example.com", selector);
        _blockListZones = options.SkipDnsbl ? [] : [.. (options.Dnsbls.Count > 0 ? options.Dnsbls : BlockLists.Usual).Select(DomainRecords.NameOf)];
        _mx = new MxCheck(dns);
        _dkim = new DkimCheck(dns, options.DkimSelectors);
        _spf = new SpfSurveyor(dns);
        _dmarc = new DmarcSurveyor(dns);
        _mtaSts = new MtaStsSurveyor(dns, options.SkipConnection ? null : fetcher);
        _tlsRpt = new TlsRptSurveyor(dns);
        // Half of the time, so that a server that does not answer is what is told, and not that the time is over.
        _dane = new DaneCheck(new DaneSurveyor(dns, new DaneSurveyOptions { SkipConnection = options.SkipConnection, Timeout = TimeSpan.FromTicks(options.Timeout.Ticks / 2) }));
        _reverse = new ReverseCheck(dns);
        _blockLists = new BlockListCheck(dns, _blockListZones);
    }

    /// <summary>Looks a domain over. What goes wrong in one check is its finding; the others go on.</summary>
    /// <param name="domain">A domain name, with U-labels or A-labels.</param>
    /// <param name="cancellationToken">Ends all at once.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidDomain"/> or <see cref="ErrorCode.DnsNoSuchDomain"/> where there is nothing to look over.</exception>
    public async Task<MailDomainTest> TestAsync(string domain, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var name = DomainRecords.NameOf(domain);
        var mx = await RunAsync(MailDomainCheck.Mx, domain, true, token => _mx.LookAsync(domain, name, token), cancellationToken).ConfigureAwait(false);
        var takesMail = mx.Value is not { TakesMail: false };
        var found = mx.Value is { Found: { Status: MailExchangersStatus.Found } hosts } ? hosts : null;
        (string Host, IPAddress Address)[] addresses = [.. mx.Value?.Public ?? []];

        var spf = ReportAsync(MailDomainCheck.Spf, domain, true, _spf.SurveyAsync, report => (report.Verdict, report.Findings), cancellationToken);
        var dkim = RunAsync(MailDomainCheck.Dkim, domain, true, token => _dkim.LookAsync(domain, name, token), cancellationToken);
        var dmarc = ReportAsync(MailDomainCheck.Dmarc, domain, true, _dmarc.SurveyAsync, report => (report.Verdict, report.Findings), cancellationToken);
        var mtaSts = ReportAsync(MailDomainCheck.MtaSts, domain, takesMail, _mtaSts.SurveyAsync, report => (report.Verdict, report.Findings), cancellationToken);
        var tlsRpt = ReportAsync(MailDomainCheck.TlsRpt, domain, takesMail, _tlsRpt.SurveyAsync, report => (report.Verdict, report.Findings), cancellationToken);
        var dane = RunAsync(MailDomainCheck.Dane, domain, found is not null, token => _dane.LookAsync(domain, found!, token), cancellationToken);
        var reverse = RunAsync(MailDomainCheck.ReverseDns, domain, addresses.Length > 0, token => _reverse.LookAsync(addresses, token), cancellationToken);
        var lists = RunAsync(MailDomainCheck.Dnsbl, domain, addresses.Length > 0 && _blockListZones.Length > 0, token => _blockLists.LookAsync(addresses, token), cancellationToken);
        await Task.WhenAll(spf, dkim, dmarc, mtaSts, tlsRpt, dane, reverse, lists).ConfigureAwait(false);

        var policy = await mtaSts.ConfigureAwait(false);
        // DANE does what MTA-STS does, and better.
        if (policy.Verdict == MailDomainVerdict.None && (await dane.ConfigureAwait(false)).Verdict is MailDomainVerdict.Pass or MailDomainVerdict.Warning) policy = policy.AsInformation();
        return Sum(domain, clock, mx, await spf.ConfigureAwait(false), await dkim.ConfigureAwait(false), await dmarc.ConfigureAwait(false), policy,
            await tlsRpt.ConfigureAwait(false), await dane.ConfigureAwait(false), await reverse.ConfigureAwait(false), await lists.ConfigureAwait(false));
    }

    private static MailDomainTest Sum(string domain, Stopwatch clock, CheckResult<MxLook> mx, CheckResult<SpfRecordReport> spf, CheckResult<DkimRecordReport[]> dkim, CheckResult<DmarcRecordReport> dmarc,
        CheckResult<MtaStsPolicyReport> mtaSts, CheckResult<TlsRptRecordReport> tlsRpt, CheckResult<DaneRecordReport[]> dane, CheckResult<ReverseLook[]> reverse, CheckResult<Listing[]> lists)
    {
        var all = (CheckResult[])[mx, spf, dkim, dmarc, mtaSts, tlsRpt, dane, reverse, lists];
        var findings = all.SelectMany(check => check.Findings).OrderByDescending(finding => finding.Severity).ToArray();
        return new MailDomainTest
        {
            Domain = domain,
            Verdict = all.Max(check => check.Worst),
            Details = findings.Length > 0 && findings[0].Severity != FindingSeverity.Information ? findings[0].Message : "",
            Mx = mx.Verdict,
            Spf = spf.Verdict,
            Dkim = dkim.Verdict,
            Dmarc = dmarc.Verdict,
            MtaSts = mtaSts.Verdict,
            TlsRpt = tlsRpt.Verdict,
            Dane = dane.Verdict,
            ReverseDns = reverse.Verdict,
            Dnsbl = lists.Verdict,
            Findings = findings,
            MailExchangers = mx.Value is { } look ? Exchangers(domain, look) : [],
            Addresses = mx.Value is { } seen ? Addresses(seen, reverse.Value ?? [], lists.Value ?? []) : [],
            SpfRecord = spf.Value,
            DkimRecords = dkim.Value ?? [],
            DmarcRecord = dmarc.Value,
            MtaStsPolicy = mtaSts.Value,
            TlsRptRecord = tlsRpt.Value,
            DaneRecords = dane.Value ?? [],
            Latency = clock.Elapsed,
        };
    }

    private static MailExchanger[] Exchangers(string domain, MxLook look) => look.Found.Status == MailExchangersStatus.NullMx
        ? [new MailExchanger { Domain = domain, NameExchange = "", TTL = look.Found.Ttl, IsNullMx = true }]
        :
        [
            .. look.Hosts.Select(host => new MailExchanger
            {
                Domain = domain,
                Preference = host.Host.Preference,
                NameExchange = Printable.Escape(host.Host.Name),
                IPAddress = [.. host.Addresses],
                TTL = host.Host.Ttl,
                Implicit = look.Found.Implicit,
            }),
        ];

    private static MailDomainAddress[] Addresses(MxLook look, ReverseLook[] reverse, Listing[] listings) =>
    [
        .. look.Hosts.SelectMany(host => host.Addresses.Select(address => (host.Host.Name, address))).Select(one =>
        {
            var named = Array.Find(reverse, other => other.Address.Equals(one.address));
            return new MailDomainAddress
            {
                NameExchange = Printable.Escape(one.Name),
                IPAddress = one.address,
                ReverseName = named?.Names ?? [],
                IsForwardConfirmed = named?.IsConfirmed,
                ListedBy = [.. listings.Where(listing => listing.Address.Equals(one.address)).Select(listing => listing.Text!)],
            };
        }),
    ];

    private Task<CheckResult<T>> ReportAsync<T>(MailDomainCheck check, string domain, bool isDue, Func<string, CancellationToken, Task<T>> survey, Func<T, (RecordVerdict, RecordFinding[])> judge, CancellationToken cancellationToken)
        where T : class
    {
        return RunAsync(check, domain, isDue, LookAsync, cancellationToken);

        async Task<CheckResult<T>> LookAsync(CancellationToken token)
        {
            var report = await survey(domain, token).ConfigureAwait(false);
            var (verdict, findings) = judge(report);
            return CheckResult<T>.Reported(check, report, verdict, findings);
        }
    }

    /// <summary>Runs one check, within its time.</summary>
    private async Task<CheckResult<T>> RunAsync<T>(MailDomainCheck check, string domain, bool isDue, Func<CancellationToken, Task<CheckResult<T>>> look, CancellationToken cancellationToken)
        where T : class
    {
        if (!isDue) return new CheckResult<T>(check, null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        try
        {
            return await look(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return CheckResult<T>.Unknown(check, domain, FormattableString.Invariant($"This was not over within {_options.Timeout.TotalSeconds:0.###} seconds."), "Ask a DNS server that answers sooner, with -Server, or give a longer -Timeout.");
        }
        catch (MailOpsException e) when (check != MailDomainCheck.Mx || e.Code != ErrorCode.DnsNoSuchDomain)
        {
            return CheckResult<T>.Unknown(check, domain, e.Message, e.Hint);
        }
    }
}
