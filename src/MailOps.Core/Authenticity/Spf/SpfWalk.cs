using System.Net.Sockets;
using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity.Spf;

/// <summary>Goes through a record and all that it leads to, as for a client that nothing matches, and notes what is found.</summary>
internal sealed class SpfWalk(IDnsInspector dns, SpfLimits limits)
{
    /// <summary>Terms whose questions are asked: enough for a record that is far beyond the limit, and an end for one made to have none.</summary>
    private const int MaxAsked = 60;

    /// <summary>Terms and findings that are kept; records of strangers may have many thousands.</summary>
    private const int MaxKept = 1000;

    private readonly List<SpfTreeEntry> _tree = [];
    private readonly List<RecordFinding> _findings = [];
    private readonly List<string> _path = [];
    private (string Domain, SpfTerm Term)? _over;
    private (string Domain, SpfTerm Term)? _overVoid;

    public int Lookups { get; private set; }

    public int Voids { get; private set; }

    public SpfTreeEntry[] Tree => [.. _tree];

    /// <summary>The findings; those about the limits are the last.</summary>
    public IEnumerable<RecordFinding> Findings
    {
        get
        {
            foreach (var finding in _findings) yield return finding;
            if (_over is { } over)
            {
                yield return DomainRecords.Find(FindingSeverity.Error, over.Domain, over.Term.Column,
                    $"With {over.Term.Text} there are more than {limits.MaxLookups} look-ups ({Lookups} in all): receivers give PermError.", "Leave out what sends no more, or name addresses by ip4: and ip6:.");
            }
            if (_overVoid is { } overVoid)
            {
                yield return DomainRecords.Find(FindingSeverity.Error, overVoid.Domain, overVoid.Term.Column,
                    $"With {overVoid.Term.Text} more than {limits.MaxVoidLookups} look-ups find nothing ({Voids} in all): receivers give PermError.", "Leave out the terms whose names are gone.");
            }
        }
    }

    /// <summary>Goes through one record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="domain">Whose it is.</param>
    /// <param name="isLast">Whether what it says of the rest counts.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    public async Task ReadAsync(SpfRecord record, string domain, bool isLast, CancellationToken cancellationToken)
    {
        _findings.AddRange(SpfJudgement.Of(record, domain, isLast).Take(MaxKept - Math.Min(MaxKept, _findings.Count)));
        _path.Add(domain);
        var isReached = true;
        foreach (var directive in record.Directives.TakeWhile(_ => _tree.Count < MaxKept))
        {
            if (isReached) await TakeAsync(directive, domain, cancellationToken).ConfigureAwait(false);
            else End(Begin(directive, domain), "never reached", 0);
            isReached &= directive.Mechanism != SpfMechanism.All;
        }
        if (record.Redirect is { } redirect)
        {
            var place = Begin(redirect, domain);
            var before = Lookups;
            Count(redirect, domain);
            End(place, await FollowAsync(redirect, redirect.Value, domain, isLast, cancellationToken).ConfigureAwait(false), Lookups - before);
        }
        if (record.Explanation is { } explanation) await ExplainAsync(explanation, domain, cancellationToken).ConfigureAwait(false);
        _path.RemoveAt(_path.Count - 1);
    }

    private async Task TakeAsync(SpfDirective directive, string domain, CancellationToken cancellationToken)
    {
        var place = Begin(directive, domain);
        var (before, voids) = (Lookups, Voids);
        if (directive.AsksDns) Count(directive, domain);
        var outcome = directive.Mechanism switch
        {
            SpfMechanism.All or SpfMechanism.Ip4 or SpfMechanism.Ip6 => SpfWords.Of(directive.Result),
            SpfMechanism.Include => await FollowAsync(directive, directive.Domain!, domain, isLast: false, cancellationToken).ConfigureAwait(false),
            SpfMechanism.Ptr => "depends on the client",
            _ => await AskAsync(directive, domain, cancellationToken).ConfigureAwait(false),
        };
        End(place, outcome, Lookups - before, isVoid: Voids > voids && directive.Mechanism != SpfMechanism.Include);
    }

    private async Task<string> AskAsync(SpfDirective directive, string domain, CancellationToken cancellationToken)
    {
        if (Target(directive.Domain, domain) is not { } target) return "depends on the message";
        if (!SpfNames.IsWellFormed(target)) return Note(FindingSeverity.Warning, directive, domain, $"'{target}' is no name that can be in the DNS", "Correct the name.");
        if (Lookups > MaxAsked) return "not asked";
        if (directive.Mechanism == SpfMechanism.Mx)
        {
            var answer = await dns.ResolveMxAsync(target, cancellationToken).ConfigureAwait(false);
            if (answer.Records.Count > limits.MaxNames)
                return Note(FindingSeverity.Error, directive, domain, $"{target} has {answer.Records.Count} mail exchangers; with more than {limits.MaxNames} receivers give PermError", "Name the servers by ip4: and ip6:.");
            return Outcome(answer.Status, answer.Records.Count, "mail exchanger", answer.Detail, directive, domain, target);
        }
        var four = await dns.ResolveAddressesAsync(target, AddressFamily.InterNetwork, cancellationToken).ConfigureAwait(false);
        if (directive.Mechanism == SpfMechanism.Exists || four.Status == DnsStatus.Failed) return Outcome(four.Status, four.Records.Count, "address", four.Detail, directive, domain, target);
        var six = await dns.ResolveAddressesAsync(target, AddressFamily.InterNetworkV6, cancellationToken).ConfigureAwait(false);
        return Outcome(six.Status, four.Records.Count + six.Records.Count, "address", six.Detail, directive, domain, target);
    }

