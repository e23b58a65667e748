namespace MailOps;

/// <summary>What came of a signature (RFC 8601 section 2.7.1).</summary>
public enum DkimResult
{
    /// <summary>There is none.</summary>
    None,
    /// <summary>It verifies: the domain has signed just this.</summary>
    Pass,
    /// <summary>It does not verify: something was changed, or another key has signed.</summary>
    Fail,
    /// <summary>It is not accepted, whether or not it verifies: the key is too short, it has expired, a limit was reached.</summary>
    Policy,
    /// <summary>It cannot be evaluated: it is malformed, or of a kind that nobody knows.</summary>
    Neutral,
    /// <summary>The DNS gave no answer; another try may succeed.</summary>
    TempError,
    /// <summary>It cannot be verified, and no try will succeed: there is no key, or it is revoked or wrong.</summary>
    PermError,
}
