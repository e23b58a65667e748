namespace MailOps;

/// <summary>What came of a chain of ARC (RFC 8617 section 4.4).</summary>
public enum ArcResult
{
    /// <summary>There is none.</summary>
    None,
    /// <summary>It is whole, and the message is the one that its last server has sealed.</summary>
    Pass,
    /// <summary>It is broken.</summary>
    Fail,
    /// <summary>The DNS gave no answer; another try may succeed.</summary>
    TempError,
}
