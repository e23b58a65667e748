namespace MailOps.Authenticity.Dmarc;

/// <summary>A DMARC record as receivers read it (RFC 9989 section 4.7): a value that cannot be read counts as its default, and what they do not know is passed over.</summary>
internal sealed class DmarcRecord
{
    private DmarcRecord(string text, string domain)
    {
        Text = text;
        Domain = domain;
        Tags = TagList.Read(text, StringComparison.OrdinalIgnoreCase);
        Aggregate = DmarcUri.ReadAll(Tags["rua"]);
        Failure = DmarcUri.ReadAll(Tags["ruf"]);
    }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>Whose it is, in A-label form.</summary>
    public string Domain { get; }

    /// <summary>Its tags.</summary>
    public TagList Tags { get; }

    /// <summary>Where aggregate reports go.</summary>
    public IReadOnlyList<DmarcUri> Aggregate { get; }

    /// <summary>Where reports about single messages go.</summary>
    public IReadOnlyList<DmarcUri> Failure { get; }

    /// <summary>Whether receivers apply it: with a good policy, or where none is needed because somebody wants reports (RFC 9989 section 4.10.1).</summary>
    public bool Applies => HasGoodPolicies || IsForReports;

    /// <summary>Whether somebody wants aggregate reports.</summary>
    public bool IsForReports => Aggregate.Any(uri => uri.Fault is null);

    /// <summary>The policy for the domain; none where a policy cannot be read.</summary>
    public DmarcPolicy Policy => HasGoodPolicies ? PolicyOf("p")!.Value : DmarcPolicy.None;

    /// <summary>The policy for names below it that exist.</summary>
    public DmarcPolicy SubdomainPolicy => HasGoodPolicies ? PolicyOf("sp") ?? Policy : DmarcPolicy.None;

    /// <summary>The policy for names below it that do not exist.</summary>
    public DmarcPolicy NonexistentPolicy => HasGoodPolicies ? PolicyOf("np") ?? SubdomainPolicy : DmarcPolicy.None;

    /// <summary>Whether receivers are asked not to apply the policy.</summary>
    public bool IsTesting => Is("t", "y");

    /// <summary>Whether it says of itself that it is a public suffix: y, n, or nothing.</summary>
    public bool? IsPublicSuffix => Is("psd", "y") ? true : Is("psd", "n") ? false : null;

    private bool HasGoodPolicies => PolicyOf("p") is not null && IsGoodOrAbsent("sp") && IsGoodOrAbsent("np");

    /// <summary>Whether a TXT record is a DMARC record: the version comes first, in just these letters.</summary>
    public static bool IsOne(string text)
    {
        var first = TagList.Read(text.Split(';')[0], StringComparison.OrdinalIgnoreCase);
        return first["v"] is { Value: "DMARC1" };
    }

    /// <summary>Reads a text of which <see cref="IsOne"/> is true.</summary>
    public static DmarcRecord Read(string text, string domain) => new(text, domain);

    /// <summary>How near a domain has to be, by adkim or aspf.</summary>
    public DmarcAlignment AlignmentOf(string tag) => Is(tag, "s") ? DmarcAlignment.Strict : DmarcAlignment.Relaxed;

    /// <summary>The policy of a tag; null where it is absent or none.</summary>
    public DmarcPolicy? PolicyOf(string tag) => Tags[tag]?.Value.ToLowerInvariant() switch
    {
        "none" => DmarcPolicy.None,
        "quarantine" => DmarcPolicy.Quarantine,
        "reject" => DmarcPolicy.Reject,
        _ => null,
    };

    private bool Is(string tag, string value) => string.Equals(Tags[tag]?.Value, value, StringComparison.OrdinalIgnoreCase);

    private bool IsGoodOrAbsent(string tag) => Tags[tag] is null || PolicyOf(tag) is not null;
}
