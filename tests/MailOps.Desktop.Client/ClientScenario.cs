using System.Globalization;
using System.Net;
using System.Text;
using MailOps.Authenticity.Dkim;
using MailOps.Authenticity.Dmarc;
using MailOps.Authenticity.Spf;
using MailOps.Diagnosis;
using MailOps.Dns;
using MailOps.Headers;
using MailOps.Mailboxes;
using MailOps.Messages;
using MailOps.Policies;
using MailOps.Providers;
using MailOps.Reports;
using MailOps.Submission;

namespace MailOps.Desktop.Client;

/// <summary>What the client cmdlets do, without the engine: compiled for both frameworks from this one file, and to give the same lines in both.</summary>
internal sealed class ClientScenario
{
    private readonly int _smtp;
    private readonly int _imap;
    private readonly string _folder;
    private readonly DnsResolver _dns;
    private readonly List<string> _lines = [];

    public ClientScenario(int smtp, int imap, int dns, string folder)
    {
        (_smtp, _imap, _folder) = (smtp, imap, folder);
        _dns = new DnsResolver(["127.0.0.1:" + dns.ToString(CultureInfo.InvariantCulture)], TimeSpan.FromSeconds(10));
    }

    public async Task<IReadOnlyList<string>> RunAsync()
    {
        await LookUpAsync().ConfigureAwait(false);
        await SendAsync().ConfigureAwait(false);
        await TestAsync().ConfigureAwait(false);
        await ReadMailboxAsync().ConfigureAwait(false);
        Read();
        return _lines;
    }

    private async Task LookUpAsync()
    {
        var none = CancellationToken.None;
        var exchangers = await new MailExchangerLookup(_dns).FindAsync("desktop.test", addresses: true, none).ConfigureAwait(false);
        Say("mx", string.Join(", ", exchangers.Hosts.Select(host => $"{host.Preference} {host.Name} {string.Join("+", host.Addresses)}")));
        foreach (var address in new[] { "192.0.2.1", "198.51.100.7" })
        {
            var check = await new SpfChecker(_dns).CheckAsync(new SpfQuery(IPAddress.Parse(address), "a@desktop.test", "mail.desktop.test", DateTimeOffset.UtcNow), none).ConfigureAwait(false);
            Say("spf " + address, check.Result);
        }
        var dmarc = await new DmarcSurveyor(_dns).SurveyAsync("desktop.test", none).ConfigureAwait(false);
        Say("dmarc", $"{dmarc.Verdict} {dmarc.Record}");
        var dkim = await new DkimSurveyor(_dns).SurveyAsync("desktop.test", "s1", none).ConfigureAwait(false);
        Say("dkim", $"{dkim.Verdict} {dkim.KeySize} {string.Join("; ", dkim.Findings.Select(finding => finding.Message))}");
        var reports = await new TlsRptSurveyor(_dns).SurveyAsync("desktop.test", none).ConfigureAwait(false);
        Say("tlsrpt", $"{reports.Verdict} {reports.Record}");
    }

