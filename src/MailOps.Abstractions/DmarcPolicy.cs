namespace MailOps;

/// <summary>What a domain wants done with mail that names it and does not pass DMARC.</summary>
public enum DmarcPolicy
{
    /// <summary>Nothing; only reports.</summary>
    None,
    /// <summary>It is taken for suspicious.</summary>
    Quarantine,
    /// <summary>It is taken for forged.</summary>
    Reject,
}
