namespace MailOps;

/// <summary>What a published record is worth.</summary>
public enum RecordVerdict
{
    /// <summary>It says what it should, and receivers understand it.</summary>
    Valid,
    /// <summary>Receivers understand it, but something about it should be changed.</summary>
    Warning,
    /// <summary>Receivers do not understand it, or it does harm.</summary>
    Invalid,
    /// <summary>Nothing is published.</summary>
    Missing,
}
