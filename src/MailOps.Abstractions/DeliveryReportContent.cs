namespace MailOps;

/// <summary>How much of a message a report of failure brings back (RFC 3461 section 4.3).</summary>
public enum DeliveryReportContent
{
    /// <summary>As much as the server thinks fit.</summary>
    Unspecified,
    /// <summary>All of it.</summary>
    Full,
    /// <summary>Its headers.</summary>
    Headers,
}
