namespace MailOps;

/// <summary>How Outlook logs in to the outgoing server.</summary>
public enum OutlookAuthentication
{
    /// <summary>Not at all.</summary>
    None,
    /// <summary>With the user name and password of the incoming server.</summary>
    SameAsIncoming,
    /// <summary>With a user name and password of its own.</summary>
    OwnUser,
    /// <summary>By logging in to the incoming server first.</summary>
    PopBeforeSmtp,
}
