using System.Net;
using System.Security.Cryptography.X509Certificates;
using MailOps.Diagnosis;
using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Policies.Dane;

/// <summary>Looks over how the mail servers of a domain prove themselves by the DNS (RFC 7672), and whether they show the certificates that it says.</summary>
/// <param name="dns">Who is asked; what it says of DNSSEC is believed.</param>
/// <param name="options">How far to look.</param>
public sealed class DaneSurveyor(IDnsInspector dns, DaneSurveyOptions options)
{
    /// <summary>Mail exchangers looked at, the first ones: a domain with more is broken, or wants to keep others busy.</summary>
    private const int MaxServers = 16;

    // What the certificate itself is like by other rules than these does not count.
    private static readonly string[] TlsProblems = ["StartTlsNotOffered", "StartTlsRefused", "StartTlsStripped", "RepliesInjected", "TlsFailed", "TlsTooOld"];

    /// <summary>Looks a domain, or server, over: one report a server, in the order in which senders try them.</summary>
    /// <param name="domain">A domain name, or with <see cref="DaneSurveyOptions.AreServers"/> the name of a server, with U-labels or A-labels.</param>
    /// <param name="cancellationToken">Ends questions and connections.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.InvalidDomain"/>, <see cref="ErrorCode.DnsNoSuchDomain"/>, <see cref="ErrorCode.DnsNoMailExchanger"/> or <see cref="ErrorCode.DnsFailed"/> where there is nothing to look
    /// over. A server without a record is a report.
    /// </exception>
    public async Task<DaneRecordReport[]> SurveyAsync(string domain, CancellationToken cancellationToken)
    {
        var name = DomainRecords.NameOf(domain);
        if (options.AreServers) return [await LookAsync(domain, new MailHost(0, name, [], TimeSpan.Zero), null, cancellationToken).ConfigureAwait(false)];
        var found = await new MailExchangerLookup(dns, equals => equals).FindAsync(name, addresses: false, cancellationToken).ConfigureAwait(false);
        return await SurveyAsync(domain, found, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same, where it is known who the mail exchangers are.</summary>
    internal async Task<DaneRecordReport[]> SurveyAsync(string domain, MailExchangers found, CancellationToken cancellationToken)
    {
        switch (found.Status)
        {
            case MailExchangersStatus.NoSuchDomain: throw DomainRecords.NoSuchDomain(domain);
            case MailExchangersStatus.NoAddress:
                throw new MailOpsException(ErrorCode.DnsNoMailExchanger, $"The domain {domain} takes no mail: {found.Detail}.", "Publish an MX record that names a host with an address, or a null MX if it is meant so.");
            case MailExchangersStatus.Failed:
                throw new MailOpsException(ErrorCode.DnsFailed, $"The DNS gave no answer for {domain}: {found.Detail}.", "Try again, or ask another DNS server with -Server. If a server that validates alone fails, the domain's DNSSEC is broken.");
            case MailExchangersStatus.NullMx: return [NoMail(domain, found.Ttl)];
        }
        return await Task.WhenAll(found.Hosts.Take(MaxServers).Select(host => LookAsync(domain, host, found, cancellationToken))).ConfigureAwait(false);
    }

    private DaneRecordReport NoMail(string domain, TimeSpan ttl) => new()
    {
        Domain = domain,
        NameExchange = "",
        Port = options.Port,
        Verdict = RecordVerdict.Missing,
        Findings = [DomainRecords.Find(FindingSeverity.Information, domain, 0, "The domain takes no mail (null MX), so there is nothing to protect.", null)],
        TTL = ttl,
    };

    private async Task<DaneRecordReport> LookAsync(string domain, MailHost host, MailExchangers? mx, CancellationToken cancellationToken)
    {
        if (!DomainName.TryToAscii(host.Name, out var name)) return NoName(domain, host, mx);
        var addresses = await dns.ResolveAddressesAsync(name, cancellationToken).ConfigureAwait(false);
        // RFC 7672 section 3.2.2: where DNSSEC proves that it is a mail exchanger of the domain, the domain's name does too.
        string[] stands = mx is null ? [name] : mx.IsSecure ? [DomainRecords.NameOf(domain), .. mx.CanonicalName is { } canonical ? [canonical] : Array.Empty<string>()] : [];
        var server = new DaneServer(name, options.Port, addresses.IsSecure, addresses.CanonicalName, stands);
        var findings = new DaneFindings(name, server.QuestionFor(name));
        OfMx(domain, host, mx, findings);
        var known = addresses.Status == DnsStatus.Found;
        if (!known) findings.NoAddress(addresses.Status, addresses.Detail);
        var answer = known ? await DaneLookup.FindAsync(server, dns, cancellationToken).ConfigureAwait(false) : DaneAnswer.None;
        if (answer.Failure is { } failure) findings.NoAnswer(failure);

        // Records that nothing proves are none to senders; who has published them wants to know that.
        var unproven = known && answer is { Records: null, Failure: null } ? await dns.ResolveTlsaAsync(server.QuestionFor(name), cancellationToken).ConfigureAwait(false) : null;
        if (unproven is { Records.Count: > 0 }) findings.NotProven(unproven.Records.Count);
        else if (unproven is not null) findings.Missing(addresses.IsSecure);
        if (answer.Records is not null) findings.OfRecords(answer.Records);

        var shown = answer.Records is { Usable.Count: > 0 } && !options.SkipConnection ? await ConnectAsync(answer.Records, addresses.Records, cancellationToken).ConfigureAwait(false) : null;
        var all = answer.Records?.All ?? unproven?.Records ?? [];
        var records = all.Select(record => Describe(record, answer.Records, shown)).ToArray();
        if (shown is not null) Judge(shown, records, findings);
        return new DaneRecordReport
        {
            Domain = domain,
            NameExchange = name,
            Preference = host.Preference,
            Port = options.Port,
            Verdict = known && answer.Failure is null && all.Count == 0 ? RecordVerdict.Missing : DomainRecords.VerdictOf(findings.All),
            IsMxSecure = mx?.IsSecure,
            IsAddressSecure = addresses.IsSecure,
            IsSecure = answer.Records is not null,
            CanonicalName = addresses.CanonicalName is { } alias ? Printable.Escape(alias) : null,
            RecordName = known ? server.QuestionFor(answer.Records?.BaseDomain ?? name) : null,
            Records = records,
            IsMatch = shown is { HasCertificate: true } ? shown.Fault is null : null,
            EndPoint = shown?.Test.TlsProtocol is null ? null : shown.Test.EndPoint,
            TlsProtocol = shown?.Test.TlsProtocol,
            CertificateSubject = shown?.Test.CertificateSubject,
            CertificateExpires = shown?.Test.CertificateExpires,
            Findings = [.. findings.All],
            TTL = answer.Records?.Ttl ?? unproven?.Ttl ?? TimeSpan.Zero,
        };
    }

    private static void OfMx(string domain, MailHost host, MailExchangers? mx, DaneFindings findings)
    {
        if (mx is { IsSecure: false }) findings.MxNotProven(domain);
        if (mx?.Hosts.Count > MaxServers && ReferenceEquals(mx.Hosts[0], host)) findings.TooMany(domain, mx.Hosts.Count, MaxServers);
    }

    private DaneRecordReport NoName(string domain, MailHost host, MailExchangers? mx)
    {
        var shown = Printable.Escape(host.Name);
        var findings = new DaneFindings(domain, "");
        OfMx(domain, host, mx, findings);
        findings.NoName(host.Name);
        return new DaneRecordReport
        {
            Domain = domain,
            NameExchange = shown,
            Preference = host.Preference,
            Port = options.Port,
            Verdict = RecordVerdict.Invalid,
            IsMxSecure = mx?.IsSecure,
            Findings = [.. findings.All],
        };
    }

    /// <summary>What the server shows, with the name that its records were found by (RFC 7672 section 8.1).</summary>
    private async Task<Shown> ConnectAsync(DaneRecords records, IReadOnlyList<IPAddress> addresses, CancellationToken cancellationToken)
    {
        var shown = new Shown();
        shown.Test = await SmtpServerTester.RunAsync(
            new SmtpServerTestOptions
            {
                Server = records.BaseDomain,
                Port = options.Port,
                Tls = TlsMode.StartTls,
                Timeout = options.Timeout,
                UsualPorts = [],
                Resolve = _ => Task.FromResult(addresses.ToArray()),
                OnCertificate = (certificate, chain) => shown.Compare(records, certificate, chain),
            },
            cancellationToken).ConfigureAwait(false);
        return shown;
    }

    private static DaneRecord Describe(TlsaRecord record, DaneRecords? proven, Shown? shown)
    {
        var unusable = DaneRecords.WhyUnusable(record);
        DaneFault? fault = null;
        var compared = unusable is null && shown is not null && shown.ByRecord.TryGetValue(record, out fault);
        return new DaneRecord
        {
            Usage = record.Usage,
            Selector = record.Selector,
            MatchingType = record.Matching,
            Data = DaneRecords.Hex(record),
            IsUsable = proven is not null && unusable is null,
            IsMatch = compared ? fault is null : null,
            Reason = unusable ?? (proven is null ? "DNSSEC does not prove it" : fault?.Text),
        };
    }

    private static void Judge(Shown shown, DaneRecord[] records, DaneFindings findings)
    {
        var problems = shown.Test.Findings.Where(finding => finding.Severity == SmtpServerVerdict.Failure).ToArray();
        if (Array.Find(problems, problem => TlsProblems.Contains(problem.Id)) is { } broken) findings.NoTls(broken);
        else if (shown.HasCertificate) findings.OfMatch(shown.Fault, records);
        else if (problems.Length > 0) findings.NotCompared(problems[0]);
    }

    /// <summary>What came of the connection.</summary>
    private sealed class Shown
    {
        public SmtpServerTest Test { get; set; } = null!;
        public bool HasCertificate { get; private set; }
        public DaneFault? Fault { get; private set; }
        public Dictionary<TlsaRecord, DaneFault?> ByRecord { get; } = [];

        // While the handshake waits: what the server sent is gone afterwards.
        public void Compare(DaneRecords records, X509Certificate2 certificate, X509Chain chain)
        {
            var (sent, now) = (chain.ChainPolicy.ExtraStore.Cast<X509Certificate2>().ToArray(), DateTimeOffset.UtcNow);
            HasCertificate = true;
            Fault = DaneVerifier.Fault(records, certificate, sent, now);
            foreach (var record in records.Usable) ByRecord[record] = DaneVerifier.Fault(new DaneRecords(records.BaseDomain, records.Names, [record]), certificate, sent, now);
        }
    }
}
