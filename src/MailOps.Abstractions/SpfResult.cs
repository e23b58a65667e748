namespace MailOps;

/// <summary>What SPF says of a client and a sender (RFC 7208 section 2.6).</summary>
public enum SpfResult
{
    /// <summary>Nothing: the domain publishes no record, or there is no domain to ask about.</summary>
    None,
    /// <summary>The domain does not say whether the client may send for it.</summary>
    Neutral,
    /// <summary>The client may send for the domain.</summary>
    Pass,
    /// <summary>The client may not send for the domain.</summary>
    Fail,
    /// <summary>The client probably may not send for the domain.</summary>
    SoftFail,
    /// <summary>The DNS gave no answer; another try may succeed.</summary>
    TempError,
    /// <summary>The domain's records are wrong; no try will succeed before they are corrected.</summary>
    PermError,
}
