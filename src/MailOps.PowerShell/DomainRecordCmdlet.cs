using System.Management.Automation;
using MailOps.Dns;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell;

/// <summary>A cmdlet that looks over one kind of record of many domains.</summary>
public abstract class DomainRecordCmdlet<TReport> : DomainCmdlet<TReport>
{
    /// <summary>How long one DNS server may take for one question, in seconds or as a TimeSpan. Default: 10 seconds.</summary>
    [Parameter]
    [Seconds, TimeoutRange]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether what a DNS server says of DNSSEC is believed. Default: that of one on this machine.</summary>
    private protected virtual bool? TrustDnssec => null;

    /// <summary>What looks one domain over.</summary>
    private protected abstract Func<string, CancellationToken, Task<TReport>> Surveyor(DnsResolver dns);

    private protected sealed override Func<string, CancellationToken, Task<TReport>> Surveyor() => Surveyor(new DnsResolver(Server, Timeout, TrustDnssec));
}
