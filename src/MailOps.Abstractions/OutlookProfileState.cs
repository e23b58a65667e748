namespace MailOps;

/// <summary>How far a profile of classic Outlook is that is made by a PRF file.</summary>
public enum OutlookProfileState
{
    /// <summary>Nothing has been done, or nothing is known of such a file.</summary>
    None,
    /// <summary>The file is written, and nobody has told Outlook of it.</summary>
    Written,
    /// <summary>Outlook imports the file when it starts next.</summary>
    Staged,
    /// <summary>Outlook has taken the file, and the account is not there: sometimes it comes with the second start, sometimes never.</summary>
    Consumed,
    /// <summary>The account is in the profile, with the servers that were wanted.</summary>
    Verified,
    /// <summary>The account is in the profile, with other servers: Set-OutlookSmtpProfile changes them.</summary>
    Different,
}
