namespace MailOps;

/// <summary>One file with the settings of a mailbox, as it was written.</summary>
public sealed class MailClientProfileFile
{
    /// <summary>The file, with its whole path.</summary>
    public required string Path { get; init; }
    /// <summary>Its form.</summary>
    public MailClientFormat Format { get; init; }
    /// <summary>The address it is for; null where it is for all users.</summary>
    public string? EmailAddress { get; init; }
    /// <summary>What clients cannot do with it, and what is doubtful about the settings, each with the alternative.</summary>
    public string[] Warnings { get; init; } = [];

    /// <summary>The path.</summary>
    public override string ToString() => Path;
}
