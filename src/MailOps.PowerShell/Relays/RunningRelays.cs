#if NET
using System.Collections.Concurrent;
using System.Management.Automation;

namespace MailOps.PowerShell.Relays;

/// <summary>The relays of this process, by name: they outlive the cmdlet that started them, and every runspace sees them.</summary>
internal static class RunningRelays
{
    private static readonly ConcurrentDictionary<string, IRelay> All = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes a name for a relay about to start; false where one of that name runs.</summary>
    public static bool Add(IRelay relay) => All.TryAdd(relay.Name, relay);

    /// <summary>Whether one of that name runs.</summary>
    public static bool Contains(string name) => All.ContainsKey(name);

    /// <summary>Forgets a relay that has stopped.</summary>
    public static void Remove(IRelay relay) => All.TryRemove(new KeyValuePair<string, IRelay>(relay.Name, relay));

    /// <summary>The relays whose names match; an error where a name without wildcards matches none.</summary>
    /// <param name="names">Names or wildcard patterns; null or empty for all.</param>
    /// <param name="missing">What to do about a name that matches none.</param>
    /// <param name="none">What to do where all are asked and none runs: silence would look like success, or like an empty queue. Null where it is neither.</param>
    public static List<IRelay> Find(string[]? names, Action<MailOpsException, string> missing, Action<MailOpsException>? none = null)
    {
        var found = new List<IRelay>();
        if (names is null or [])
        {
            found.AddRange(All.Values.OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase));
            if (found.Count == 0) none?.Invoke(NoneRuns());
            return found;
        }
        foreach (var name in names)
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
            var matching = All.Values.Where(r => pattern.IsMatch(r.Name)).OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase).ToList();
            if (matching.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name)) missing(NotFound(name), name);
            found.AddRange(matching.Except(found));
        }
        return found;
    }

    private static MailOpsException NoneRuns() => new(
        ErrorCode.RelayNotFound,
        "No relay runs in this session.",
        "Start one with Start-SmtpRelay. One that runs in another process is administered in that process.");

    private static MailOpsException NotFound(string name) => new(
        ErrorCode.RelayNotFound,
        $"No relay named '{name}' runs in this session.",
        All.IsEmpty ? "Start one with Start-SmtpRelay." : $"Running: {string.Join(", ", All.Keys.Order(StringComparer.OrdinalIgnoreCase))}.");
}
#endif
