using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Authenticity.Dkim;

/// <summary>What can be said of a DKIM key.</summary>
internal static class DkimJudgement
{
    private const int ShortestRsa = 1024;
    private const int GoodRsa = 2048;
    private static readonly string[] Known = ["v", "h", "k", "n", "p", "s", "t", "g"];

    /// <summary>The findings, in the order of the text.</summary>
    public static IEnumerable<RecordFinding> Of(DkimKeyRecord record, string domain)
    {
        return record.Tags.Faults.Select(fault => Say(FindingSeverity.Error, fault.Column, fault.Reason, "Correct it: receivers pass the record over."))
            .Concat(Version(record, Say))
            .Concat(Key(record, Say))
            .Concat(Uses(record, Say))
            .OrderBy(finding => finding.Column);

        RecordFinding Say(FindingSeverity severity, int column, string message, string? advice) => DomainRecords.Find(severity, domain, column, message, advice);
    }

    // RFC 6376 section 3.6.1: v is not needed, but where it is, it comes first and is DKIM1.
    private static IEnumerable<RecordFinding> Version(DkimKeyRecord record, Func<FindingSeverity, int, string, string?, RecordFinding> say)
    {
        if (record.Tags["v"] is not { } version) yield break;
        if (version.Value != "DKIM1") yield return say(FindingSeverity.Error, version.ValueColumn, $"'{Printable.Shorten(version.Value)}' is no version of DKIM, so receivers pass the record over.", "Write v=DKIM1.");
        else if (record.Tags.Tags[0] != version) yield return say(FindingSeverity.Error, version.Column, "v does not come first, so receivers pass the record over.", "Write v=DKIM1 at the beginning.");
    }

    private static IEnumerable<RecordFinding> Key(DkimKeyRecord record, Func<FindingSeverity, int, string, string?, RecordFinding> say)
    {
        if (record.Type is null)
            yield return say(FindingSeverity.Error, record.Tags["k"]!.ValueColumn, $"'{Printable.Shorten(record.Tags["k"]!.Value)}' is no kind of key that is known.", "Write k=rsa or k=ed25519.");
        if (record.Tags["p"] is not { } tag)
        {
            yield return say(FindingSeverity.Error, record.Text.Length, "There is no key (p=) in the record.", "Publish the key: p= and its base64 text.");
            yield break;
        }
        if (record.IsRevoked)
        {
            yield return say(FindingSeverity.Error, tag.Column, "The key is revoked: signatures by it do not count.", "Sign with another key; leave this record until no mail signed by it is on its way.");
        }
        else if (record.Type is { } type && record.Size is var size)
        {
            if (size == 0)
                yield return say(FindingSeverity.Error, tag.ValueColumn, type == DkimKeyType.Rsa ? "This is no RSA key in base64." : "This is no Ed25519 key in base64, which has 32 octets.", "Publish the key again, whole: a long text goes into several strings of one record.");
            // RFC 8301 section 3.2: receivers must not take less than 1024 bits, signers should use 2048.
            else if (type == DkimKeyType.Rsa && size < ShortestRsa)
                yield return say(FindingSeverity.Error, tag.ValueColumn, $"The key has {size} bits; receivers refuse less than {ShortestRsa}.", $"Make a key of {GoodRsa} bits under another selector.");
            else if (type == DkimKeyType.Rsa && size < GoodRsa)
                yield return say(FindingSeverity.Warning, tag.ValueColumn, $"The key has {size} bits, which is short.", $"Make a key of {GoodRsa} bits under another selector.");
        }
    }

    private static IEnumerable<RecordFinding> Uses(DkimKeyRecord record, Func<FindingSeverity, int, string, string?, RecordFinding> say)
    {
        if (record.Tags["h"] is { } hashes && !record.Has("h", "sha256"))
            yield return say(FindingSeverity.Error, hashes.Column, "The key is not for sha256, the one hash that counts.", "Leave h out, or write h=sha256.");
        if (record.Tags["s"] is { } services && !record.Has("s", "*") && !record.Has("s", "email"))
            yield return say(FindingSeverity.Error, services.Column, "The key is not for e-mail.", "Leave s out, or write s=email.");
        if (record.Has("t", "y"))
            yield return say(FindingSeverity.Warning, record.Tags["t"]!.Column, "With t=y the domain only tries DKIM, and receivers may take its mail for unsigned.", "Leave y out when the test is over.");
        if (record.Tags["g"] is { } granularity)
            yield return say(FindingSeverity.Information, granularity.Column, "g is no longer part of DKIM.", "Leave it out.");
        foreach (var tag in record.Tags.Tags.Where(tag => !Known.Contains(tag.Name, StringComparer.Ordinal)))
            yield return say(FindingSeverity.Information, tag.Column, $"{tag.Name} means nothing to DKIM.", "Leave it out, or correct its name.");
    }
}
