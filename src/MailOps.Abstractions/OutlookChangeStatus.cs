namespace MailOps;

/// <summary>What became of an account that was to be changed.</summary>
public enum OutlookChangeStatus
{
    /// <summary>It was changed, and read back.</summary>
    Changed,
    /// <summary>All was as it should be; nothing was written.</summary>
    Unchanged,
    /// <summary>It has no SMTP server to set: an account of Exchange, say.</summary>
    NotApplicable,
    /// <summary>It could not be changed, and is as it was unless the error says otherwise.</summary>
    Failed,
}
