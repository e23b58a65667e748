using MailOps.Messages;

namespace MailOps.Dns;

/// <summary>What all that looks a domain's records over has in common.</summary>
internal static class DomainRecords
{
    private const int LongestName = 253;

    /// <summary>The domain in A-label form.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidDomain"/>: it is no domain name of several labels.</exception>
    public static string NameOf(string domain) =>
        DomainName.TryToAscii(domain, out var name) && name.Length <= LongestName && name.IndexOf('.') > 0
            ? name
            : throw new MailOpsException(ErrorCode.InvalidDomain, $"'{Printable.Escape(domain)}' is not a domain name of several labels.", "Write it as labels joined by dots, for example example.com.");

    /// <summary>The answer, where there is one; that nothing exists is one.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.DnsFailed"/>.</exception>
    public static DnsAnswer<T> Known<T>(DnsAnswer<T> answer, string domain) =>
        answer.Status != DnsStatus.Failed
            ? answer
            : throw new MailOpsException(ErrorCode.DnsFailed, $"The DNS gave no answer for {domain}: {answer.Detail}.", "Try again, or ask another DNS server with -Server.");

    /// <summary>That a domain is none.</summary>
    public static MailOpsException NoSuchDomain(string domain) =>
        new(ErrorCode.DnsNoSuchDomain, $"The domain {domain} does not exist.", "Check the spelling; for a domain of your own, check its registration and delegation.");

    /// <summary>Whether the name itself or anything below it is in the DNS.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.DnsFailed"/>.</exception>
    public static async Task<bool> ExistsAsync(IDnsInspector dns, string name, CancellationToken cancellationToken) =>
        Known(await dns.ResolveMxAsync(name, cancellationToken).ConfigureAwait(false), name).Status != DnsStatus.NoSuchDomain;

    /// <summary>A finding whose text is fit to be shown.</summary>
    public static RecordFinding Find(FindingSeverity severity, string domain, int column, string message, string? advice) =>
        new() { Severity = severity, Domain = Printable.Escape(domain), Column = column, Message = Printable.Escape(message), Advice = advice is null ? null : Printable.Escape(advice) };

    /// <summary>What findings come to.</summary>
    public static RecordVerdict VerdictOf(IReadOnlyCollection<RecordFinding> findings) =>
        findings.Any(finding => finding.Severity == FindingSeverity.Error) ? RecordVerdict.Invalid
        : findings.Any(finding => finding.Severity == FindingSeverity.Warning) ? RecordVerdict.Warning
        : RecordVerdict.Valid;
}
