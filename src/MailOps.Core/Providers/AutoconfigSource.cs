namespace MailOps.Providers;

/// <summary>Configuration files for mail programs: of the address's domain, of the domain that takes its mail, and of Thunderbird's database.</summary>
internal sealed class AutoconfigSource(SettingsFetcher fetcher)
{
    private const string Subdomain = "autoconfig.";
    private const string FilePath = "/mail/config-v1.1.xml";
    private const string WellKnown = "/.well-known/autoconfig/mail/config-v1.1.xml";
    private const string Ispdb = "https://autoconfig.thunderbird.net/v1.1/";

    /// <summary>Asks the address's domain: by HTTPS with the address, and only where that gives nothing, without TLS and without the address.</summary>
    public async Task<SourceAnswer> AskAsync(SettingsQuestion asked, CancellationToken cancellationToken)
    {
        var query = "?emailaddress=" + Uri.EscapeDataString(asked.Address.ToString());
        var secure = await FirstAsync(asked, MailSettingsSource.Autoconfig, [$"https://{Subdomain}{asked.Domain}{FilePath}{query}", $"https://{asked.Domain}{WellKnown}"], null, cancellationToken).ConfigureAwait(false);
        if (secure.Findings.Count > 0) return secure;
        var doubt = $"This came without TLS: anyone on the way may have written it. Confirm the server with whoever runs {asked.Domain} before it gets a password.";
        var plain = await FirstAsync(asked, MailSettingsSource.Autoconfig, [$"http://{Subdomain}{asked.Domain}{FilePath}", $"http://{asked.Domain}{WellKnown}"], doubt, cancellationToken).ConfigureAwait(false);
        return new SourceAnswer(plain.Findings, [.. secure.Steps, .. plain.Steps]);
    }

    /// <summary>Asks the domain whose servers take the mail; it does not get the address, for only the DNS says that it has to do with it.</summary>
    public Task<SourceAnswer> AskByMxAsync(SettingsQuestion asked, string domain, string host, bool proven, CancellationToken cancellationToken) => FirstAsync(
        asked, MailSettingsSource.AutoconfigByMx, [$"https://{Subdomain}{domain}{FilePath}", $"https://{domain}{WellKnown}"],
        proven ? null : $"Only the DNS says that {host} has to do with {asked.Domain}, and nothing proves it: confirm the server before it gets a password.", cancellationToken);

    /// <summary>Asks Thunderbird's database, to which that tells the domain.</summary>
    public Task<SourceAnswer> AskIspdbAsync(SettingsQuestion asked, CancellationToken cancellationToken) =>
        FirstAsync(asked, MailSettingsSource.Ispdb, [Ispdb + asked.Domain], null, cancellationToken);

    /// <summary>The domain in which a mail exchanger stands; null where that would be a registry's, such as <c>com</c> or <c>co.uk</c>.</summary>
    /// <remarks>Whoever holds <c>autoconfig.co.uk</c> would be asked about everyone; hence two labels of which the second is a country and the first is short are taken for a registry.</remarks>
    public static string? DomainOf(string host)
    {
        var labels = host.Split('.');
        if (labels.Length < 3) return null;
        return labels.Length == 3 && labels[2].Length == 2 && labels[1].Length <= 3 ? null : string.Join(".", labels.Skip(1));
    }

    private async Task<SourceAnswer> FirstAsync(SettingsQuestion asked, MailSettingsSource source, string[] places, string? doubt, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(places.Select(place => OneAsync(asked, source, place, doubt, cancellationToken))).ConfigureAwait(false);
        return new SourceAnswer(answers.FirstOrDefault(answer => answer.Findings.Count > 0)?.Findings ?? [], [.. answers.SelectMany(answer => answer.Steps)]);
    }

    private async Task<SourceAnswer> OneAsync(SettingsQuestion asked, MailSettingsSource source, string place, string? doubt, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(place, UriKind.Absolute, out var address)) return new SourceAnswer([], [new MailSettingsStep(source, place, "no address on the web")]);
        var fetch = await fetcher.FetchAsync(address, post: null, cancellationToken).ConfigureAwait(false);
        var document = fetch.Content is { } content ? AutoconfigDocument.Parse(content) : null;
        Finding[] findings = document is null ? [] :
        [
            .. Finding.Usable(document.Outgoing.Concat(document.Incoming), asked).Select(server => new Finding(source, place, server, doubt is null)
            {
                Redirects = fetch.Redirects,
                DisplayName = document.DisplayName,
                OAuth = document.OAuth.Count > 0 ? document.OAuth[0] : null,
                Doubt = doubt,
            }),
        ];
        var outcome = fetch.Fault ?? document!.Fault ?? (findings.Length > 0 ? $"{findings.Length} servers" : "no server with a usable name");
        return new SourceAnswer(findings, [new MailSettingsStep(source, place, fetch.Redirects.Count == 0 ? outcome : $"{outcome} (by way of {string.Join(", ", fetch.Redirects)})")]);
    }
}