    private string Outcome(DnsStatus status, int count, string what, string? detail, SpfDirective directive, string domain, string target)
    {
        if (status == DnsStatus.Failed) return Note(FindingSeverity.Warning, directive, domain, $"the DNS gave no answer for {target}: {detail}", "Receivers give TempError while that is so. Check the name servers of the domain.");
        if (count > 0) return $"{count} {what}{(count == 1 ? "" : what == "address" ? "es" : "s")}";
        if (++Voids > limits.MaxVoidLookups) _overVoid ??= (domain, directive);
        return Note(FindingSeverity.Warning, directive, domain, $"{target} has no {what}", "Leave the term out, or correct the name.");
    }

    /// <summary>Reads the record that an include or redirect leads to.</summary>
    private async Task<string> FollowAsync(SpfTerm term, MacroText text, string domain, bool isLast, CancellationToken cancellationToken)
    {
        if (Target(text, domain) is not { } target) return "depends on the message";
        if (_path.Contains(target, StringComparer.OrdinalIgnoreCase)) return Note(FindingSeverity.Error, term, domain, $"it leads back to {target}, again and again", "Leave it out.");
        if (Lookups > MaxAsked) return "not followed";
        if (!SpfNames.IsWellFormed(target)) return Note(FindingSeverity.Error, term, domain, $"'{target}' is no name that can be in the DNS", "Correct the name.");
        var answer = await dns.ResolveTxtAsync(target, cancellationToken).ConfigureAwait(false);
        if (answer.Status == DnsStatus.Failed)
            return Note(FindingSeverity.Warning, term, domain, $"the DNS gave no answer for {target}: {answer.Detail}", "Receivers give TempError while that is so. Try again; ask who runs that domain.");
        var records = answer.Records.Where(SpfRecord.IsOne).ToArray();
        if (records.Length != 1)
        {
            var what = answer.Status == DnsStatus.NoSuchDomain ? $"{target} does not exist" : records.Length == 0 ? $"{target} has no SPF record" : $"{target} has {records.Length} SPF records";
            return Note(FindingSeverity.Error, term, domain, what + ": receivers give PermError", records.Length > 1 ? "Ask who runs that domain to leave one." : "Leave the term out, or correct the name.");
        }
        await ReadAsync(SpfParser.Parse(records[0]), target, isLast, cancellationToken).ConfigureAwait(false);
        return $"the record of {target}";
    }

    private async Task ExplainAsync(SpfModifier explanation, string domain, CancellationToken cancellationToken)
    {
        var place = Begin(explanation, domain);
        End(place, await FindTextAsync(explanation, domain, cancellationToken).ConfigureAwait(false), 0);
    }

    private async Task<string> FindTextAsync(SpfModifier explanation, string domain, CancellationToken cancellationToken)
    {
        if (Target(explanation.Value, domain) is not { } target || !SpfNames.IsWellFormed(target)) return "depends on the message";
        if (Lookups > MaxAsked) return "not asked";
        var answer = await dns.ResolveTxtAsync(target, cancellationToken).ConfigureAwait(false);
        if (answer.Records.Count != 1) return Note(FindingSeverity.Warning, explanation, domain, $"{target} has {(answer.Records.Count == 0 ? "no" : "more than one")} text to explain with", "Publish one TXT record there, or leave exp out.");
        SpfFault? fault = null;
        return MacroText.Read(answer.Records[0], MacroUse.Explanation, 1, out fault) is null
            ? Note(FindingSeverity.Warning, explanation, domain, $"the text of {target} is wrong at character {fault!.Column}: {fault.Reason}", fault.Advice ?? "Correct it: receivers pass over it.")
            : answer.Records[0];
    }

    // Null where it is something else for each message.
    private static string? Target(MacroText? text, string domain) => text is null ? domain : text.Varies ? null : SpfNames.Shorten(text.Expand(_ => domain));

    private void Count(SpfTerm term, string domain)
    {
        if (++Lookups > limits.MaxLookups) _over ??= (domain, term);
    }

    private string Note(FindingSeverity severity, SpfTerm term, string domain, string what, string advice)
    {
        _findings.Add(DomainRecords.Find(severity, domain, term.Column, $"{term.Text}: {what}.", advice));
        return Printable.Escape(what);
    }

    private int Begin(SpfTerm term, string domain)
    {
        _tree.Add(new SpfTreeEntry { Depth = _path.Count - 1, Domain = Printable.Escape(domain), Term = Printable.Escape(term.Text) });
        return _tree.Count - 1;
    }

    private void End(int place, string outcome, int lookups, bool isVoid = false) => _tree[place] = new SpfTreeEntry
    {
        Depth = _tree[place].Depth,
        Domain = _tree[place].Domain,
        Term = _tree[place].Term,
        Outcome = Printable.Escape(outcome),
        LookupCount = lookups,
        IsVoid = isVoid,
    };
}
