using System.Xml.Linq;
using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Providers;

/// <summary>Autodiscover (POX, MS-OXDSCLI) without credentials: what answers nobody in particular.</summary>
internal sealed class AutodiscoverSource(IDnsInspector dns, SettingsFetcher fetcher)
{
    /// <summary>The most answers that lead elsewhere, as Outlook has it.</summary>
    private const int MaxHops = 10;

    private const string FilePath = "/autodiscover/autodiscover.xml";
    private static readonly XNamespace Request = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006";
    private const string Response = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

    /// <summary>Asks autodiscover.DOMAIN and DOMAIN, whose own word counts first since web sites answer at DOMAIN; and where neither answers, the host of the SRV record.</summary>
    public async Task<SourceAnswer> AskAsync(SettingsQuestion asked, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(
            FollowAsync(asked, $"https://autodiscover.{asked.Domain}{FilePath}", null, cancellationToken),
            FollowAsync(asked, $"https://{asked.Domain}{FilePath}", null, cancellationToken)).ConfigureAwait(false);
        var steps = answers.SelectMany(answer => answer.Steps).ToList();
        if (answers.FirstOrDefault(answer => answer.Findings.Count > 0) is { } first) return new SourceAnswer(first.Findings, steps);

        var name = $"_autodiscover._tcp.{asked.Domain}";
        var srv = await dns.ResolveSrvAsync(name, cancellationToken).ConfigureAwait(false);
        var record = srv.Records.Where(one => one.Target.Length > 0 && one.Port == 443).OrderBy(one => one.Priority).FirstOrDefault();
        if (record.Target is null || !DomainName.TryToAscii(record.Target, out var host))
        {
            steps.Add(new MailSettingsStep(MailSettingsSource.Autodiscover, name, srv.Status == DnsStatus.Failed ? "no answer" : "none"));
            return new SourceAnswer([], steps);
        }
        var doubt = srv.IsSecure || SettingsQuestion.IsWithin(host, asked.Domain) ? null : $"The DNS names {host} for Autodiscover, and nothing proves that answer: confirm the server before it gets a password.";
        var last = await FollowAsync(asked, $"https://{host}{FilePath}", doubt, cancellationToken).ConfigureAwait(false);
        return new SourceAnswer(last.Findings, [.. steps, .. last.Steps]);
    }

    private async Task<SourceAnswer> FollowAsync(SettingsQuestion asked, string place, string? doubt, CancellationToken cancellationToken)
    {
        var (now, address) = (place, asked.Address.ToString());
        var redirects = new List<string>();
        for (var hop = 0; hop <= MaxHops; hop++)
        {
            if (!Uri.TryCreate(now, UriKind.Absolute, out var uri)) return Answer(place, redirects, "no address on the web");
            var fetch = await fetcher.FetchAsync(uri, Question(address), cancellationToken).ConfigureAwait(false);
            redirects.AddRange(fetch.Redirects);
            if (fetch.Content is null) return Answer(place, redirects, fetch.Fault!);
            var document = AutodiscoverDocument.Parse(fetch.Content);
            if (document.Fault is not null) return Answer(place, redirects, document.Fault);
            if (document.RedirectUrl is { } url)
            {
                if (!Uri.TryCreate(url, UriKind.Absolute, out var next) || SettingsFetcher.Refusal(uri, next) is not null) return Answer(place, redirects, $"it leads to a place where one does not go: {url}");
                now = next.AbsoluteUri;
                redirects.Add(SettingsText.Shown(now));
            }
            else if (document.RedirectAddress is { } other)
            {
                if (!EmailAddress.TryParse(other, out var mailbox) || !DomainName.TryToAscii(mailbox.Domain, out var domain)) return Answer(place, redirects, $"it leads to what is no address: {other}");
                (now, address) = ($"https://autodiscover.{domain}{FilePath}", other);
                redirects.Add(other);
            }
            else
            {
                return Answer(place, redirects, null, [.. Finding.Usable(document.Servers, asked).Select(server => new Finding(MailSettingsSource.Autodiscover, place, server, doubt is null) { Redirects = redirects, Doubt = doubt })]);
            }
        }
        return Answer(place, redirects, "it leads on and on");
    }

    private static SourceAnswer Answer(string place, List<string> redirects, string? fault, IReadOnlyList<Finding>? findings = null)
    {
        var outcome = fault ?? (findings!.Count > 0 ? $"{findings.Count} servers" : "no server with a usable name");
        return new SourceAnswer(findings ?? [], [new MailSettingsStep(MailSettingsSource.Autodiscover, place, redirects.Count == 0 ? outcome : $"{outcome} (by way of {string.Join(", ", redirects)})")]);
    }

    private static string Question(string address) => new XElement(
        Request + "Autodiscover",
        new XElement(Request + "Request", new XElement(Request + "EMailAddress", address), new XElement(Request + "AcceptableResponseSchema", Response))).ToString(SaveOptions.DisableFormatting);
}
