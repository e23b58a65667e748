using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Providers;

/// <summary>Finds with which servers a mailbox is set up, from what its domain, its provider and the DNS say.</summary>
/// <remarks>
/// All sources are asked side by side; what they say is given in the order of <see cref="MailSettingsSource"/>. No source gets a credential. The address itself goes, by HTTPS only, to its
/// own domain (autoconfig, Autodiscover) and to where that leads; the domain's name goes to Thunderbird's database only where that is wanted.
/// </remarks>
/// <param name="dns">Who is asked for SRV, MX and addresses.</param>
/// <param name="fetcher">Who fetches from the web.</param>
/// <param name="includeIspdb">Whether Thunderbird's database is asked, to which that tells the domain.</param>
public sealed class MailSettingsFinder(IDnsInspector dns, SettingsFetcher fetcher, bool includeIspdb = false)
{
    private readonly MailExchangerLookup _exchangers = new(dns);
    private readonly SrvSource _srv = new(dns);
    private readonly AutoconfigSource _autoconfig = new(fetcher);
    private readonly AutodiscoverSource _autodiscover = new(dns, fetcher);
    private readonly GuessSource _guess = new(dns);

    /// <summary>Finds the settings of one address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.InvalidAddress"/> where it is no address with a domain name; <see cref="ErrorCode.DnsNoSuchDomain"/>, <see cref="ErrorCode.DnsFailed"/> or
    /// <see cref="ErrorCode.MailSettingsNotFound"/> where nothing was found.
    /// </exception>
    public async Task<MailSettingsFound> FindAsync(string address, CancellationToken cancellationToken)
    {
        var mailbox = EmailAddress.Parse(address);
        if (!DomainName.TryToAscii(mailbox.Domain, out var domain))
            throw new MailOpsException(ErrorCode.InvalidAddress, $"'{address}' has no domain that could say anything about its servers.", "Give an address with a domain name, for example user@example.com.");

        var exchangers = await _exchangers.FindAsync(domain, addresses: false, cancellationToken).ConfigureAwait(false);
        if (exchangers.Status == MailExchangersStatus.NoSuchDomain)
            throw new MailOpsException(ErrorCode.DnsNoSuchDomain, $"The domain of {address}, {domain}, does not exist.", "Check the spelling; for a domain of your own, check its registration and delegation.");

        var asked = new SettingsQuestion(mailbox, domain);
        var answers = await Task.WhenAll(
            _srv.AskAsync(asked, cancellationToken), _autoconfig.AskAsync(asked, cancellationToken), IspdbAsync(asked, cancellationToken),
            ByMxAsync(asked, exchangers, cancellationToken), _autodiscover.AskAsync(asked, cancellationToken)).ConfigureAwait(false);
        var findings = answers.SelectMany(answer => answer.Findings).Concat(Presets(domain, exchangers)).ToList();
        var steps = answers.SelectMany(answer => answer.Steps).ToList();
        if (findings.Count == 0)
        {
            var guess = await _guess.AskAsync(asked, exchangers, answers[0].Refused, cancellationToken).ConfigureAwait(false);
            findings.AddRange(guess.Findings);
            steps.AddRange(guess.Steps);
        }
        return findings.Count > 0 ? new MailSettingsFound([.. findings.Select((finding, index) => finding.ToSettings(asked, index + 1))], steps) : throw Nothing(asked, exchangers, steps);
    }

    private Task<SourceAnswer> IspdbAsync(SettingsQuestion asked, CancellationToken cancellationToken) =>
        includeIspdb ? _autoconfig.AskIspdbAsync(asked, cancellationToken) : Task.FromResult(SourceAnswer.Nothing);

    private Task<SourceAnswer> ByMxAsync(SettingsQuestion asked, MailExchangers exchangers, CancellationToken cancellationToken) =>
        exchangers is { Status: MailExchangersStatus.Found, Implicit: false } && AutoconfigSource.DomainOf(exchangers.Hosts[0].Name) is { } domain && !SettingsQuestion.IsWithin(domain, asked.Domain)
            ? _autoconfig.AskByMxAsync(asked, domain, exchangers.Hosts[0].Name, exchangers.IsSecure, cancellationToken)
            : Task.FromResult(SourceAnswer.Nothing);

    private static IEnumerable<Finding> Presets(string domain, MailExchangers exchangers)
    {
        var own = MailProviders.ForDomain(domain);
        var host = exchangers is { Status: MailExchangersStatus.Found, Implicit: false } ? exchangers.Hosts[0].Name : null;
        var provider = own ?? (host is null ? null : MailProviders.ForMailExchanger(host));
        if (provider is null) return [];
        // Also by its mail exchanger it is trusted: who forges the DNS can but choose another of the providers that are known here.
        var (source, detail) = own is null ? (MailSettingsSource.PresetByMx, $"{provider.Name}, by the mail exchanger {host}") : (MailSettingsSource.Preset, provider.Name);
        return provider.Servers.Where(server => server.Note is null)
            .Select(server => new ServerReading(server.Protocol, server.Server, server.Port, server.Tls, server.UserName, server.Authentication))
            .Select(server => new Finding(source, detail, server, IsTrusted: true) { DisplayName = provider.DisplayName });
    }

    private static MailOpsException Nothing(SettingsQuestion asked, MailExchangers exchangers, List<MailSettingsStep> steps) => exchangers.Status == MailExchangersStatus.Failed
        ? new MailOpsException(ErrorCode.DnsFailed, $"The DNS gave no answer for {asked.Domain}: {exchangers.Detail}.", "Try again, or ask another DNS server with -Server.")
        : new MailOpsException(
            ErrorCode.MailSettingsNotFound, $"Nothing says with which servers {asked.Address} is set up. Asked: {string.Join("; ", steps.Select(step => step.ToString()))}.",
            "Ask the provider for its servers. -IncludeIspdb also asks Thunderbird's database. For a domain of your own, publish SRV records (RFC 6186) or an autoconfig file.");
}

/// <summary>What was found for one address.</summary>
/// <param name="Settings">The settings, most trusted first; at least one.</param>
/// <param name="Steps">What was asked, and what came.</param>
public sealed record MailSettingsFound(IReadOnlyList<MailSettings> Settings, IReadOnlyList<MailSettingsStep> Steps);

/// <summary>One question to one source.</summary>
/// <param name="Source">The source.</param>
/// <param name="Asked">The name or the place that was asked.</param>
/// <param name="Outcome">What came, in words.</param>
public sealed record MailSettingsStep(MailSettingsSource Source, string Asked, string Outcome)
{
    /// <summary>All in one line.</summary>
    public override string ToString() => $"{Source} {Asked}: {Outcome}";
}
