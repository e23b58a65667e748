namespace MailOps;

/// <summary>How much a finding matters.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing; nothing need be done.</summary>
    Information,
    /// <summary>It works, but not as it should, or not for long.</summary>
    Warning,
    /// <summary>It does not work, or does harm.</summary>
    Error,
}
