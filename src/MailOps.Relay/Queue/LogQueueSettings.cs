using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>What only tests change.</summary>
internal sealed record LogQueueSettings
{
    /// <summary>A segment is left when it would grow beyond: 64 MiB are read in a moment, and a thousand of them are a lot of mail.</summary>
    public long SegmentSize { get; init; } = 64 << 20;

    /// <summary>Content in memory above this goes to a file of its own instead of into the log, so that copying forward stays cheap: 4 MiB.</summary>
    public int LargeContent { get; init; } = 4 << 20;

    /// <summary>Content up to this may stay in memory until its first attempt: all that was received in memory, 256 KiB.</summary>
    public int RecentContent { get; init; } = ContentWriter.DefaultMemoryLimit;

    /// <summary>The memory all of those may take (<see cref="RecentMemory"/>): 8 MiB, which is more than is under way at a time; what waits longer is read back.</summary>
    public long RecentBytes { get; init; } = 8 << 20;

    /// <summary>The zeros a segment gets ahead of what is written to it, so that most flushes find the file as long as it was: 256 KiB.</summary>
    public int Room { get; init; } = 256 << 10;

    /// <summary>How often a failed write of something that must be written is tried again.</summary>
    public TimeSpan WriteRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer about free space is believed.</summary>
    public TimeSpan FreeSpaceAge { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>When a message that could not be read is tried again.</summary>
    public TimeSpan UnreadableRetry { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether who brings or settles mail goes on at the writer's thread (see <see cref="LogWriter"/>). Not in tests that hold the writer still, for they would
    /// wait at its thread for itself.
    /// </summary>
    public bool AnswersOnWriter { get; init; } = true;
}
