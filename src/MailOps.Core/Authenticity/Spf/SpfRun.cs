using MailOps.Dns;

namespace MailOps.Authenticity.Spf;

/// <summary>One run of check_host() (RFC 7208 section 4): one identity, with what it has asked so far.</summary>
internal sealed class SpfRun(IDnsInspector dns, SpfLimits limits, SpfSubject subject)
{
    private readonly List<SpfTreeEntry> _tree = [];
    private readonly SpfHosts _hosts = new(dns, limits, subject);
    private int _lookups;
    private int _voids;

    public int Lookups => _lookups;

    public int Voids => _voids;

    public SpfTreeEntry[] Tree => [.. _tree];

    /// <summary>Checks; where the client fails, with the words of the domain, if it has some.</summary>
    public async Task<(SpfVerdict Verdict, string? Explanation)> CheckAsync(CancellationToken cancellationToken)
    {
        var verdict = await CheckHostAsync(subject.Domain, depth: 0, cancellationToken).ConfigureAwait(false);
        var explanation = verdict is { Result: SpfResult.Fail, Record.Explanation: { } modifier }
            ? await ExplainAsync(modifier.Value, verdict.Domain, cancellationToken).ConfigureAwait(false)
            : null;
        return (verdict, explanation);
    }

    private async Task<SpfVerdict> CheckHostAsync(string domain, int depth, CancellationToken cancellationToken)
    {
        if (!SpfNames.IsWellFormed(domain)) return new SpfVerdict(SpfResult.None, domain, $"'{domain}' is no name of a domain with several labels.");
        var answer = await dns.ResolveTxtAsync(SpfNames.Bare(domain), cancellationToken).ConfigureAwait(false);
        if (answer.Status == DnsStatus.Failed) return new SpfVerdict(SpfResult.TempError, domain, $"The DNS gave no answer for the SPF record of {domain}: {answer.Detail}.");
        var records = answer.Records.Where(SpfRecord.IsOne).ToArray();
        if (records.Length == 0) return new SpfVerdict(SpfResult.None, domain, answer.Status == DnsStatus.NoSuchDomain ? $"The domain {domain} does not exist." : $"{domain} has no SPF record.");
        if (records.Length > 1) return new SpfVerdict(SpfResult.PermError, domain, $"{domain} has {records.Length} SPF records, and only one can be.");

        var record = SpfParser.Parse(records[0]);
        return record.Faults.Count > 0
            ? new SpfVerdict(SpfResult.PermError, domain, $"The SPF record of {domain} is wrong at character {record.Faults[0].Column}: {record.Faults[0].Reason}.") { Record = record }
            : await EvaluateAsync(record, domain, depth, cancellationToken).ConfigureAwait(false);
    }

    private async Task<SpfVerdict> EvaluateAsync(SpfRecord record, string domain, int depth, CancellationToken cancellationToken)
    {
        foreach (var directive in record.Directives)
        {
            var place = Begin(directive, domain, depth);
            var (lookups, voids) = (_lookups, _voids);
            var match = await MatchAsync(directive, record, domain, depth, cancellationToken).ConfigureAwait(false);
            End(place, match.Error is { } error ? $"{Word(error.Result)}: {error.Reason}" : match.IsMatch ? $"{Word(directive.Result)} ({match.Detail})" : match.Detail, lookups, voids, directive);
            if (match.Error is not null) return match.Error;
            if (match.IsMatch)
                return new SpfVerdict(directive.Result, domain, $"{directive.Text} in the record of {domain} matches: {match.Detail}.") { Record = record, Term = directive };
        }
        return record.Redirect is { } redirect
            ? await RedirectAsync(redirect, record, domain, depth, cancellationToken).ConfigureAwait(false)
            : new SpfVerdict(SpfResult.Neutral, domain, $"Nothing in the record of {domain} matches.") { Record = record };
    }

    private async ValueTask<SpfMatch> MatchAsync(SpfDirective directive, SpfRecord record, string domain, int depth, CancellationToken cancellationToken)
    {
        if (directive.AsksDns && CountLookup(directive, record, domain) is { } over) return new SpfMatch(false, over);
        var target = directive.Domain is { } named ? await ExpandNameAsync(named, domain, cancellationToken).ConfigureAwait(false) : SpfNames.Bare(domain);
        if (directive.Mechanism == SpfMechanism.Include) return await IncludeAsync(directive, record, domain, target, depth, cancellationToken).ConfigureAwait(false);
        // RFC 7208 section 4.8 leaves open what a name is that cannot be in the DNS: it is not there.
        if (directive.AsksDns && !SpfNames.IsWellFormed(target)) return SpfMatch.No($"'{target}' is no name that can be in the DNS");

        var found = await _hosts.MatchAsync(directive, target, cancellationToken).ConfigureAwait(false);
        if (found.IsVoid && ++_voids > limits.MaxVoidLookups)
            return Ends(SpfResult.PermError, $"{directive.Text} in the record of {domain} is one look-up too many that finds nothing; {limits.MaxVoidLookups} are allowed.");
        return found.Error is { } error ? Ends(error, found.Detail) : SpfMatch.Is(found.IsMatch, found.Detail);

        SpfMatch Ends(SpfResult result, string reason) => new(false, new SpfVerdict(result, domain, reason) { Record = record, Term = directive });
    }

