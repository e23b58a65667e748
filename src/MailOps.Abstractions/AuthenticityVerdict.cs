namespace MailOps;

/// <summary>Whether the domain in the From field stands for a message.</summary>
public enum AuthenticityVerdict
{
    /// <summary>It does: DMARC passes; or the domain has no policy, and a domain that is its own has passed SPF or DKIM.</summary>
    Authentic,
    /// <summary>Nobody does: the domain has no policy, and nothing that has passed is its own.</summary>
    Unproven,
    /// <summary>It does not: DMARC fails, or the message has no author that can be asked about.</summary>
    Failed,
    /// <summary>It cannot be told: the DNS gave no answer, or it is not known from where the message came.</summary>
    Unknown,
}
