namespace MailOps;

/// <summary>What DMARC says of a message (RFC 8601 section 2.7.4).</summary>
public enum DmarcResult
{
    /// <summary>Nothing: the author's domain has no policy, or what is needed to tell is not known.</summary>
    None,
    /// <summary>A domain that has passed SPF or DKIM stands for the author's.</summary>
    Pass,
    /// <summary>The author's domain has a policy, and nothing that has passed stands for it.</summary>
    Fail,
    /// <summary>The DNS gave no answer; another try may succeed.</summary>
    TempError,
    /// <summary>The message has no author that can be asked about, or the domain's record is wrong.</summary>
    PermError,
}