    private async Task SendAsync()
    {
        var key = DkimKeyMaker.Make("desktop.test", "s1", DkimKeyType.Rsa, 2048, isTest: false, Path.Combine(_folder, "dkim.pem"), overwrites: false);
        Say("key", $"{key.KeySize} {key.RecordName}");
        var elliptic = DkimKeyMaker.Make("desktop.test", "s2", DkimKeyType.Ed25519, 0, isTest: false, Path.Combine(_folder, "dkim2.pem"), overwrites: false);
        using var log = new SendLog(Path.Combine(_folder, "sent.jsonl"), readSent: false, resendUnknown: false);
        using var transcript = new TranscriptFile(Path.Combine(_folder, "transcript.txt"));
        using var pool = new SubmissionPool(new SubmissionOptions { Server = "127.0.0.1", Port = _smtp, Tls = TlsMode.None }, 2, new SubmissionLog(Line: transcript.Add));
        var quota = new SendQuota(MailProviders.Named("Microsoft365"));
        foreach (var path in new[] { key.PrivateKeyPath, elliptic.PrivateKeyPath })
        {
            using var message = MessageComposer.Compose(new MessageDraft
            {
                From = Mailbox.Parse("Jörg <f@desktop.test>"),
                To = Mailbox.ParseList("a@x.test, no@x.test"),
                Subject = MessageTemplate.Fill("Grüße {{Name}}", html: false, name => name == "Name" ? "Ann" : null, () => ["Name"]),
                Text = "Zeile\n.\n",
                Html = "<p>ä</p>",
                Reports = new ReportRequest(DeliveryNotices.Failure, DeliveryReportContent.Headers, "4711"),
                Protection = new MessageProtection { Dkim = DkimSignature.Open(path, "s1", null) },
            });
            var result = await pool.SendAsync(message, quota, one => log.Write("print", one), CancellationToken.None).ConfigureAwait(false);
            Say("sent", $"{string.Join(", ", result.Recipients)} {result.Message.SmtpStatusCode} {result.Errors[0].Error.Code}");
        }
        await pool.CloseAsync(CancellationToken.None).ConfigureAwait(false);
        log.Dispose();
        using var again = new SendLog(Path.Combine(_folder, "sent.jsonl"), readSent: true, resendUnknown: false, readRecent: true);
        Say("log", $"{again.TakeSent("print", "a@x.test")} {again.TakeSent("print", "no@x.test")} {again.Recent($"127.0.0.1:{_smtp}").Sum(one => one.Recipients)}");
    }

    private async Task TestAsync()
    {
        var test = await SmtpServerTester.RunAsync(new SmtpServerTestOptions { Server = "127.0.0.1", Port = _smtp, Tls = TlsMode.None, Recipient = "no@x.test", Timeout = TimeSpan.FromSeconds(20) }, CancellationToken.None).ConfigureAwait(false);
        Say("test", $"{test.StatusCode} {string.Join("; ", test.Findings.Select(finding => finding.Id))}");
    }

    private async Task ReadMailboxAsync()
    {
        var options = new MailboxOptions { Server = "127.0.0.1", Port = _imap, Tls = TlsMode.None, Credential = new NetworkCredential("user", "secret"), Timeout = TimeSpan.FromSeconds(20) };
        using var session = await MailboxSession.OpenAsync(options, null, CancellationToken.None).ConfigureAwait(false);
        var ids = await session.FindAsync(new MailboxQuery(), CancellationToken.None).ConfigureAwait(false);
        foreach (var reading in await session.ReadAsync(new MailboxQuery(), ids, null, CancellationToken.None).ConfigureAwait(false)) Say("mailbox", $"{reading.Id} {reading.Message!.Subject} {reading.Message.From}");
        await session.CloseAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private void Read()
    {
        const string Message =
            "Received: from a.test (a.test [192.0.2.1]) by b.test with ESMTPS id 1; Mon, 2 Mar 2026 10:00:05 +0000\r\n"
            + "Received: from c.test by a.test with ESMTP id 2; Mon, 2 Mar 2026 10:00:00 +0000\r\nFrom: a@x.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n";
        var header = MailHeaderReader.Read(Encoding.ASCII.GetBytes(Message));
        Say("header", $"{header!.Subject} {header.Hops.Count} {header.Hops[header.Hops.Count - 1].Delay}");
        const string Report =
            "From: MAILER-DAEMON@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nNo.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            + "Reporting-MTA: dns; b.test\r\n\r\nFinal-Recipient: rfc822; gone@x.test\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n\r\n--b--\r\n";
        foreach (var one in DeliveryReportReader.Read(Encoding.ASCII.GetBytes(Report))) Say("report", $"{one.Recipient} {one.Action} {one.Status} {one.Class}");
        Say("providers", $"{MailProviders.All.Count} {MailProviders.ForDomain("gmail.com")!.SmtpServer}");
    }

    private void Say(string what, object? value) => _lines.Add(FormattableString.Invariant($"{what}: {value}"));
}
