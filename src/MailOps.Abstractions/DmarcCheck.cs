namespace MailOps;

/// <summary>What DMARC (RFC 9989) says of a message.</summary>
public sealed class DmarcCheck
{
    /// <summary>The result.</summary>
    public DmarcResult Result { get; init; }
    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }
    /// <summary>What to do about it; null where nothing is to be done.</summary>
    public string? Advice { get; init; }
    /// <summary>The domain of the From field.</summary>
    public string? Domain { get; init; }
    /// <summary>The policy that the domain publishes for this mail; null where there is none.</summary>
    public DmarcPolicy? Policy { get; init; }
    /// <summary>What the domain asks receivers to do with this message where DMARC fails: its policy, or None while it only tries it (t=y); null where DMARC does not fail.</summary>
    public DmarcPolicy? RequestedAction { get; init; }
    /// <summary>What stands for the domain, as in <c>dkim=example.com</c>; empty where nothing does.</summary>
    public string[] AlignedBy { get; init; } = [];
    /// <summary>How near the domain of a DKIM signature has to be.</summary>
    public DmarcAlignment DkimAlignment { get; init; }
    /// <summary>How near the domain that SPF passed has to be.</summary>
    public DmarcAlignment SpfAlignment { get; init; }
    /// <summary>The record that counts; null where there is none.</summary>
    public string? Record { get; init; }
    /// <summary>Whose record it is.</summary>
    public string? RecordDomain { get; init; }
    /// <summary>The domain that both names of a relaxed alignment must share.</summary>
    public string? OrganizationalDomain { get; init; }

    /// <summary>Result and domain.</summary>
    public override string ToString() => Domain is null ? $"{Result}" : $"{Result} {Domain}";
}
