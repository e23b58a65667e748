namespace MailOps.Policies.Dane;

/// <summary>What keeps a certificate from being the one that TLSA records speak of.</summary>
/// <param name="Kind">Which of the ways.</param>
/// <param name="Text">In words.</param>
public sealed record DaneFault(DaneFaultKind Kind, string Text);

/// <summary>The ways in which a certificate fails its TLSA records.</summary>
public enum DaneFaultKind
{
    /// <summary>None of the records matches.</summary>
    NoMatch,
    /// <summary>The authority of a record has not signed it, or not for a server.</summary>
    NotTrusted,
    /// <summary>It, or one above it, is not valid at this time.</summary>
    NotTimeValid,
    /// <summary>The authority of a record has signed it for another name.</summary>
    OtherName,
}
