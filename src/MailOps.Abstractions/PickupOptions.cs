namespace MailOps;

/// <summary>A folder whose files (<c>.eml</c>) are sent, as the pickup folder of IIS SMTP and Exchange. Whoever can write there can send as anyone to anyone.</summary>
public sealed record PickupOptions
{
    /// <summary>The folder; made if absent, for the relay's user alone.</summary>
    public required string Path { get; init; }
    /// <summary>How often the folder is looked at, and how long a file must have been left alone before it is taken. Default: 1 second; from 50 milliseconds to an hour.</summary>
    public TimeSpan ScanInterval { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>How long a file waits that was refused for now (4yz: no space, a route that says later). Default: 1 minute; from 50 milliseconds to a day.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMinutes(1);
}
