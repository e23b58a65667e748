using System.Globalization;
using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity.Dmarc;

/// <summary>What can be said of a DMARC record by its text alone.</summary>
internal static class DmarcJudgement
{
    private static readonly HashSet<string> Known = new(["v", "p", "sp", "np", "psd", "t", "adkim", "aspf", "fo", "rua", "ruf", "pct", "rf", "ri"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The findings, in the order of the text.</summary>
    /// <param name="record">The record.</param>
    /// <param name="isOwn">Whether it is the record of the domain that was asked about.</param>
    public static IEnumerable<RecordFinding> Of(DmarcRecord record, bool isOwn)
    {
        var findings = record.Tags.Faults.Select(fault => Say(record, FindingSeverity.Error, fault.Column, fault.Reason, "Correct it: some receivers pass the whole record over."))
            .Concat(Policies(record))
            .Concat(Values(record))
            .Concat(Order(record))
            .Concat(Uris(record))
            .Concat(Removed(record))
            .OrderBy(finding => finding.Column);
        return isOwn ? findings : findings.Prepend(Say(record, FindingSeverity.Information, 0, $"The domain has no record of its own; that of {record.Domain} counts for it.", null));
    }

    private static RecordFinding Say(DmarcRecord record, FindingSeverity severity, int column, string message, string? advice) =>
        DomainRecords.Find(severity, record.Domain, column, message, advice);

    private static IEnumerable<RecordFinding> Policies(DmarcRecord record)
    {
        if (record.Tags["p"] is not { } policy)
        {
            yield return record.IsForReports
                ? Say(record, FindingSeverity.Warning, record.Text.Length, "The record has no p, which counts as p=none; older receivers pass the record over.", "Write p=none, quarantine or reject behind the version.")
                : Say(record, FindingSeverity.Error, record.Text.Length, "The record has neither p nor rua, so receivers pass it over.", "Write p=none, quarantine or reject behind the version.");
        }
        else if (record.PolicyOf("p") == DmarcPolicy.None)
        {
            yield return record.IsForReports
                ? Say(record, FindingSeverity.Information, policy.Column, "With p=none receivers report, and do nothing about forged mail.", "Once all mail of the domain passes, change it to quarantine or reject.")
                : Say(record, FindingSeverity.Warning, policy.Column, "With p=none and without rua the record does nothing at all.", "Add rua=mailto: with an address for reports, or change the policy.");
        }
        foreach (var name in new[] { "p", "sp", "np" })
        {
            if (record.Tags[name] is not { } tag) continue;
            if (record.PolicyOf(name) is not { } value)
            {
                yield return Say(record, record.IsForReports ? FindingSeverity.Warning : FindingSeverity.Error, tag.ValueColumn,
                    $"'{Printable.Shorten(tag.Value)}' is no policy, so receivers " + (record.IsForReports ? "act as if all policies were none." : "pass the record over."), "Write none, quarantine or reject.");
            }
            else if (value < record.PolicyOf("p"))
            {
                yield return Say(record, FindingSeverity.Warning, tag.Column, $"{tag.Name}={tag.Value} is weaker than p: names below the domain can be forged.", $"Leave {tag.Name} out, so that p counts for them too.");
            }
        }
        if (record.IsTesting) yield return Say(record, FindingSeverity.Information, record.Tags["t"]!.Column, "With t=y receivers report, and do not apply the policy.", "Leave it out when the test is over.");
        if (record.IsPublicSuffix == true)
            yield return Say(record, FindingSeverity.Information, record.Tags["psd"]!.Column, "psd=y says that the names below belong to others, as below a top-level domain.", "Leave it out unless the domain is a public suffix.");
    }

    private static IEnumerable<RecordFinding> Values(DmarcRecord record)
    {
        var rules = new (string Name, Func<string, bool> IsGood, string Advice)[]
        {
            ("adkim", value => value is "r" or "s", "Write r (relaxed) or s (strict)."),
            ("aspf", value => value is "r" or "s", "Write r (relaxed) or s (strict)."),
            ("t", value => value is "y" or "n", "Write y or n."),
            ("psd", value => value is "y" or "n" or "u", "Write y, n or u, or leave it out."),
            ("fo", value => value.Split(':').All(option => option.Trim() is "0" or "1" or "d" or "s"), "Write 0, 1, d, s, or d:s."),
        };
        foreach (var (name, isGood, advice) in rules)
        {
            if (record.Tags[name] is { } tag && !isGood(tag.Value.ToLowerInvariant()))
                yield return Say(record, FindingSeverity.Error, tag.ValueColumn, $"'{Printable.Shorten(tag.Value)}' is no value of {tag.Name}, so receivers act as if {tag.Name} were not there, or pass the record over.", advice);
        }
    }

    // RFC 7489 section 6.3 wants the policy right behind the version, and many receivers still do.
    private static IEnumerable<RecordFinding> Order(DmarcRecord record)
    {
        if (record.Tags["p"] is { } policy && record.Tags.Tags.Count > 1 && record.Tags.Tags[1] != policy)
            yield return Say(record, FindingSeverity.Error, policy.Column, "p does not stand right behind the version, so receivers of the older standard (RFC 7489) pass the record over.", "Write it right behind v=DMARC1;");
    }

    private static IEnumerable<RecordFinding> Uris(DmarcRecord record)
    {
        foreach (var uri in record.Aggregate.Concat(record.Failure))
        {
            if (uri.Fault is not null)
                yield return Say(record, FindingSeverity.Error, uri.Column, uri.Fault, "Write mailto: and an address, several with commas between; write %21 and %2C for ! and , within.");
            else if (uri.Host is null)
                yield return Say(record, FindingSeverity.Warning, uri.Column, $"Hardly any receiver sends reports to {Printable.Shorten(uri.Text)}.", "Write mailto: and an address.");
            else if (uri.HasLimit)
                yield return Say(record, FindingSeverity.Information, uri.Column, "The limit of size behind the address means nothing any more.", "Leave it out.");
        }
        if (record.Tags["rua"] is null && record.PolicyOf("p") > DmarcPolicy.None)
            yield return Say(record, FindingSeverity.Information, record.Text.Length, "Without rua nobody tells you which mail of the domain does not pass.", "Add rua=mailto: with an address for reports.");
        if (record.Tags["fo"] is { } options && record.Tags["ruf"] is null)
            yield return Say(record, FindingSeverity.Information, options.Column, "fo means nothing without ruf.", "Leave it out.");
    }

    private static IEnumerable<RecordFinding> Removed(DmarcRecord record)
    {
        if (record.Tags["pct"] is { } share)
        {
            var isAll = int.TryParse(share.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var percent) && percent == 100;
            yield return Say(record, isAll ? FindingSeverity.Information : FindingSeverity.Warning, share.Column,
                "pct is no longer part of DMARC: newer receivers apply the policy to all mail, whatever it says.", isAll ? "Leave it out." : "Leave it out; for the time of a test write t=y.");
        }
        foreach (var tag in record.Tags.Tags)
        {
            if (tag.Name.ToLowerInvariant() is "rf" or "ri") yield return Say(record, FindingSeverity.Information, tag.Column, $"{tag.Name} is no longer part of DMARC.", "Leave it out.");
            else if (!Known.Contains(tag.Name)) yield return Say(record, FindingSeverity.Information, tag.Column, $"{tag.Name} means nothing to DMARC.", "Leave it out, or correct its name.");
        }
    }
}
