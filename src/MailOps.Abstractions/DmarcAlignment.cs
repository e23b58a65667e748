namespace MailOps;

/// <summary>How near the authenticated domain has to be to that of the From field.</summary>
public enum DmarcAlignment
{
    /// <summary>Both have the same organizational domain.</summary>
    Relaxed,
    /// <summary>Both are the same.</summary>
    Strict,
}
