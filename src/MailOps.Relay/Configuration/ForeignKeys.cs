using MailOps.Filtering;

namespace MailOps.Relay.Configuration;

/// <summary>The keys that an unknown one most likely meant: what other servers call it, or the nearest by its letters.</summary>
internal static class ForeignKeys
{
    // As Postfix, Exchange, Dovecot and people call it. Only what the object knows is ever named.
    private static readonly Dictionary<string, string[]> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["maildir"] = ["mailboxPath"],
        ["mailDirectory"] = ["mailboxPath"],
        ["maildirPath"] = ["mailboxPath"],
        ["mailFolder"] = ["mailboxPath"],
        ["virtualMailboxBase"] = ["mailboxPath"],
        ["folder"] = ["mailboxPath", "dropPath", "path"],
        ["directory"] = ["mailboxPath", "dropPath", "path"],
        ["recipients"] = ["mailboxes"],
        ["localRecipients"] = ["mailboxes"],
        ["socket"] = ["lmtp", "host"],
        ["relayHost"] = ["host"],
        ["smartHost"] = ["host"],
        ["server"] = ["host"],
        ["servers"] = ["hosts"],
        ["nextHop"] = ["host"],
        ["type"] = ["kind"],
        ["transport"] = ["kind"],
        ["myHostname"] = ["hostName"],
        ["fqdn"] = ["hostName"],
        ["mynetworks"] = ["relayNetworks"],
        ["allowNetwork"] = ["relayNetworks"],
        ["myDestination"] = ["localDomains"],
        ["queueDirectory"] = ["queuePath"],
        ["spool"] = ["queuePath"],
        ["listen"] = ["listeners", "endpoint"],
        ["listenOn"] = ["listeners", "endpoint"],
        ["bind"] = ["endpoint"],
        ["address"] = ["endpoint"],
    };

    /// <summary>The end of a sentence, as <see cref="NearestName.Hint"/> has it; empty where none is near.</summary>
    public static string Hint(string name, IReadOnlyList<string> known) =>
        Meant(name, known) is { Count: > 0 } meant ? $"; the known one is {string.Join(" or ", meant.Select(one => $"'{one}'"))}" : NearestName.Hint(name, known);

    /// <summary>Those that it may have meant.</summary>
    public static IReadOnlyList<string> Near(string name, IReadOnlyList<string> known) =>
        Meant(name, known) is { Count: > 0 } meant ? meant : [.. known.Where(one => NearestName.Hint(name, known).Contains($"'{one}'", StringComparison.Ordinal))];

    private static List<string> Meant(string name, IReadOnlyList<string> known) => Names.TryGetValue(name, out var names) ? [.. names.Where(known.Contains)] : [];
}
