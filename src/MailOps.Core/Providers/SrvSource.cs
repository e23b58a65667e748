using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Providers;

/// <summary>SRV records of a domain for mail programs (RFC 6186 section 3 and RFC 8314 section 5.1).</summary>
internal sealed class SrvSource(IDnsInspector dns)
{
    // Of two ways to one service the one with TLS from the first byte stands first (RFC 8314 section 3).
    internal static readonly (string Service, MailProtocol Protocol, TlsMode Tls)[] Services =
    [
        ("_submissions", MailProtocol.Smtp, TlsMode.Implicit),
        ("_submission", MailProtocol.Smtp, TlsMode.StartTls),
        ("_imaps", MailProtocol.Imap, TlsMode.Implicit),
        ("_imap", MailProtocol.Imap, TlsMode.StartTls),
        ("_pop3s", MailProtocol.Pop3, TlsMode.Implicit),
        ("_pop3", MailProtocol.Pop3, TlsMode.StartTls),
    ];

    public async Task<SourceAnswer> AskAsync(SettingsQuestion asked, CancellationToken cancellationToken)
    {
        var names = Services.Select(service => $"{service.Service}._tcp.{asked.Domain}").ToArray();
        var answers = await Task.WhenAll(names.Select(name => dns.ResolveSrvAsync(name, cancellationToken).AsTask())).ConfigureAwait(false);
        var findings = new List<Finding>();
        var steps = new List<MailSettingsStep>();
        for (var i = 0; i < names.Length; i++)
        {
            findings.AddRange(Findings(asked, names[i], Services[i].Protocol, Services[i].Tls, answers[i]));
            steps.Add(new MailSettingsStep(MailSettingsSource.Srv, names[i], Outcome(answers[i])));
        }
        // RFC 2782: a lone target "." says that the service is decidedly not there.
        var refused = Services.Select((service, i) => (service.Protocol, Says: answers[i])).GroupBy(service => service.Protocol)
            .Where(ways => ways.Any(way => IsRefusal(way.Says)) && !ways.Any(way => way.Says.Status == DnsStatus.Found && !IsRefusal(way.Says))).Select(ways => ways.Key).ToArray();
        return new SourceAnswer(findings, steps) { Refused = refused };
    }

    private static bool IsRefusal(DnsAnswer<SrvRecord> answer) => answer.Status == DnsStatus.Found && answer.Records.All(record => record.Target.Length == 0);

    private static IEnumerable<Finding> Findings(SettingsQuestion asked, string name, MailProtocol protocol, TlsMode tls, DnsAnswer<SrvRecord> answer)
    {
        foreach (var record in answer.Records.Where(record => record.Target.Length > 0 && record.Port > 0).OrderBy(record => record.Priority).ThenByDescending(record => record.Weight))
        {
            if (!DomainName.TryToAscii(record.Target, out var host)) continue;
            // RFC 6186 section 6: a server outside the domain is to be confirmed by the user, unless DNSSEC proves the record.
            var trusted = answer.IsSecure || SettingsQuestion.IsWithin(host, asked.Domain);
            // RFC 6186 section 4: the whole address first, then its local part.
            yield return new Finding(MailSettingsSource.Srv, name, new ServerReading(protocol, host, record.Port, tls, "%EMAILADDRESS%", []), trusted)
            {
                Doubt = trusted ? null : $"The DNS names a server outside {asked.Domain}, and nothing proves that answer: confirm that {host} is the right one before it gets a password.",
            };
        }
    }

    private static string Outcome(DnsAnswer<SrvRecord> answer) => answer.Status switch
    {
        DnsStatus.Failed => $"no answer, {SettingsText.Shown(answer.Detail ?? "")}",
        DnsStatus.Found when IsRefusal(answer) => "not offered",
        DnsStatus.Found => string.Join(", ", answer.Records.Select(record => SettingsText.Shown($"{record.Target}:{record.Port}"))),
        _ => "none",
    };
}
