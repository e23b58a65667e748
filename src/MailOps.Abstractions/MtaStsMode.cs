namespace MailOps;

/// <summary>What a sender does where no mail exchanger passes the policy (RFC 8461 section 5).</summary>
public enum MtaStsMode
{
    /// <summary>Nothing: the domain has no policy any more.</summary>
    None,
    /// <summary>It delivers all the same, and reports the failure where reports are asked for.</summary>
    Testing,
    /// <summary>It does not deliver.</summary>
    Enforce,
}
