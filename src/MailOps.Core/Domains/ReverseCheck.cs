using System.Net;
using MailOps.Dns;
using MailOps.Messages;
using static MailOps.FindingSeverity;

namespace MailOps.Domains;

/// <summary>Whether addresses have names (PTR) that lead back to them.</summary>
/// <param name="dns">Who is asked.</param>
internal sealed class ReverseCheck(IDnsInspector dns)
{
    /// <summary>Names of one address looked at; some have hundreds, and receivers do not look at them all.</summary>
    private const int MaxNames = 10;

    public async Task<CheckResult<ReverseLook[]>> LookAsync(IReadOnlyList<(string Host, IPAddress Address)> addresses, CancellationToken cancellationToken)
    {
        var looks = await Task.WhenAll(addresses.Select(one => LookAsync(one.Host, one.Address, cancellationToken))).ConfigureAwait(false);
        var result = CheckResult<ReverseLook[]>.Judged(MailDomainCheck.ReverseDns, looks, [.. looks.Select(look => look.Finding).OfType<MailDomainFinding>()]);
        return result.Verdict == MailDomainVerdict.Pass && looks.Any(look => look.IsConfirmed is null) ? result with { Verdict = MailDomainVerdict.Unknown } : result;
    }

    private async Task<ReverseLook> LookAsync(string host, IPAddress address, CancellationToken cancellationToken)
    {
        var answer = await dns.ResolveNamesAsync(address, cancellationToken).ConfigureAwait(false);
        if (answer.Status == DnsStatus.Failed) return Unknown(address, [], $"The DNS gave no answer for the name of {address} ({host}): {answer.Detail}.");
        if (answer.Records.Count == 0)
        {
            return new ReverseLook(address, [], false, Find(Warning, address, $"The address {address} of {host} has no name (PTR): where it sends mail too, many receivers refuse that.",
                $"Have the owner of the address, mostly your provider, set its reverse name to {host}."));
        }
        var names = answer.Records.Take(MaxNames).ToArray();
        string[] shown = [.. names.Select(Printable.Escape)];
        string? failed = null;
        foreach (var name in names)
        {
            if (!DomainName.TryToAscii(name, out var ascii)) continue;
            var back = await dns.ResolveAddressesAsync(ascii, address.AddressFamily, cancellationToken).ConfigureAwait(false);
            if (back.Records.Contains(address)) return new ReverseLook(address, shown, true, null);
            if (back.Status == DnsStatus.Failed) failed = back.Detail;
        }
        return failed is not null
            ? Unknown(address, shown, $"Whether {shown[0]} leads back to {address} ({host}) is not known: {failed}.")
            : new ReverseLook(address, shown, false, Find(Warning, address, $"The name of {address} ({host}) is {string.Join(", ", shown)}, which does not lead back to that address: where it sends mail too, many receivers refuse that.",
                $"Give {shown[0]} an address record with {address}, or set the reverse name to {host}."));
    }

    private static ReverseLook Unknown(IPAddress address, string[] names, string message) => new(address, names, null, Find(Information, address, message, "Try again later."));

    private static MailDomainFinding Find(FindingSeverity severity, IPAddress address, string message, string advice) =>
        CheckResult.Find(MailDomainCheck.ReverseDns, severity, address.ToString(), message, advice);
}

/// <summary>The names of one address.</summary>
/// <param name="Address">The address.</param>
/// <param name="Names">Its names, as they may be shown.</param>
/// <param name="IsConfirmed">Whether one leads back to it; null where that is not known.</param>
/// <param name="Finding">What is to be said; null for nothing.</param>
internal sealed record ReverseLook(IPAddress Address, string[] Names, bool? IsConfirmed, MailDomainFinding? Finding);
