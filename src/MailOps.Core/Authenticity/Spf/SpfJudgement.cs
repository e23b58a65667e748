using MailOps.Dns;

namespace MailOps.Authenticity.Spf;

/// <summary>What can be said of a record by its text alone.</summary>
internal static class SpfJudgement
{
    // RFC 7208 section 3.4: an answer of 512 octets holds a record of about 450.
    private const int LongestRecord = 450;
    private const int WidePrefix4 = 8;
    private const int WidePrefix6 = 16;

    /// <summary>The findings, in the order of the text.</summary>
    /// <param name="record">The record.</param>
    /// <param name="domain">Whose it is.</param>
    /// <param name="isLast">Whether what it says of the rest counts: not for what is included.</param>
    public static IEnumerable<RecordFinding> Of(SpfRecord record, string domain, bool isLast)
    {
        var findings = record.Faults.Select(fault => DomainRecords.Find(FindingSeverity.Error, domain, fault.Column, Sentence(fault.Reason), fault.Advice ?? "Correct it: with one fault receivers give PermError for all mail."))
            .Concat(record.Ignored.Select(fault => DomainRecords.Find(FindingSeverity.Warning, domain, fault.Column, Sentence(fault.Reason + ", and stands behind all, where nothing counts"), fault.Advice)))
            .Concat(Order(record, domain))
            .Concat(record.Directives.Select(directive => OfDirective(directive, domain, isLast)).OfType<RecordFinding>())
            .Concat(record.Terms.OfType<SpfModifier>().Select(modifier => OfModifier(modifier, domain)).OfType<RecordFinding>())
            .OrderBy(finding => finding.Column);
        return findings.Concat(Whole(record, domain, isLast));
    }

    private static IEnumerable<RecordFinding> Order(SpfRecord record, string domain)
    {
        var all = record.Directives.FirstOrDefault(directive => directive.Mechanism == SpfMechanism.All);
        if (all is not null)
        {
            foreach (var late in record.Directives.Where(directive => directive.Column > all.Column))
                yield return DomainRecords.Find(FindingSeverity.Warning, domain, late.Column, $"{late.Text} stands behind {all.Text} and is never reached.", "Put all at the end.");
            if (record.Modifier("redirect") is { } redirect)
                yield return DomainRecords.Find(FindingSeverity.Warning, domain, redirect.Column, $"{redirect.Text} stands beside {all.Text} and is ignored.", "Leave one of the two.");
        }
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var again in record.Directives.Where(directive => !seen.Add(directive.Text)))
            yield return DomainRecords.Find(FindingSeverity.Warning, domain, again.Column, $"{again.Text} stands here a second time.", "Leave it out.");
    }

    private static RecordFinding? OfDirective(SpfDirective directive, string domain, bool isLast)
    {
        if (directive.Domain?.UsesName == true)
            return DomainRecords.Find(FindingSeverity.Warning, domain, directive.Column, $"{directive.Text} uses the macro p, which is slow and should not be used.", "Use another macro, such as i.");
        return (directive.Mechanism, directive.Result) switch
        {
            (SpfMechanism.All, SpfResult.Pass) =>
                DomainRecords.Find(FindingSeverity.Error, domain, directive.Column, $"{directive.Text} lets the whole world send for the domain.", "Write -all, or ~all for the time of a change, and name the servers before it."),
            (SpfMechanism.All, SpfResult.Neutral) when isLast => DomainRecords.Find(FindingSeverity.Warning, domain, directive.Column, "?all says nothing of all other servers.", "Write -all or ~all."),
            (SpfMechanism.Ptr, _) =>
                DomainRecords.Find(FindingSeverity.Warning, domain, directive.Column, "ptr is slow and unreliable, and should not be published; some receivers skip it.", "Name the servers by ip4:, ip6:, a or mx."),
            (SpfMechanism.Ip4 or SpfMechanism.Ip6, SpfResult.Pass) when Width(directive) is { } width =>
                DomainRecords.Find(width == 0 ? FindingSeverity.Error : FindingSeverity.Warning, domain, directive.Column, $"{directive.Text} lets a very large part of the Internet send for the domain.", "Name the servers alone."),
            _ => null,
        };
    }

    // Null where it is no large network.
    private static int? Width(SpfDirective directive)
    {
        var (prefix, wide) = directive.Network!.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? (directive.Prefix4, WidePrefix4) : (directive.Prefix6, WidePrefix6);
        return prefix <= wide ? prefix : null;
    }

    private static RecordFinding? OfModifier(SpfModifier modifier, string domain) => modifier.Name switch
    {
        "redirect" or "exp" => null,
        "v" => DomainRecords.Find(FindingSeverity.Warning, domain, modifier.Column, $"{modifier.Text} stands in the middle of the record, as if two had been joined.", "Leave it out, and see that all stands once, at the end."),
        "all" or "include" or "a" or "mx" or "ptr" or "ip4" or "ip6" or "exists" =>
            DomainRecords.Find(FindingSeverity.Warning, domain, modifier.Column, $"{modifier.Text} has an equals sign, and so is no mechanism and means nothing.", $"Write {modifier.Name}: with a colon."),
        _ => DomainRecords.Find(FindingSeverity.Information, domain, modifier.Column, $"{modifier.Text} means nothing to SPF.", "Leave it out unless something else reads it."),
    };

    private static IEnumerable<RecordFinding> Whole(SpfRecord record, string domain, bool isLast)
    {
        if (record.Text.Length > LongestRecord)
        {
            yield return DomainRecords.Find(FindingSeverity.Warning, domain, 0, $"The record has {record.Text.Length} characters; beyond {LongestRecord} an answer may not fit into one packet.",
                "Move some terms to a record of their own and include that.");
        }
        if (isLast && record.Redirect is null && !record.Directives.Any(directive => directive.Mechanism == SpfMechanism.All))
            yield return DomainRecords.Find(FindingSeverity.Warning, domain, record.Text.Length, "The record does not end with all: it says nothing of servers that it does not name.", "Add -all or ~all at the end.");
    }

    private static string Sentence(string reason) => char.ToUpperInvariant(reason[0]) + reason.Substring(1) + ".";
}
