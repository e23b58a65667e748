namespace MailOps;

/// <summary>What the test of an account has come to.</summary>
public enum OutlookSmtpVerdict
{
    /// <summary>All is as it should be.</summary>
    Pass,
    /// <summary>It may work, and should be looked at.</summary>
    Warning,
    /// <summary>It is not as it should be, or does not work.</summary>
    Fail,
    /// <summary>It has no SMTP server to set: an account of Exchange, say.</summary>
    NotApplicable,
}