    // RFC 7208 section 5.2: only pass is a match; no record there is an error here.
    private async ValueTask<SpfMatch> IncludeAsync(SpfDirective directive, SpfRecord record, string domain, string target, int depth, CancellationToken cancellationToken)
    {
        var inner = await CheckHostAsync(target, depth + 1, cancellationToken).ConfigureAwait(false);
        return inner.Result switch
        {
            SpfResult.Pass => SpfMatch.Yes($"{target} lets the client pass"),
            SpfResult.TempError or SpfResult.PermError => new SpfMatch(false, inner),
            SpfResult.None => new SpfMatch(false, new SpfVerdict(SpfResult.PermError, domain, $"{directive.Text} in the record of {domain} leads nowhere: {inner.Reason}") { Record = record, Term = directive }),
            _ => SpfMatch.No($"{target} says {Word(inner.Result)}"),
        };
    }

    // RFC 7208 section 6.1.
    private async Task<SpfVerdict> RedirectAsync(SpfModifier redirect, SpfRecord record, string domain, int depth, CancellationToken cancellationToken)
    {
        var place = Begin(redirect, domain, depth);
        var (lookups, voids) = (_lookups, _voids);
        var verdict = CountLookup(redirect, record, domain);
        if (verdict is null)
        {
            var target = await ExpandNameAsync(redirect.Value, domain, cancellationToken).ConfigureAwait(false);
            verdict = await CheckHostAsync(target, depth + 1, cancellationToken).ConfigureAwait(false);
            if (verdict.Result == SpfResult.None)
                verdict = new SpfVerdict(SpfResult.PermError, domain, $"{redirect.Text} in the record of {domain} leads nowhere: {verdict.Reason}") { Record = record, Term = redirect };
        }
        End(place, verdict.Result == SpfResult.PermError ? $"{Word(verdict.Result)}: {verdict.Reason}" : Word(verdict.Result), lookups, voids, redirect);
        return verdict;
    }

    private SpfVerdict? CountLookup(SpfTerm term, SpfRecord record, string domain) => ++_lookups <= limits.MaxLookups
        ? null
        : new SpfVerdict(SpfResult.PermError, domain, $"{term.Text} in the record of {domain} is one look-up too many; {limits.MaxLookups} are allowed.") { Record = record, Term = term };

    private async ValueTask<string> ExpandNameAsync(MacroText text, string domain, CancellationToken cancellationToken) =>
        SpfNames.Shorten(await ExpandAsync(text, domain, cancellationToken).ConfigureAwait(false));

    private async ValueTask<string> ExpandAsync(MacroText text, string domain, CancellationToken cancellationToken)
    {
        var name = text.UsesName ? await _hosts.NameOfClientAsync(domain, cancellationToken).ConfigureAwait(false) : "unknown";
        return text.Expand(letter => SpfMacros.ValueOf(letter, subject, domain, name));
    }

    /// <summary>The words of a domain (RFC 7208 section 6.2); null where there are none, or none that can be read, which changes nothing else.</summary>
    private async Task<string?> ExplainAsync(MacroText place, string domain, CancellationToken cancellationToken)
    {
        var target = await ExpandNameAsync(place, domain, cancellationToken).ConfigureAwait(false);
        if (!SpfNames.IsWellFormed(target)) return null;
        var answer = await dns.ResolveTxtAsync(target, cancellationToken).ConfigureAwait(false);
        if (answer.Status != DnsStatus.Found || answer.Records.Count != 1) return null;
        return MacroText.Read(answer.Records[0], MacroUse.Explanation, 1, out _) is { } text ? await ExpandAsync(text, domain, cancellationToken).ConfigureAwait(false) : null;
    }

    private int Begin(SpfTerm term, string domain, int depth)
    {
        _tree.Add(new SpfTreeEntry { Depth = depth, Domain = domain, Term = term.Text });
        return _tree.Count - 1;
    }

    private void End(int place, string outcome, int lookups, int voids, SpfTerm term) => _tree[place] = new SpfTreeEntry
    {
        Depth = _tree[place].Depth,
        Domain = _tree[place].Domain,
        Term = term.Text,
        Outcome = outcome,
        LookupCount = _lookups - lookups,
        IsVoid = _voids > voids && term is SpfDirective { Mechanism: not SpfMechanism.Include },
    };

    private static string Word(SpfResult result) => SpfWords.Of(result);
}
