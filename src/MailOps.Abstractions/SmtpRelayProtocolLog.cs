namespace MailOps;

/// <summary>Sessions that a relay writes down: what each side said, less secrets and content.</summary>
public sealed class SmtpRelayProtocolLog
{
    /// <summary>Relay, listener and clients: <c>default\*</c> for all sessions, <c>default\127.0.0.1:2525</c>, <c>default\192.0.2.0/24</c>, <c>default\127.0.0.1:2525 192.0.2.7</c>.</summary>
    public required string Identity { get; init; }
    /// <summary>The listener's address and port; null for all.</summary>
    public string? Listener { get; init; }
    /// <summary>The clients' address or network; null for all.</summary>
    public string? RemoteIPAddress { get; init; }
    /// <summary>Since when.</summary>
    public DateTimeOffset StartTime { get; init; }
    /// <summary>When it ends by itself; null where it ends with the relay.</summary>
    public DateTimeOffset? ExpirationTime { get; init; }
    /// <summary>The folder of the files.</summary>
    public required string Path { get; init; }
    /// <summary>Lines the relay has written since it started, for whatever they were asked.</summary>
    public long LineCount { get; init; }
    /// <summary>Lines that are missing since then: they came faster than the disk took them, or it took none. The log says where.</summary>
    public long DroppedLineCount { get; init; }
}
