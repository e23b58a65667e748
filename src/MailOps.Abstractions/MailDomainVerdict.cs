namespace MailOps;

/// <summary>What one check of a domain has come to, the best first.</summary>
public enum MailDomainVerdict
{
    /// <summary>There is nothing to judge: nothing is published, seen or looked at.</summary>
    None,
    /// <summary>It is as it should be.</summary>
    Pass,
    /// <summary>It could not be found out: the DNS or somebody else did not answer.</summary>
    Unknown,
    /// <summary>It works, but something should be changed.</summary>
    Warning,
    /// <summary>It does not work, or does harm.</summary>
    Fail,
}
