namespace MailOps.Relay.Queue;

/// <summary>
/// One string for replies that say the same: a destination that is down says the same of each message that waits for it, and a million copies of that would take more
/// memory than all else that is known of them.
/// </summary>
internal static class SharedReply
{
    private const int Slots = 1024;
    private const int Longest = 512;   // what strangers can make this hold stays below a megabyte

    // A slot for each hash; two replies that meet in one take turns, which costs memory and nothing else. So does a race.
    private static readonly string?[] Known = new string?[Slots];

    public static string? Of(string? reply)
    {
        if (reply is null || reply.Length > Longest) return reply;
        var slot = (int)((uint)reply.GetHashCode(StringComparison.Ordinal) % Slots);
        if (Known[slot] is { } known && known == reply) return known;
        return Known[slot] = reply;
    }
}
