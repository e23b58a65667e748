using MailOps.Dns;

namespace MailOps.Providers;

/// <summary>Names that are usual for mail servers and exist, and mail exchangers in the domain itself; for want of anything better.</summary>
internal sealed class GuessSource(IDnsResolver dns)
{
    public async Task<SourceAnswer> AskAsync(SettingsQuestion asked, MailExchangers exchangers, IReadOnlyCollection<MailProtocol> refused, CancellationToken cancellationToken)
    {
        var exchanger = exchangers is { Status: MailExchangersStatus.Found, Implicit: false } ? exchangers.Hosts.FirstOrDefault(host => SettingsQuestion.IsWithin(host.Name, asked.Domain))?.Name : null;
        string[] names = ["smtp." + asked.Domain, "imap." + asked.Domain, "mail." + asked.Domain];
        var exist = await Task.WhenAll(names.Select(name => dns.ResolveAddressesAsync(name, cancellationToken).AsTask())).ConfigureAwait(false);
        string? Existing(params int[] order) => order.Where(i => exist[i].Status == DnsStatus.Found).Select(i => names[i]).FirstOrDefault() ?? exchanger;

        var findings = new List<Finding>();
        if (Existing(0, 2) is { } smtp && !refused.Contains(MailProtocol.Smtp)) findings.AddRange([Guess(MailProtocol.Smtp, smtp, 465, TlsMode.Implicit), Guess(MailProtocol.Smtp, smtp, 587, TlsMode.StartTls)]);
        if (Existing(1, 2) is { } imap && !refused.Contains(MailProtocol.Imap)) findings.Add(Guess(MailProtocol.Imap, imap, 993, TlsMode.Implicit));
        return new SourceAnswer(findings, [.. names.Select((name, i) => new MailSettingsStep(MailSettingsSource.Guess, name, exist[i].Status == DnsStatus.Found ? "exists" : "is not there"))]);
    }

    private static Finding Guess(MailProtocol protocol, string host, int port, TlsMode tls) => new(MailSettingsSource.Guess, host, new ServerReading(protocol, host, port, tls, "%EMAILADDRESS%", []), IsTrusted: false)
    {
        Doubt = "A guess: the name exists, and nothing more is known. Ask whoever runs the domain before the server gets a password.",
    };
}
