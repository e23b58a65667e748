using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MailOps.Dns;
using MailOps.Messages;
using static MailOps.FindingSeverity;

namespace MailOps.Domains;

/// <summary>Asks block lists of addresses (RFC 5782 section 2).</summary>
/// <param name="dns">Who is asked.</param>
/// <param name="zones">The lists.</param>
internal sealed class BlockListCheck(IDnsInspector dns, IReadOnlyList<string> zones)
{
    private const int MaxReason = 200;   // characters of a list's own words

    // Once a list, for all domains.
    private readonly ConcurrentDictionary<string, Lazy<Task<bool>>> _listsEverything = new(StringComparer.OrdinalIgnoreCase);

    public async Task<CheckResult<Listing[]>> LookAsync(IReadOnlyList<(string Host, IPAddress Address)> addresses, CancellationToken cancellationToken)
    {
        var asked = addresses.GroupBy(one => one.Address).Select(same => same.First()).SelectMany(one => zones.Select(zone => AskAsync(one.Host, one.Address, zone, cancellationToken)));
        var answers = await Task.WhenAll(asked).ConfigureAwait(false);
        var listings = answers.Where(answer => answer.Text is not null).ToArray();
        // That a list does not answer is one thing to say, however many addresses it was asked about.
        var findings = listings.Select(answer => answer.Finding!).Concat(answers.Where(answer => answer.Text is null && answer.Finding is not null).GroupBy(answer => answer.Zone).Select(same => same.First().Finding!)).ToArray();
        var result = CheckResult<Listing[]>.Judged(MailDomainCheck.Dnsbl, listings, findings);
        return listings.Length == 0 && answers.Length > 0 && answers.All(answer => answer.Finding is not null) ? result with { Verdict = MailDomainVerdict.Unknown } : result;
    }

    /// <summary>The name at which a list has an address (RFC 5782 section 2.1 and RFC 5782 section 2.4): its octets, or half octets, backwards.</summary>
    internal static string NameFor(IPAddress address, string zone)
    {
        var bytes = address.GetAddressBytes();
        Array.Reverse(bytes);
        var labels = address.AddressFamily == AddressFamily.InterNetwork
            ? bytes.Select(one => FormattableString.Invariant($"{one}"))
            : bytes.SelectMany(one => new[] { FormattableString.Invariant($"{one & 0xf:x}"), FormattableString.Invariant($"{one >> 4:x}") });
        return $"{string.Join(".", labels)}.{zone}";
    }

    private async Task<Listing> AskAsync(string host, IPAddress address, string zone, CancellationToken cancellationToken)
    {
        var name = NameFor(address, zone);
        var answer = await dns.ResolveAddressesAsync(name, AddressFamily.InterNetwork, cancellationToken).ConfigureAwait(false);
        if (answer.Status == DnsStatus.Failed) return NotAsked(address, zone, $"{zone} could not be asked: {answer.Detail}.", "Try again later, or leave it out with -Dnsbl.");
        if (answer.Records.Count == 0) return new Listing(address, zone, null, null);
        var codes = answer.Records.Select(record => record.GetAddressBytes()).ToArray();
        if (codes.Any(IsRefusal))
            return NotAsked(address, zone, $"{zone} does not answer the DNS server that was asked ({answer.Records[0]}): public and much used ones are refused.", "Ask a resolver of your own, with -Server. This says nothing of the address.");
        if (!codes.Any(IsListing))
            return NotAsked(address, zone, $"What {zone} answers ({answer.Records[0]}) is no code of a block list: it has closed, or the DNS server makes answers up.", "Leave it out with -Dnsbl, or ask another DNS server with -Server.");
        if (await ListsEverythingAsync(zone, cancellationToken).ConfigureAwait(false))
            return NotAsked(address, zone, $"{zone} lists everything, even 127.0.0.1: it has closed.", "Leave it out with -Dnsbl.");

        string[] told = [.. answer.Records.Where(record => IsListing(record.GetAddressBytes())).Select(record => record.ToString()).OrderBy(code => code, StringComparer.Ordinal)];
        var text = $"{zone} ({string.Join(", ", told.Select(code => BlockLists.MeaningOf(zone, code) is { } meaning ? $"{code}, {meaning}" : code))})";
        var reason = await ReasonAsync(name, cancellationToken).ConfigureAwait(false);
        var severity = told.All(code => BlockLists.IsPolicy(zone, code)) ? Warning : Error;
        return new Listing(address, zone, text, Find(severity, address, $"The address {address} of {host} is on the block list {text}{(reason is null ? "." : $": {reason}")}",
            "Find out why (a server that others use, a mailing without consent, a bad neighbour), mend it, and then ask the list to remove the address at its web site."));
    }

    // What a list says of itself is for people, and as long as it likes.
    private async Task<string?> ReasonAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await dns.ResolveTxtAsync(name, cancellationToken).ConfigureAwait(false);
        return answer.Records.Count == 0 ? null : WireText.Show(answer.Records[0], MaxReason);
    }

    // RFC 5782 section 5: no list has 127.0.0.1. One that has is dead, and its zone belongs to somebody else.
    private async Task<bool> ListsEverythingAsync(string zone, CancellationToken cancellationToken)
    {
        var asked = _listsEverything.GetOrAdd(zone, one => new Lazy<Task<bool>>(async () =>
            (await dns.ResolveAddressesAsync(NameFor(IPAddress.Loopback, one), AddressFamily.InterNetwork, CancellationToken.None).ConfigureAwait(false)).Records.Count > 0));
        // The question is everybody's, and ends by itself; the waiting for it is this domain's.
        if (await Task.WhenAny(asked.Value, Task.Delay(Timeout.Infinite, cancellationToken)).ConfigureAwait(false) != asked.Value) cancellationToken.ThrowIfCancellationRequested();
        return await asked.Value.ConfigureAwait(false);
    }

    // 127.255.255.0/24 is how Spamhaus and others say why they do not answer.
    private static bool IsRefusal(byte[] code) => code[0] == 127 && code[1] == 255 && code[2] == 255;

    // RFC 5782 section 2.1: codes are of 127.0.0.0/8; and 127.0.0.1 is how several lists say that they do not answer.
    private static bool IsListing(byte[] code) => code[0] == 127 && (code[1] > 0 || code[2] > 0 || code[3] > 1);

    private static Listing NotAsked(IPAddress address, string zone, string message, string advice) =>
        new(address, zone, null, CheckResult.Find(MailDomainCheck.Dnsbl, Information, zone, message, advice));

    private static MailDomainFinding Find(FindingSeverity severity, IPAddress address, string message, string advice) =>
        CheckResult.Find(MailDomainCheck.Dnsbl, severity, address.ToString(), message, advice);
}

/// <summary>What one list says of one address.</summary>
/// <param name="Address">The address.</param>
/// <param name="Zone">The list.</param>
/// <param name="Text">The list, its codes and what they mean; null where it does not have the address.</param>
/// <param name="Finding">What is to be said; null for nothing.</param>
internal sealed record Listing(IPAddress Address, string Zone, string? Text, MailDomainFinding? Finding);
