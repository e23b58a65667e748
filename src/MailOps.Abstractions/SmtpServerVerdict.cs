namespace MailOps;

/// <summary>How a test of a server, or one step of it, came out.</summary>
public enum SmtpServerVerdict
{
    /// <summary>All is well.</summary>
    Success,
    /// <summary>It works, but something should be mended.</summary>
    Warning,
    /// <summary>It does not work, or not safely.</summary>
    Failure,
}
