namespace MailOps.Domains;

/// <summary>Block lists of addresses in the DNS that are asked by default: known, alive, and free for a few questions.</summary>
public static class BlockLists
{
    /// <summary>Their zones.</summary>
    public static IReadOnlyList<string> Usual { get; } = ["zen.spamhaus.org", "bl.spamcop.net", "psbl.surriel.com"];

    private static readonly Dictionary<(string Zone, string Code), string> Meanings = new()
    {
        [("zen.spamhaus.org", "127.0.0.2")] = "SBL: a source of spam",
        [("zen.spamhaus.org", "127.0.0.3")] = "CSS: a source of spam, found by machine",
        [("zen.spamhaus.org", "127.0.0.4")] = "XBL: a machine that others have taken over",
        [("zen.spamhaus.org", "127.0.0.9")] = "DROP: a network of criminals",
        [("zen.spamhaus.org", "127.0.0.10")] = Policy,
        [("zen.spamhaus.org", "127.0.0.11")] = Policy,
        [("zen.spamhaus.org", "127.0.0.30")] = "BCL: it controls machines that others have taken over",
        [("bl.spamcop.net", "127.0.0.2")] = "reported by those who got spam from it",
        [("psbl.surriel.com", "127.0.0.2")] = "it sent mail to spam traps",
    };

    private const string Policy = "PBL: by its owner's rules no mail comes from it directly";

    /// <summary>What an answer means; null where that is not known.</summary>
    internal static string? MeaningOf(string zone, string code) => Meanings.TryGetValue((zone, code), out var meaning) ? meaning : null;

    /// <summary>Whether an answer says only that the address should not send itself, which a server that only receives need not care about.</summary>
    internal static bool IsPolicy(string zone, string code) => MeaningOf(zone, code) == Policy;
}
